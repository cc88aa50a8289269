"""What ids and years look like on the wire: a reader uses them as field names and in keys of counts."""

from typing import Annotated

from msgspec import Meta

# In Python `$` also stands before a last line break; an id with one would be another id.
END = r"$(?!\n)"

Id = Annotated[str, Meta(pattern=f"^[A-Za-z0-9][A-Za-z0-9_-]{{0,63}}{END}", examples=["a3f1c2e4"])]
RecordId = Annotated[str, Meta(pattern=f"^[a-z_]{{1,40}}/[A-Za-z0-9][A-Za-z0-9_-]{{0,63}}{END}", examples=["award/a1"])]
SchoolYear = Annotated[str, Meta(pattern=f"^[0-9]{{4}}-[0-9]{{2}}{END}", examples=["2024-25"])]
Grade = Annotated[str, Meta(pattern=f"^[A-Za-z0-9]{{1,10}}{END}", examples=["12"])]
# The start of a school year, month and day.
YearStart = Annotated[str, Meta(pattern=f"^[0-9]{{2}}-[0-9]{{2}}{END}", examples=["07-01"])]
# An exact fraction from 0 to beyond 1: a share of correct items, a cut.
Share = Annotated[str, Meta(pattern=f"^[0-9]{{1,12}}/[1-9][0-9]{{0,11}}{END}", examples=["58/80"])]
# Beyond this a number is not the same in every JSON reader, and MongoDB cannot keep it.
Version = Annotated[int, Meta(ge=1, le=2**53 - 1)]
