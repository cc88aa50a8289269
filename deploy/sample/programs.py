"""The sample's programs and its tiered catalogue of industry credentials, as data."""

from dataclasses import dataclass

TIERS_BEGIN = "2020-07-01"
NEWEST = "drone-systems"  # begun in 2025: a program that nobody can have completed yet


@dataclass(frozen=True, slots=True)
class Credential:
    """One industry credential of the catalogue."""

    code: str
    title: str
    issuer: str
    type: str = "Certification"


@dataclass(frozen=True, slots=True)
class SampleProgram:
    """A program and the codes of its required and its preferred credential."""

    id: str
    title: str
    cip: str
    cluster: str
    required: str
    preferred: str
    relevant: str = "osha-10"


CREDENTIALS = (
    Credential("osha-10", "OSHA 10-Hour Card", "OSHA", "Certificate"),
    Credential("cpr-first-aid", "CPR and First Aid", "American Red Cross", "Certificate"),
    Credential("rise-up", "Retail Industry Fundamentals", "NRF Foundation"),
    Credential("food-handler", "Food Handler Card", "County Health Department", "License"),
    Credential("mos-word", "Microsoft Office Specialist: Word", "Microsoft"),
    Credential("aws-d1", "AWS Certified Welder D1.1", "American Welding Society"),
    Credential("aws-sense", "SENSE Level 1", "American Welding Society", "Certificate"),
    Credential("security-plus", "Security+", "CompTIA"),
    Credential("network-plus", "Network+", "CompTIA"),
    Credential("a-plus", "A+", "CompTIA"),
    Credential("pcep", "Certified Entry-Level Python Programmer", "Python Institute"),
    Credential("adobe-visual-design", "Certified Professional in Visual Design", "Adobe"),
    Credential("adobe-video", "Certified Professional in Digital Video", "Adobe"),
    Credential("cna", "Certified Nursing Assistant", "State Board of Nursing", "License"),
    Credential("ccma", "Certified Clinical Medical Assistant", "NHA"),
    Credential("phlebotomy", "Certified Phlebotomy Technician", "NHA"),
    Credential("pharmacy-tech", "Certified Pharmacy Technician", "PTCB"),
    Credential("emt", "Emergency Medical Technician", "NREMT"),
    Credential("dental-radiography", "Radiation Health and Safety", "DANB"),
    Credential("veterinary-assistant", "Approved Veterinary Assistant", "NAVTA"),
    Credential("physical-therapy-aide", "Certified Physical Therapy Aide", "AMCA"),
    Credential("ase-entry", "Entry-Level Automobile Service", "ASE"),
    Credential("ase-diesel", "Entry-Level Medium and Heavy Truck", "ASE"),
    Credential("icar", "ProLevel 1 Refinish", "I-CAR"),
    Credential("nccer-core", "Core Credential", "NCCER"),
    Credential("nccer-electrical", "Electrical Level 1", "NCCER"),
    Credential("nccer-carpentry", "Carpentry Level 1", "NCCER"),
    Credential("epa-608", "Section 608 Technician", "EPA", "License"),
    Credential("nims", "Machining Level 1", "NIMS"),
    Credential("solidworks", "Certified SOLIDWORKS Associate", "Dassault Systemes"),
    Credential("autocad", "Certified User: AutoCAD", "Autodesk"),
    Credential("servsafe", "ServSafe Manager", "National Restaurant Association"),
    Credential("prostart", "ProStart Certificate of Achievement", "National Restaurant Association"),
    Credential("cosmetology", "Cosmetologist", "State Board of Cosmetology", "License"),
    Credential("aesthetics", "Aesthetician", "State Board of Cosmetology", "License"),
    Credential("firefighter-1", "Firefighter I", "State Fire Marshal"),
    Credential("hazmat", "Hazardous Materials Operations", "State Fire Marshal"),
    Credential("dispatcher", "Public Safety Telecommunicator", "APCO"),
    Credential("guard-card", "Unarmed Security Guard", "Department of Public Safety", "License"),
    Credential("faa-amt-general", "Aviation Mechanic: General", "FAA", "License"),
    Credential("faa-107", "Remote Pilot", "FAA", "License"),
    Credential("cda", "Child Development Associate", "Council for Professional Recognition"),
    Credential("paraprofessional", "ParaPro Assessment", "ETS", "Assessment"),
    Credential("biotech-assistant", "Biotechnician Assistant", "Biotility"),
    Credential("rta-energy", "Certified Energy Industry Fundamentals", "CEWD"),
)

