"""The sample's students: visibly made up, each with a home school, groups and a program."""

from dataclasses import dataclass
from random import Random

from deploy.sample.places import DISTRICTS, schools_of
from deploy.sample.programs import NEWEST, PROGRAMS

GIVEN = (
    "Amber",
    "Basil",
    "Cobalt",
    "Denim",
    "Ember",
    "Fennel",
    "Ginger",
    "Hazel",
    "Indigo",
    "Jasper",
    "Khaki",
    "Linen",
    "Maple",
    "Nutmeg",
    "Olive",
    "Poppy",
    "Quill",
    "Russet",
    "Saffron",
    "Thyme",
    "Umber",
    "Violet",
)
FAMILY = (
    "Sampleton",
    "Exampleford",
    "Testbury",
    "Demowood",
    "Mockridge",
    "Fictionby",
    "Placeholder",
    "Madeup",
    "Pretendson",
    "Fixturewell",
    "Dummyfield",
    "Trialgate",
)
RACES = (
    ("hispanic_latino", 55),
    ("white", 25),
    ("black_african_american", 8),
    ("asian", 4),
    ("two_or_more", 4),
    ("american_indian_alaska_native", 3),
    ("native_hawaiian_pacific_islander", 1),
)
FIRST_STATE_ID = 90_000_000


@dataclass(frozen=True, slots=True)
class Person:
    """A student of the sample; `state_id` keeps its leading zero, as files from schools have them."""

    number: int
    given_name: str
    family_name: str
    district: str
    school: str
    program: str
    sex: str
    race_ethnicity: str
    low_income: bool
    rural: bool
    disability: bool
    english_learner: bool
    two_sources: bool

    @property
    def state_id(self) -> str:
        return f"0{FIRST_STATE_ID + self.number}"

    @property
    def alias(self) -> str:
        """How the sample's files name the student."""
        return f"stateStudentId:{self.state_id}"


def person(number: int, random: Random) -> Person:
    """The student with this number."""
    district = random.choice(DISTRICTS)
    return Person(
        number=number,
        given_name=random.choice(GIVEN),
        family_name=f"{random.choice(FAMILY)}-{number:05d}",
        district=district,
        school=random.choice(schools_of(district)),
        program=random.choice([p.id for p in PROGRAMS if p.id != NEWEST]),
        sex=random.choice(("female", "male")),
        race_ethnicity=random.choices([r for r, _ in RACES], [w for _, w in RACES])[0],
        low_income=random.random() < 0.52,
        rural=random.random() < 0.15,
        disability=random.random() < 0.11,
        english_learner=random.random() < 0.09,
        two_sources=random.random() < 0.05,
    )
