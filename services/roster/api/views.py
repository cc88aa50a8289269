"""The API's document shows each kind of record by these models."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from pydantic import BaseModel, Field, create_model

from services.roster.identity.people import identifiers
from services.roster.kinds.described import Kind
from services.roster.kinds.organisation import ORGANISATION
from services.roster.kinds.student import STUDENT
from services.roster.kinds.table import KINDS
from services.roster.kinds.terms import TERMS
from services.roster.values import KnownStudent, TermOfYear
from shared.web.views import Past
from shared.words.fields import Body, Reason, example

BEGUN_ON = "`started_on`, else the begin of the student's earliest enrolment in the program, as it is known now"


def _view(kind: Kind) -> type[BaseModel]:
    config: Any = kind.body.model_config
    example = dict(config["json_schema_extra"]["examples"][0])
    more: dict[str, Any] = {"identifiers": (list[str], ...)} if kind is STUDENT else {}
    if more:
        example["identifiers"] = identifiers(example)
    if kind is ORGANISATION:
        more = {TERMS: (list[TermOfYear], Field(default=[], description="of all years, in the order of their days"))}
    if kind.name == "completion":
        more = {"begun_on": (date | None, Field(default=None, description=BEGUN_ON)), "problem": (str | None, None)}
        example |= {"begun_on": "2023-08-07", "problem": None}
    example |= {"id": f"{kind.name}-1", "version": 1, "void": False, "updated_at": "2025-05-22T18:00:00Z"}
    shown_as: type[BaseModel] = create_model(
        f"{kind.body.__name__}Record",
        __base__=KnownStudent if kind is STUDENT else kind.body,
        __doc__=f"{kind.body.__doc__} As it is kept.",
        id=(str, ...),
        version=(int, ...),
        void=(bool, ...),
        updated_at=(datetime, ...),
        history=(list[Past] | None, Field(default=None, description="with ?history=true")),
        **more,
    )
    shown_as.model_config["json_schema_extra"] = {"examples": [example]}
    return shown_as


def _page(kind: Kind) -> type[BaseModel]:
    view: Any = VIEWS[kind.name]
    return create_model(f"{kind.body.__name__}Page", items=(list[view], ...), next=(str | None, ...))


VIEWS: Mapping[str, type[BaseModel]] = {kind.name: _view(kind) for kind in KINDS.values()}
PAGES: Mapping[str, type[BaseModel]] = {kind.name: _page(kind) for kind in KINDS.values()}


class Void(Body):
    """Why a record is taken out."""

    model_config = example(reason="entered for the wrong student")

    reason: Reason