PROGRAMS = (
    SampleProgram("welding", "Welding Technologies", "48.0508", "Manufacturing", "aws-d1", "aws-sense"),
    SampleProgram(
        "it-security", "IT Security", "11.1003", "Information Technology", "security-plus", "network-plus", "a-plus"
    ),
    SampleProgram("coding", "Coding", "11.0201", "Information Technology", "pcep", "a-plus", "rise-up"),
    SampleProgram(
        "graphic-design",
        "Graphic Design",
        "50.0409",
        "Arts, A/V and Communications",
        "adobe-visual-design",
        "adobe-video",
        "rise-up",
    ),
    SampleProgram(
        "film-tv",
        "Film and TV Production",
        "09.0701",
        "Arts, A/V and Communications",
        "adobe-video",
        "adobe-visual-design",
    ),
    SampleProgram(
        "nursing-assistant", "Nursing Assistant", "51.3902", "Health Science", "cna", "phlebotomy", "cpr-first-aid"
    ),
    SampleProgram(
        "medical-assisting", "Medical Assisting", "51.0801", "Health Science", "ccma", "phlebotomy", "cpr-first-aid"
    ),
    SampleProgram(
        "pharmacy", "Pharmacy Support", "51.0805", "Health Science", "pharmacy-tech", "ccma", "cpr-first-aid"
    ),
    SampleProgram(
        "emt", "Emergency Medical Technician", "51.0904", "Health Science", "emt", "phlebotomy", "cpr-first-aid"
    ),
    SampleProgram(
        "dental", "Dental Assisting", "51.0601", "Health Science", "dental-radiography", "ccma", "cpr-first-aid"
    ),
    SampleProgram(
        "veterinary", "Veterinary Sciences", "01.8301", "Agriculture", "veterinary-assistant", "biotech-assistant"
    ),
    SampleProgram(
        "physical-therapy",
        "Physical Therapy Support",
        "51.0806",
        "Health Science",
        "physical-therapy-aide",
        "ccma",
        "cpr-first-aid",
    ),
    SampleProgram("automotive", "Automotive Technology", "47.0604", "Transportation", "ase-entry", "nccer-core"),
    SampleProgram("diesel", "Diesel Technology", "47.0605", "Transportation", "ase-diesel", "ase-entry"),
    SampleProgram("collision", "Collision Repair", "47.0603", "Transportation", "icar", "ase-entry"),
    SampleProgram("aviation", "Aviation Maintenance", "47.0607", "Transportation", "faa-amt-general", "nccer-core"),
    SampleProgram(
        "construction", "Construction Technology", "46.0415", "Construction", "nccer-carpentry", "nccer-core"
    ),
    SampleProgram("electrical", "Electrical Trades", "46.0302", "Construction", "nccer-electrical", "nccer-core"),
    SampleProgram("hvac", "Heating and Air Conditioning", "47.0201", "Construction", "epa-608", "nccer-core"),
    SampleProgram("machining", "Precision Machining", "48.0510", "Manufacturing", "nims", "solidworks"),
    SampleProgram("engineering", "Engineering", "15.0000", "STEM", "solidworks", "autocad"),
    SampleProgram("drafting", "Architectural Drafting", "15.1303", "Construction", "autocad", "solidworks"),
    SampleProgram("culinary", "Culinary Arts", "12.0500", "Hospitality", "servsafe", "prostart", "rise-up"),
    SampleProgram("hair-design", "Hair Design", "12.0407", "Human Services", "cosmetology", "rise-up"),
    SampleProgram("aesthetics", "Aesthetics", "12.0409", "Human Services", "aesthetics", "rise-up"),
    SampleProgram(
        "fire-science", "Fire Science", "43.0203", "Public Safety", "firefighter-1", "hazmat", "cpr-first-aid"
    ),
    SampleProgram(
        "law-public-safety",
        "Law and Public Safety",
        "43.0107",
        "Public Safety",
        "dispatcher",
        "guard-card",
        "cpr-first-aid",
    ),
    SampleProgram(
        "early-childhood",
        "Early Childhood Education",
        "13.1210",
        "Education",
        "cda",
        "paraprofessional",
        "cpr-first-aid",
    ),
    SampleProgram("biotechnology", "Biotechnology", "26.1201", "STEM", "biotech-assistant", "rise-up"),
    SampleProgram(
        "energy", "Energy and Industrial Technology", "15.0503", "Manufacturing", "rta-energy", "nccer-electrical"
    ),
    SampleProgram(NEWEST, "Drone Systems", "49.0199", "Transportation", "faa-107", "solidworks"),
)

# What an industry came to ask for that it had only preferred: the awards since that day say so, backdated as it was.
RAISED_CODE, RAISED_PROGRAM, RAISED_TO, RAISED_FROM = "hazmat", "fire-science", "required", "2026-05-01"

OTHER = ("mos-word", "food-handler")  # credentials that every program lists as `other`


def active_from(program: SampleProgram) -> str:
    """The day a program opened."""
    return "2025-07-01" if program.id == NEWEST else "2018-07-01"


def catalogue_rows() -> list[dict[str, str]]:
    """One row per credential and program, as the catalogue's CSV import reads them."""
    rows = []
    for credential in CREDENTIALS:
        for program in PROGRAMS:
            tier = tier_of(credential.code, program)
            if tier:
                rows.append(
                    {
                        "code": credential.code,
                        "title": credential.title,
                        "issuer": credential.issuer,
                        "type": credential.type,
                        "ctdl_id": "",
                        "program_id": program.id,
                        "tier": tier,
                        "valid_from": TIERS_BEGIN,
                    }
                )
    return rows


def raised_rows() -> list[dict[str, str]]:
    """The whole entry of the credential whose tier was raised: what was in force before, and what is since."""
    before = [row for row in catalogue_rows() if row["code"] == RAISED_CODE]
    here = next(row for row in before if row["program_id"] == RAISED_PROGRAM)
    return [*before, {**here, "tier": RAISED_TO, "valid_from": RAISED_FROM}]


def list_rows() -> list[dict[str, str]]:
    """What has become of each program's list of credentials: three of four are approved, the rest proposed."""
    rows = []
    for number, program in enumerate(PROGRAMS):
        begun = active_from(program)
        steps = [("proposed", "Sample program advisory council"), ("approved", "Sample governing board")]
        for status, body in steps[: 2 if number % 4 else 1]:
            rows.append({"program_id": program.id, "status": status, "on": begun, "body": body})
    return rows


def tier_of(code: str, program: SampleProgram) -> str:
    """The tier that a credential has for a program, or empty text."""
    named = {program.required: "required", program.preferred: "preferred", program.relevant: "relevant"}
    return named.get(code) or ("other" if code in OTHER else "")
