"""The sample's central campuses, member districts, their schools and satellite campuses."""

CTED = "aurora-cted"
CENTRAL = {
    "northwest": "Northwest Campus",
    "northeast": "Northeast Campus",
    "central": "Central Campus",
    "southwest": "Southwest Campus",
}
DISTRICTS = (
    "agave",
    "bluestem",
    "cholla",
    "dahlia",
    "elderberry",
    "foxtail",
    "goldenrod",
    "hackberry",
    "ironwood",
    "juniper",
    "larkspur",
    "mesquite",
)


def schools_of(district: str) -> tuple[str, str]:
    """The ids of a district's two home schools."""
    return f"{district}-north-hs", f"{district}-south-hs"


def satellite_of(district: str) -> str:
    """The id of the campus where a district delivers programs itself."""
    return f"{district}-satellite"


def organisation_rows() -> list[dict[str, str]]:
    """Every organisation, parents first, as roster's CSV import reads them."""
    rows = [_row(CTED, "Sample Career District", "cted", "", "America/Phoenix", "07-01")]
    rows += [_row(id, name, "central_campus", CTED) for id, name in CENTRAL.items()]
    for district in DISTRICTS:
        name = district.capitalize()
        rows.append(_row(district, f"{name} Sample District", "district", CTED))
        rows.append(_row(satellite_of(district), f"{name} Satellite", "satellite_campus", district))
        for school, side in zip(schools_of(district), ("North", "South"), strict=True):
            rows.append(_row(school, f"{name} {side} High (sample)", "school", district))
    return rows


def _row(id: str, name: str, kind: str, parent: str, zone: str = "", starts: str = "") -> dict[str, str]:
    return {"id": id, "name": name, "type": kind, "parent_id": parent, "time_zone": zone, "school_year_starts": starts}
