"""A language, by its code or its English name, is read as ISO 639-3, or not at all where nobody can be sure. Pure."""

import re
from collections.abc import Mapping
from functools import cache

from babel import Locale
from babel.core import get_global

WORKS = "a code of ISO 639 such as es, spa or es-MX, or the English name, such as Spanish"
# Each code of ISO 639-1, and the one that ISO 639-3 has for the same language.
ISO_639 = """
aa aar ab abk ae ave af afr ak aka am amh an arg ar ara as asm av ava ay aym az aze ba bak be bel bg bul bi bis bm bam
bn ben bo bod br bre bs bos ca cat ce che ch cha co cos cr cre cs ces cu chu cv chv cy cym da dan de deu dv div dz dzo
ee ewe el ell en eng eo epo es spa et est eu eus fa fas ff ful fi fin fj fij fo fao fr fra fy fry ga gle gd gla gl glg
gn grn gu guj gv glv ha hau he heb hi hin ho hmo hr hrv ht hat hu hun hy hye hz her ia ina id ind ie ile ig ibo ii iii
ik ipk io ido is isl it ita iu iku ja jpn jv jav ka kat kg kon ki kik kj kua kk kaz kl kal km khm kn kan ko kor kr kau
ks kas ku kur kv kom kw cor ky kir la lat lb ltz lg lug li lim ln lin lo lao lt lit lu lub lv lav mg mlg mh mah mi mri
mk mkd ml mal mn mon mr mar ms msa mt mlt my mya na nau nb nob nd nde ne nep ng ndo nl nld nn nno no nor nr nbl nv nav
ny nya oc oci oj oji om orm or ori os oss pa pan pi pli pl pol ps pus pt por qu que rm roh rn run ro ron ru rus rw kin
sa san sc srd sd snd se sme sg sag sh hbs si sin sk slk sl slv sm smo sn sna so som sq sqi sr srp ss ssw st sot su sun
sv swe sw swa ta tam te tel tg tgk th tha ti tir tk tuk tl tgl tn tsn to ton tr tur ts tso tt tat tw twi ty tah ug uig
uk ukr ur urd uz uzb ve ven vi vie vo vol wa wln wo wol xh xho yi yid yo yor za zha zh zho zu zul
"""
OF_TWO = dict(zip(ISO_639.split()[::2], ISO_639.split()[1::2], strict=True))
# Of the languages that are spoken here, those to which Babel gives no English name, or another one.
NAMED = {
    "castilian": "spa",
    "dari": "prs",
    "farsi": "fas",
    "hmong daw": "mww",
    "white hmong": "mww",
    "hopi": "hop",
    "ixil": "ixl",
    "mam": "mam",
    "mandarin": "zho",
    "mandarin chinese": "zho",
    "montenegrin": "cnr",
    "o'odham": "ood",
    "tohono o'odham": "ood",
    "q'anjob'al": "kjb",
    "q'eqchi'": "kek",
    "s'gaw karen": "ksw",
    "western apache": "apw",
}
NO_LANGUAGE = ("mis", "mul", "und", "zxx")
# A language, and perhaps a script and a region, as BCP 47 writes them.
TAG = re.compile(r"([a-z]{2,3})(?:[-_][a-z]{4})?(?:[-_](?:[a-z]{2}|[0-9]{3}))?")
APOSTROPHES = str.maketrans("\u02bc\u2019\u2018", "'''")


def language_of(written: str) -> str | None:
    """The code of ISO 639-3; None for what is none, or could be the code of one language and the name of another."""
    told = " ".join(written.split()).casefold().translate(APOSTROPHES)
    tag = TAG.fullmatch(told)
    meant = {one for one in (_by_code(tag[1]) if tag else None, _by_name().get(told)) if one}
    return meant.pop() if len(meant) == 1 else None


def _by_code(code: str) -> str | None:
    """The language of a code: of several codes of one language, always the same one."""
    if code in OF_TWO or code in OF_TWO.values():
        return OF_TWO.get(code, code)
    same: Mapping[str, str] = get_global("language_aliases")
    if same.get(code) in OF_TWO:
        return OF_TWO[same[code]]
    known = code in Locale("en").languages or code in NAMED.values()
    return code if known and code not in NO_LANGUAGE else None


@cache
def _by_name() -> Mapping[str, str]:
    """The languages by their English names in small letters."""
    names = {}
    for tag, name in Locale("en").languages.items():
        if code := _by_code(tag.partition("_")[0]):
            names[str(name).casefold().translate(APOSTROPHES)] = code
    return names | NAMED
