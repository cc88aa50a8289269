"""What is counted may not change unless its definition's version does: live counts would be of two minds.

After raising a version on purpose: `python -m tests.unit.aggregator.test_golden` writes the file anew.
"""

import hashlib
import json
from pathlib import Path

import msgspec

from services.aggregator.domain.counts import lines
from services.aggregator.domain.facts import Subject, unknown
from services.aggregator.domain.measures import MEASURES, Measure
from shared.contracts.catalogue import BY_KIND
from shared.contracts.envelope import Event
from shared.contracts.roster import Enrolment
from tests.aggregating import District
from tests.unit.aggregator.students import day

GOLDEN = Path(__file__).with_name("golden.json")


def subjects() -> list[Subject]:
    """A made-up district's students, the same in every run, with an enrolment each."""
    found: dict[str, Subject] = {}
    for number, said in enumerate(District(seed=2026, students=80).goes_on(1500)):
        subject = found.get(said.subject, unknown(said.subject))
        state = None if said.state is None else msgspec.convert(said.state, BY_KIND[said.kind])
        event = Event(record_id=said.record, version=said.version, state=state)
        found[said.subject] = subject.learn(said.kind, event)
        if number < 80:
            found[said.subject] = found[said.subject].learn("enrolment", enrolled(number))
    return [found[key] for key in sorted(found)]


def enrolled(number: int) -> Event:
    enrolment = Enrolment(
        enrolment_id="e", student_id="s", program_id="welding", organisation_id="south",
        organisation_type="central_campus", begin=day("2024-08-01"), end=day("2025-06-01"),
    )  # fmt: skip
    return Event(record_id=f"enrolment/{number}", version=1, state=enrolment)


def contributed(measure: Measure, district: list[Subject]) -> dict[str, object]:
    """How much, and a digest of exactly what, one measure makes of the district."""
    told = [
        [subject.id, line.series, line.school_year, *line.where, line.side, str(line.day), n]
        for subject in district
        for line, n in sorted(lines(subject, [measure]).items(), key=lambda found: found[0][1:])
    ]
    sides = {side: sum(one[-1] for one in told if one[-3] == side and one[1] == "all") for side in ("num", "den")}
    return {**sides, "digest": hashlib.sha256(json.dumps(told).encode()).hexdigest()[:16]}


def now() -> dict[str, object]:
    district = subjects()
    return {f"{measure.key}|{measure.version}": contributed(measure, district) for measure in MEASURES}


def test_each_definition_contributes_what_it_did_when_it_got_its_version():
    golden = json.loads(GOLDEN.read_text(encoding="utf-8"))

    changed = {key for key, found in now().items() if golden.get(key) != found}
    assert not changed, (
        f"{sorted(changed)} contribute otherwise than recorded: raise their version (or record a new one)"
    )


if __name__ == "__main__":
    GOLDEN.write_text(json.dumps(now(), indent=2) + "\n", encoding="utf-8")
