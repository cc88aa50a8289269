"""The one list of our services: where each answers on a local machine, what it publishes, and whose facts it keeps."""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True, kw_only=True)
class Service:
    """One service. Its folder, database, topic, process, container and path at the gateway have its name.

    `port`: its usual one on a local machine. `kinds`: the kinds of record that it publishes, to
    the kinds of subject `subjects`. `follows`: the services that it keeps a copy of, read from
    their topics. `files`: what a CSV file of people's can be of, with the route that takes it.
    """

    name: str
    port: int
    kinds: tuple[str, ...] = ()
    subjects: tuple[str, ...] = ()
    follows: tuple[str, ...] = ()
    files: Mapping[str, str] = field(default_factory=dict)


# A producer is the authority on its records: it keeps, publishes, restates and erases them.
PRODUCERS = (
    Service(
        name="roster",
        port=8001,
        kinds=(
            "student", "demographics", "organisation", "program", "enrolment", "completion", "outcome", "guardian",
        ),
        subjects=("student", "organisation", "program"),
        files={
            "organisations": "/v1/organisations/imports",
            "programs": "/v1/programs/imports",
            "students": "/v1/students/imports",
            "demographics": "/v1/demographics/imports",
            "enrolments": "/v1/enrolments/imports",
            "completions": "/v1/completions/imports",
            "outcomes": "/v1/outcomes/imports",
            "course-programs": "/v1/course-programs/imports",
        },
    ),
    Service(
        name="credentials",
        port=8002,
        kinds=("catalogue", "approval", "award", "assessment"),
        subjects=("student", "program", "credential"),
        follows=("roster",),
        files={
            "catalogue": "/v1/catalogue/imports",
            "program-lists": "/v1/programs/catalogues/imports",
            "awards": "/v1/awards/imports",
            "assessments": "/v1/assessments/imports",
            "verifications": "/v1/awards/verification/imports",
        },
    ),
    Service(
        name="family_touchpoints",
        port=8005,
        kinds=(
            "touchpoint", "workshop", "attendance", "survey", "survey_response", "survey_tally", "touchpoint_plan",
            "contact_year",
        ),
        subjects=("student", "guardian", "workshop", "survey", "program"),
        follows=("roster",),
        files={
            "touchpoints": "/v1/touchpoints/imports",
            "attendance": "/v1/attendance/imports",
            "survey-responses": "/v1/survey-responses/imports",
            "consents": "/v1/consents/imports",
            "rules": "/v1/rules/imports",
            "sharing": "/v1/sharing/imports",
        },
    ),
)  # fmt: skip
AGGREGATOR = Service(name="aggregator", port=8003, follows=tuple(one.name for one in PRODUCERS))
INSIGHTS = Service(name="insights", port=8004)
# In the order in which they are started and shown.
SERVICES = (*PRODUCERS, AGGREGATOR, INSIGHTS)
