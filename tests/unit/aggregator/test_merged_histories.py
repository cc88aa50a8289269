"""Two persons made one and two again, at any time and in any order of arrival: counted as what they are, exactly."""

from dataclasses import replace

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from services.aggregator.counting.aggregate import aggregate
from services.aggregator.counting.reading import read
from tests.examples import examples
from tests.fakes import MemoryStore
from tests.histories import PARTITION, PEOPLE, Said, histories, log_of, people_of
from tests.history_days import AS_OF
from tests.oracle import final, tally
from tests.unit.aggregator.test_exactly_once import counted, in_topic_order

SURVIVOR, OTHER = PEOPLE[0], PEOPLE[1]
OWN = people_of(PARTITION, 4)[3]  # whom a source id becomes that is taken from another
LATER = 100_000
SOME = settings(max_examples=examples(60), deadline=None, suppress_health_check=[HealthCheck.too_slow])


def standing(told):
    """Each record's last word to the person who is merged."""
    last: dict[str, Said] = {}
    for said in told:
        if said.subject == f"student/{OTHER}" and last.get(said.record, said).version <= said.version:
            last[said.record] = said
    return [said for said in last.values() if said.state is not None]


def under(said, person, version):
    """The record as it is published under this person: what it says, and for groups and homes whose record it is."""
    more = {"logged_as": OTHER if person == SURVIVOR else None} if said.kind in ("student", "demographics") else {}
    return replace(
        said, subject=f"student/{person}", version=version, state={**said.state, "student_id": person, **more}
    )


def moved(told, *, into, away, by):
    """Every record of the merged person again, to one subject, and withdrawn from the other."""
    found = []
    for said in standing(told):
        version = said.version + by
        found += [under(said, into, version), Said(f"student/{away}", said.record, version, None)]
    return found


def expected(told, as_of):
    return tally(final((said.subject, said.record, said.version, said.state) for said in told), as_of)


async def live(told, data):
    """What is counted when the log is cut into any batches and some of it comes again."""
    store, records, done = MemoryStore(), in_topic_order(log_of(told).records), 0
    while done < len(records):
        end = data.draw(st.integers(done + 1, len(records)))
        await aggregate(PARTITION, records[data.draw(st.integers(0, done)) : end], store, read)
        done = end
    return store.kept


@SOME
@given(histories(), st.data())
async def test_a_merge_is_counted_as_one_person_whatever_order_it_arrives_in(told, data):
    merged = moved(told, into=SURVIVOR, away=OTHER, by=LATER)
    told = data.draw(st.permutations([*told, *merged]))

    kept = await live(told, data)

    for as_of in (AS_OF[5], AS_OF[9], AS_OF[-1]):
        assert counted(kept, as_of) == expected(told, as_of)


@SOME
@given(histories(), st.data())
async def test_an_unmerge_gives_back_exactly_what_was(told, data):
    merged = moved(told, into=SURVIVOR, away=OTHER, by=LATER)
    apart = moved(told, into=OTHER, away=SURVIVOR, by=2 * LATER)
    # Withdrawn from whom it came; what was another person's before stays as it was.
    everything = data.draw(st.permutations([*told, *merged, *apart]))

    kept = await live(everything, data)

    for as_of in (AS_OF[5], AS_OF[9], AS_OF[-1]):
        assert counted(kept, as_of) == expected(told, as_of)


def separated(told, names):
    """The records that went with a source id, told to a person of its own; groups of a year become another record."""
    found = []
    for said in standing(told):
        if said.kind == "student" or said.record not in names:
            continue
        version, state = said.version + LATER, {**said.state, "student_id": OWN}
        groups = said.kind == "demographics"
        record = f"demographics/{OWN}-{said.state['school_year']}" if groups else said.record
        found.append(Said(f"student/{OWN}", record, 1 if groups else version, state))
        found.append(Said(f"student/{OTHER}", said.record, version, None))
    return found


