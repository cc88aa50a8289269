"""Grade levels, however they are written, are read into one vocabulary, that of CEDS. Pure."""

import re

CODES = ("IT", "PR", "PK", "TK", "KG", *(f"{number:02d}" for number in range(1, 14)), "PS", "UG", "Other")
WORKS = "write IT, PR, PK, TK, KG, 01 to 13, PS, UG or Other; 9, 9th and Grade 9 are read as 09"
LONGEST = 40
# What nobody could mean another grade by. A bare 0 or a word such as "senior" is not among them.
WORDS = {
    "k": "KG",
    "kindergarten": "KG",
    "prek": "PK",
    "pre-k": "PK",
    "prekindergarten": "PK",
    "pre-kindergarten": "PK",
    "transitional kindergarten": "TK",
    "infant/toddler": "IT",
    "preschool": "PR",
    "postsecondary": "PS",
    "ungraded": "UG",
    **{code.lower(): code for code in CODES},
}
NUMBERED = re.compile(
    r"(?:grade|gr\.?|g)?[ ]?0?(?P<number>1[0-3]|[1-9])(?:\.0|st|nd|rd|th)?(?:[ ]grade)?", re.IGNORECASE
)


def grade_of(written: str) -> str | None:
    """The grade in the one vocabulary; None when nobody can be sure which is meant."""
    told = " ".join(written.split())
    if found := NUMBERED.fullmatch(told):
        return f"{int(found['number']):02d}"
    return WORDS.get(told.lower())
