"""Program and organisation facts say what the values of a dimension are called, and what the calendar is."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from babel import Locale
from babel.core import get_global

from services.aggregator.domain.facts import Subject
from shared.contracts.roster import Organisation, Program
from shared.school_year import DEFAULT_START, day_zero, last_day, parse_start
from shared.words.said import Said, said

DIMENSIONS: Mapping[str, Said] = {
    "all": said("Everyone"),
    "program": said("Program"),
    "campus": said("Campus"),
    "program_campus": said("Program and campus"),
    "district": said("Home district"),
    "grade_level": said("Grade level"),
    "sex": said("Sex"),
    "race_ethnicity": said("Race and ethnicity"),
    "low_income": said("Low income"),
    "rural": said("Rural"),
    "disability": said("Disability"),
    "english_learner": said("English learner"),
    "tier": said("Tier"),
    "credential_type": said("Type of credential"),
    "verification_level": said("Level of verification"),
    "cluster": said("Career cluster"),
    "method": said("How"),
    "language": said("Language"),
    "family_language": said("Family's language"),
    "direction": said("From whom"),
    "purpose": said("About what"),
    "kind": said("Kind"),
    "delivery": said("In person or not"),
    "days": said("Days"),
    "program_days": said("Program and days"),
    "campus_days": said("Campus and days"),
    "district_days": said("Home district and days"),
}
# The values of a dimension that is nobody's name, as they stand in records.
VALUES: Mapping[str, Said] = {
    "all": said("Everyone"),
    "not_reported": said("Not reported"),
    "not_aligned": said("Not aligned"),
    "yes": said("Yes"),
    "no": said("No"),
    "female": said("Female"),
    "male": said("Male"),
    "other": said("Other"),
    "hispanic_latino": said("Hispanic latino"),
    "american_indian_alaska_native": said("American indian alaska native"),
    "asian": said("Asian"),
    "black_african_american": said("Black african american"),
    "native_hawaiian_pacific_islander": said("Native hawaiian pacific islander"),
    "white": said("White"),
    "two_or_more": said("Two or more"),
    "required": said("Required"),
    "preferred": said("Preferred"),
    "relevant": said("Relevant"),
    "self_reported": said("Self reported"),
    "document_seen": said("Document seen"),
    "issuer_lookup": said("Issuer lookup"),
    "issuer_feed": said("Issuer feed"),
    "cryptographic": said("Cryptographic"),
    "InPerson": said("In person"),
    "HomeVisit": said("Home visit"),
    "VideoCall": said("Video call"),
    "BulletinBoard": said("Bulletin board"),
    "to_family": said("To the family"),
    "from_family": said("From the family"),
    "eng": said("English"),
    "spa": said("Spanish"),
    "several": said("Several"),
}
LANGUAGES = ("language", "family_language")
CAMPUSES = ("central_campus", "satellite_campus")
DEFAULT_ZONE = "America/Phoenix"


@dataclass(frozen=True, slots=True)
class Calendar:
    """When a school year begins and which day it is there, as the `cted` organisation says."""

    zone: str = DEFAULT_ZONE
    starts: tuple[int, int] = DEFAULT_START

    def today(self, now: datetime) -> date:
        """The date of an instant where the district is; UTC's when its zone is not one we know."""
        try:
            return now.astimezone(ZoneInfo(self.zone)).date()
        except (ZoneInfoNotFoundError, ValueError):
            return now.date()


def language(code: str) -> str:
    """The English name of a language by its ISO 639-3 code; of one that has none, the code."""
    short = get_global("language_aliases").get(code, code)
    return str(Locale("en").languages.get(short, code))


@dataclass(frozen=True, slots=True)
class Names:
    """Programs and organisations as last heard of."""

    programs: Mapping[str, Program] = field(default_factory=dict)
    organisations: Mapping[str, Organisation] = field(default_factory=dict)

    def label(self, dimension: str, value: str) -> str:
        """What one value of a dimension is called; its code when nobody has named it."""
        if dimension == "program_campus":
            program, _, campus = value.partition("|")
            return f"{self.label('program', program)}, {self.label('campus', campus)}"
        if dimension == "program" and value in self.programs:
            return self.programs[value].title
        if dimension in ("campus", "district") and value in self.organisations:
            return self.organisations[value].name
        if dimension == "grade_level" and value.isdigit():
            return said("Grade %(number)s", number=int(value))
        if dimension in LANGUAGES and value not in VALUES:
            return language(value)
        if dimension == "cluster" or (dimension == "grade_level" and value not in VALUES):
            return value  # KG, PS: a code that schools know
        return VALUES["all"] if dimension == "all" else VALUES.get(value, value.replace("_", " ").capitalize())

    def campuses(self) -> list[tuple[str, str]]:
        """Every campus, by name: (id, name), the central ones first."""
        found = [one for one in self.organisations.values() if one.type in CAMPUSES]
        found.sort(key=lambda one: (CAMPUSES.index(one.type), one.name))
        return [(one.organisation_id, one.name) for one in found]

    def districts(self) -> list[tuple[str, str]]:
        """Every member district, by name: (id, name)."""
        found = [one for one in self.organisations.values() if one.type == "district"]
        return sorted(((one.organisation_id, one.name) for one in found), key=lambda one: one[1])

    def active_programs(self, school_year: str, starts: tuple[int, int]) -> list[str]:
        """The programs that were offered on some day of a school year."""
        first, last = day_zero(school_year).replace(month=starts[0], day=starts[1]), last_day(school_year, starts)
        return [
            key
            for key, program in self.programs.items()
            if program.active_from <= last and (program.active_to is None or program.active_to >= first)
        ]

    def calendar(self) -> Calendar:
        """The `cted` organisation's, else the default one."""
        for one in self.organisations.values():
            if one.type == "cted":
                starts = parse_start(one.school_year_starts) if one.school_year_starts else DEFAULT_START
                return Calendar(one.time_zone or DEFAULT_ZONE, starts)
        return Calendar()


def names_of(subjects: Iterable[Subject]) -> Names:
    """The names that the facts of program and organisation subjects give."""
    programs: dict[str, Program] = {}
    organisations: dict[str, Organisation] = {}
    for subject in subjects:
        programs.update((program.program_id, program) for _, program in subject.of(Program))
        organisations.update((one.organisation_id, one) for _, one in subject.of(Organisation))
    return Names(programs, organisations)
