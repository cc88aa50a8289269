"""The one list of our services: where each answers on a local machine, what it publishes, and whose facts it keeps."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Service:
    """One service. Its folder, database, topic, process, container and path at the gateway have its name.

    `port`: its usual one on a local machine. `kinds`: the kinds of record that it publishes, to
    the kinds of subject `subjects`. `follows`: the services that it keeps a copy of, read from
    their topics.
    """

    name: str
    port: int
    kinds: tuple[str, ...] = ()
    subjects: tuple[str, ...] = ()
    follows: tuple[str, ...] = ()


# A producer is the authority on its records: it keeps, publishes, restates and erases them.
PRODUCERS = (
    Service(
        name="roster",
        port=8001,
        kinds=(
            "student", "demographics", "organisation", "program", "enrolment", "completion", "outcome", "guardian",
        ),
        subjects=("student", "organisation", "program"),
    ),
    Service(
        name="credentials",
        port=8002,
        kinds=("catalogue", "approval", "award", "assessment"),
        subjects=("student", "program", "credential"),
        follows=("roster",),
    ),
)  # fmt: skip
AGGREGATOR = Service(name="aggregator", port=8003, follows=tuple(one.name for one in PRODUCERS))
INSIGHTS = Service(name="insights", port=8000)
# In the order in which they are started and shown.
SERVICES = (*PRODUCERS, AGGREGATOR, INSIGHTS)
