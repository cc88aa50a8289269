"""What is counted may not change unless its definition's version does: live counts would be of two minds.

After raising a version on purpose: `python -m tests.unit.aggregator.test_golden` writes the file anew.
"""

import hashlib
import json
import random
from pathlib import Path

import msgspec

from services.aggregator.domain.facts import Subject, unknown
from services.aggregator.domain.measures import MEASURES, Measure
from shared.contracts.catalogue import BY_KIND
from shared.contracts.credentials import CatalogueStep, ProgramCatalogue, Verification
from shared.contracts.envelope import Event, Fact
from shared.contracts.family_touchpoints import PlanStep, TouchpointPlan
from shared.contracts.roster import Enrolment, Program, Student
from tests.aggregating import District
from tests.history_days import DAYS, PROGRAMS
from tests.unit.aggregator import families
from tests.unit.aggregator.students import awarded, day, lines, sat
from tests.unit.aggregator.students import enrolled as enrolled_in

GOLDEN = Path(__file__).with_name("golden.json")
FILLED_IN = {"program": "welding", "at": "north", "program_named": False}
OFFERED = Program(program_id="p", title="Made up", cip_code="00.0000", cluster="making", active_from=day("2024-02-01"))
STATUSES = ("proposed", "approved", "revised", "retired")


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


def credentialed() -> list[Subject]:
    """Awards celebrated, looked up and renewed, and programs with their lists: the same in every run."""
    draw, found = random.Random(2026), []
    for number in range(120):
        seen = (Verification(level="issuer_feed", verified_on=day(draw.choice(DAYS)), outcome="confirmed"),)
        told = draw.choice((None, *DAYS))
        facts = [
            Student(student_id="s", directory_opt_out=draw.random() < 0.2),
            awarded(
                draw.choice(DAYS),
                program=draw.choice(PROGRAMS),
                at="north",
                seen=draw.choice(((), seen)),
                celebrated_on=day(told) if told else None,
                renews=draw.choice((None, None, "a0")),
            ),
        ]
        found.append(with_facts(f"student/s{number}", facts))
    for number in range(20):
        steps = [CatalogueStep(status=draw.choice(STATUSES), on=day(draw.choice(DAYS))) for _ in range(3)]
        program = Program(
            program_id="p", title="Made up", cip_code="00.0000", cluster="making", active_from=day("2024-02-01"),
            active_to=draw.choice((None, day("2026-01-31"))),
        )  # fmt: skip
        found.append(with_facts(f"program/p{number}", [program, ProgramCatalogue(program_id="p", steps=tuple(steps))]))
    return found


def examined() -> list[Subject]:
    """Sittings and attempts, several of them on one day, of enrolled students who may concentrate: the same always."""
    draw, found = random.Random(2026), []
    days = sorted(one for one in DAYS if one >= "2024-09-01")
    for number in range(120):
        first, ended = draw.choice(days), draw.choice((None, *days))
        held = {"program": draw.choice(PROGRAMS), "at": draw.choice(("north", "valley"))}
        kind = "central_campus" if held["at"] == "north" else "satellite_campus"
        facts: list[Fact] = [enrolled_in("2024-08-01", ended, kind=kind, concentrator=draw.choice(days), **held)]
        for _ in range(3):
            share = draw.choice(("2/5", "3/5", "4/5"))
            phase = draw.choice(({}, {"phase": "pre", "share": share}, {"phase": "post", "share": share}))
            more = {**phase, "attempt": draw.choice((1, 2)), "program": held["program"]}
            facts.append(sat(draw.choice((first, *days)), passed=draw.random() < 0.5, **more))
        facts += [awarded(first, result=result, **FILLED_IN) for result in ("failed", "passed")]
        found.append(with_facts(f"student/x{number}", facts))
    return found


def engaged() -> list[Subject]:
    """Families that were touched, came to workshops, answered surveys or are excused: the same in every run."""
    draw, found = random.Random(2026), []
    days = [one for one in DAYS if one >= "2024-09-01"]

    def touch() -> Fact:
        return families.touched(
            draw.choice(days), draw.choice(("reached", "reached", "delivered", "no_answer")), term=draw.choice((1, 2)),
            program=draw.choice((None, *PROGRAMS)), guardians=draw.choice((("g1",), ())), with_student=True,
            prefers=draw.choice((None, "spa")), interpreter=draw.choice(("none", "contracted")),
            purpose=draw.choice(("progress", "transition")), occasion=draw.choice("abcdef"),
        )  # fmt: skip

    def attendance() -> Fact:
        districts = draw.choice((("lake",), ("lake", "hill")))
        on, careers = draw.choice(days), draw.random() < 0.7
        return families.present(on, of=draw.choice(("w1", "w2")), careers=careers, districts=districts)

    for number in range(120):
        lying = families.lying("2024-08-05", draw.choice((None, "2026-05-22")), program=draw.choice(PROGRAMS), id="e1")
        excused = families.excused("e1", excused=draw.random() < 0.2)
        facts = [lying, excused, *(touch() for _ in range(4)), attendance()]
        facts += [families.tied((None, "eng", "spa")[number % 3])] if number % 4 else []
        found.append(with_facts(f"student/f{number}", facts))
        answers = [families.answered(draw.choice(days), own=draw.random() < 0.7, version=draw.choice((1, 2)))]
        found.append(with_facts(f"guardian/f{number}", [attendance(), attendance(), *answers]))
    for number in range(20):
        status, level = draw.choice(("held", "planned")), draw.choice(("high", "middle"))
        held = families.workshop(draw.choice(days), status=status, level=level, unnamed=draw.choice((0, 9)))
        found.append(with_facts(f"workshop/f{number}", [held]))
        tally = families.tallied(draw.randrange(9), 2, on=draw.choice(days))
        found.append(with_facts(f"survey/f{number}", [families.survey(draw.choice(days)), tally]))
        steps = [PlanStep(status=draw.choice(STATUSES[:2]), on=day(draw.choice(DAYS))) for _ in range(2)]
        found.append(with_facts(f"program/f{number}", [OFFERED, TouchpointPlan(program_id="p", steps=tuple(steps))]))
    return found


def with_facts(subject_id: str, facts: list[Fact]) -> Subject:
    subject = unknown(subject_id)
    for fact in facts:
        number = len(subject.of(type(fact)))
        record = f"{fact.kind}/r{number or ''}"
        subject = subject.learn(fact.kind, Event(record_id=record, version=1, state=fact))
    return subject


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
    district, more = subjects(), {"G1.": credentialed(), "W2.": examined(), "W3.": examined(), "W1.attempt": examined()}
    more["W1.pass"] = more["W1.attempt"]
    more |= dict.fromkeys(("G7.", "G10.", "E4.", "S2."), engaged())
    return {
        f"{measure.key}|{measure.version}": contributed(
            measure, [*district, *(one for key in more if measure.key.startswith(key) for one in more[key])]
        )
        for measure in MEASURES
    }


def test_each_definition_contributes_what_it_did_when_it_got_its_version():
    golden = json.loads(GOLDEN.read_text(encoding="utf-8"))

    changed = {key for key, found in now().items() if golden.get(key) != found}
    assert not changed, (
        f"{sorted(changed)} contribute otherwise than recorded: raise their version (or record a new one)"
    )


if __name__ == "__main__":
    GOLDEN.write_text(json.dumps(now(), indent=2) + "\n", encoding="utf-8")