def merged_back(gone):
    """The same records under whom they came from, once the two are merged."""
    back = []
    for said in gone:
        if said.state is not None:
            more = {"logged_as": OWN} if said.kind == "demographics" else {}
            version, state = said.version + LATER, {**said.state, "student_id": OTHER, **more}
            back.append(replace(said, subject=f"student/{OTHER}", version=version, state=state))
            back.append(replace(said, version=version, state=None))
    return back


@SOME
@given(histories(), st.data())
async def test_a_separation_and_a_merge_after_it_are_counted_as_a_recount_counts_them(told, data):
    """Some of a person's records become another's, and once more the first one's, in any order of arrival."""
    names = data.draw(st.sets(st.sampled_from(sorted({said.record for said in told}))))
    gone = separated(told, names)
    back = merged_back(gone) if data.draw(st.booleans()) else []
    everything = data.draw(st.permutations([*told, *gone, *back]))

    kept = await live(everything, data)

    for as_of in (AS_OF[5], AS_OF[9], AS_OF[-1]):
        assert counted(kept, as_of) == expected(everything, as_of)


@SOME
@given(histories(), st.data())
async def test_a_merge_after_a_separation_counts_exactly_what_was_before(told, data):
    gone = separated(told, {said.record for said in told})
    everything = data.draw(st.permutations([*told, *gone, *merged_back(gone)]))

    kept = await live(everything, data)

    for as_of in (AS_OF[5], AS_OF[9], AS_OF[-1]):
        assert counted(kept, as_of) == expected(told, as_of)


def award(number, **more):
    state = {
        "award_id": f"r{number}",
        "student_id": SURVIVOR,
        "credential_code": "C1",
        "credential_type": "license",
        "result": "passed",
        "school_year": "2024-25",
        "program_id": "welding",
        "organisation_id": "north",
        "awarded_on": "2025-05-20",
        **more,
    }
    return Said(f"student/{SURVIVOR}", f"award/r{number}", 1, state)


def groups(record, sex, logged_as=None):
    state = {"student_id": SURVIVOR, "school_year": "2024-25", "sex": sex, "logged_as": logged_as}
    return Said(f"student/{SURVIVOR}", record, 1, state)


async def test_one_credential_on_one_day_counts_once_and_the_one_that_stands():
    told = [award(1, revoked_on="2025-06-01"), award(2), award(3), award(4, awarded_on="2025-05-21")]
    await aggregate(PARTITION, in_topic_order(log_of(told).records), store := MemoryStore(), read)

    assert counted(store.kept, AS_OF[-1])["awards", "all", "2024-25", "all", "all"] == (2, 0)
    assert counted(store.kept, AS_OF[-1])["attempts", "all", "2024-25", "all", "all"] == (2, 2)


async def test_of_two_words_about_one_year_the_survivors_own_holds():
    told = [
        award(1),
        groups("demographics/z-2024-25", "male", logged_as="z"),
        groups("demographics/a-2024-25", "female"),
    ]
    await aggregate(PARTITION, in_topic_order(log_of(told).records), store := MemoryStore(), read)

    assert ("awards", "all", "2024-25", "sex", "female") in counted(store.kept, AS_OF[-1])
    assert ("awards", "all", "2024-25", "sex", "male") not in counted(store.kept, AS_OF[-1])


def home(record, district, logged_as=None):
    years = [{"school_year": "2024-25", "district_id": district}]
    return Said(f"student/{SURVIVOR}", record, 1, {"student_id": SURVIVOR, "years": years, "logged_as": logged_as})


async def test_of_two_homes_in_one_year_the_survivors_own_holds():
    told = [award(1), home("student/a", "theirs", logged_as="a"), home(f"student/{SURVIVOR}", "own")]
    await aggregate(PARTITION, in_topic_order(log_of(told).records), store := MemoryStore(), read)

    assert ("awards", "all", "2024-25", "district", "own") in counted(store.kept, AS_OF[-1])
