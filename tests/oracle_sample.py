"""The goals, counted from the sample's own rows in plain loops that know nothing of the aggregator."""

from collections import defaultdict
from datetime import date

from deploy.sample import programs
from deploy.sample.credentials.share import files as credentials_files
from deploy.sample.district import District
from deploy.sample.places import CENTRAL
from deploy.sample.roster.share import files as roster_files

CONFIRMED = {"issuer_lookup", "issuer_feed", "cryptographic"}
STRICT = {"required", "preferred"}
Counts = dict[str, tuple[int, int]]  # by reading: how many reached it, of how many


def year_of(day: str) -> str:
    first = int(day[:4]) - (day[5:] < "07-01")
    return f"{first}-{(first + 1) % 100:02d}"


class Count:
    """W1, W2, W3 and G1 of each school year under their headlines and rival readings."""

    def __init__(self, made: District) -> None:
        self.standing = _stand(made)
        self.rows = {**roster_files(made), **credentials_files(made)}

    def of(self, year: str) -> Counts:
        return {**_w1(self, year), **_assessed(self, year), "G1.validated": _g1(self, year)}


def _stand(made: District):
    """By student, the awards that stand when everything is put right: credential, day, and whether it is confirmed."""
    found = defaultdict(list)
    for award in made.awards:
        if award.result == "passed" and award.fate not in ("revoked", "voided"):
            found[award.student.alias].append((award.code, award.day, award.level in CONFIRMED))
    return found


def _w1(count: Count, year: str) -> Counts:
    standing, tiers = count.standing, {program.id: program for program in programs.PROGRAMS}
    completed = defaultdict(list)
    for row in count.rows["completions.csv"]:
        if year_of(row["completed_on"]) == year:
            completed[row["student_id"]].append(row)

    def reached(student, rows, *, tier, confirmed=False):
        return any(
            date.fromisoformat(row["started_on"]) <= day <= a_year_after(row["completed_on"])
            and (tier is None or programs.tier_of(code, tiers[row["program_id"]]) in tier)
            and (third_party or not confirmed)
            for row in rows
            for code, day, third_party in standing[student]
        )

    def counted(central=True, **asked):
        found = {who: [row for row in rows if in_place(row, central)] for who, rows in completed.items()}
        found = {who: rows for who, rows in found.items() if rows}
        return sum(reached(who, rows, **asked) for who, rows in found.items()), len(found)

    high_value = {*STRICT, "relevant"}
    return {
        "W1.headline": counted(tier=high_value),
        "W1.strict": counted(tier=STRICT),
        "W1.verified": counted(tier=high_value, confirmed=True),
        "W1.with_satellites": counted(central=False, tier=high_value),
        "W1.any_credential": counted(tier=None),
    }


def a_year_after(day: str) -> date:
    return date.fromisoformat(f"{int(day[:4]) + 1}{day[4:]}")


def in_place(row, central: bool) -> bool:
    return row["organisation_id"] in CENTRAL or not central


def _assessed(count: Count, year: str) -> Counts:
    """W2 from what was sat, W3 from first and last; each student and program once, all in one year in the sample."""
    taught = {(row["student_id"], row["program_id"]): row for row in count.rows["enrolments.csv"]}
    sat = defaultdict(list)
    for row in count.rows["assessments.csv"]:
        sat[row["student_id"], row["program_id"], row["phase"]].append((row["taken_on"], int(row["correct"])))
    w2 = {key[:2]: sorted(found) for key, found in sat.items() if not key[2]}
    last = {key[:2]: found[0] for key, found in sat.items() if key[2] == "post"}
    first = {key[:2]: found[0] for key, found in sat.items() if key[2] == "pre"}

    def takers(central, attempts=None):
        found = [s[:attempts] for key, s in w2.items() if in_place(taught[key], central) and year_of(s[0][0]) == year]
        return sum(any(correct >= 48 for _, correct in each) for each in found), len(found)

    def pairs(central):
        found = [
            (first[key][1], correct)
            for key, (day, correct) in last.items()
            if key in first and in_place(taught[key], central) and year_of(day) == year
        ]
        return sum(correct >= 48 and correct > before for before, correct in found), len(found)

    return {
        "W2.headline": takers(central=True),
        "W2.with_satellites": takers(central=False),
        "W2.first_attempt": takers(central=True, attempts=1),
        "W3.headline": pairs(central=True),
        "W3.with_satellites": pairs(central=False),
    }


def _g1(count: Count, year: str) -> tuple[int, int]:
    earned = [one for of_student in count.standing.values() for one in of_student if year_of(str(one[1])) == year]
    return sum(confirmed for _, _, confirmed in earned), len(earned)
