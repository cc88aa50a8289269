"""The catalogues of the pages' texts: brought up to date with `make texts`, looked over by `make lint`."""

import re
import sys
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path

from babel import Locale
from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract_from_file
from babel.messages.pofile import write_po

from shared.pages.texts import FILE, LOCALE, SOURCE, catalogue_at

ROOT = Path(__file__).parent.parent
KEPT = LOCALE.relative_to(ROOT)
Keywords = dict[str, tuple[int, ...] | None]
COMMENTS = ("TRANSLATORS:",)
TEMPLATE = {"trimmed": "true", "trim_blocks": "true", "lstrip_blocks": "true", "newstyle_gettext": "true"}
CODE = ("services/**/*.py", "shared/**/*.py")
TEMPLATES = ("services/*/pages/**/*.html", "shared/pages/**/*.html")
SCRIPTS = ("services/*/pages/**/*.js", "shared/pages/**/*.js")
# Where texts stand, of whatever service: the files, who finds them there, by which words, and with which options.
PLACES: tuple[tuple[tuple[str, ...], str, Keywords, dict[str, str]], ...] = (
    (CODE, "python", {"gettext": None, "ngettext": (1, 2), "said": None, "marked": None}, {}),
    (TEMPLATES, "jinja2.ext:babel_extract", {"_": None, "gettext": None, "ngettext": (1, 2)}, TEMPLATE),
    (SCRIPTS, "javascript", {"_": None, "ngettext": (1, 2)}, {}),
)
# What families and students meet: every language must have all of it.
FOR_FAMILIES = {
    "base.html", "message.html", "sign_in.html", "freshness.html", "own_page.html",
    "family_choice.html", "family_contact.html", "family_form.html", "family_frame.html", "family_gone.html",
    "family_survey.html", "family_thanks.html", "family_workshop.html", "family_forms.py", "family_link.py",
    "own_contact.html", "own_contact_closed.html", "own_contact.py", "own_contact.js", "contact_words.py",
    "refusals.py", "sign_in.py", "words.py", "writing.py", "own_page.py", "own_credentials.py",
}  # fmt: skip
# Names, which no language changes, and what is typed into a machine.
NO_TEXT = re.compile(r"<(code|script|style)\b.*?</\1>|\bAurora\b|\bAPI\b|&\w+;", re.DOTALL)
SPOKEN_ATTRIBUTE = re.compile(r"\s(?:aria-label|alt|title|placeholder)=\"([^\"{]*\w[^\"]*)\"")
# What an expression says with a capital letter, and not through `_`.
SPOKEN_LITERAL = re.compile(r"(?<!_\()[\"']([A-Z][a-z][^\"']*)[\"']")
ATTRIBUTE = re.compile(r"[\w-]+=\"[^\"]*\"")
EXPRESSION = re.compile(r"{%-?\s*trans\b.*?{%-?\s*endtrans\s*-?%}|{{.*?}}|{%.*?%}|{#.*?#}", re.DOTALL)
MARK = re.compile(r"<[^>]*>|\"")


def files(root: Path, patterns: Iterable[str]) -> list[Path]:
    """The files of these patterns, in a fixed order."""
    return sorted(path for pattern in patterns for path in root.glob(pattern))


def extracted(root: Path = ROOT) -> Catalog:
    """Every text that a page of any service may show, with the files it stands in."""
    found = Catalog(domain="aurora", project="Aurora", charset="utf-8", fuzzy=False)
    for patterns, method, keywords, options in PLACES:
        for path in files(root, patterns):
            entries = extract_from_file(method, path, keywords, COMMENTS, options, strip_comment_tags=True)
            for line, text, comments, context in entries:
                name = path.relative_to(root).as_posix()
                found.add(text, None, [(name, line)], auto_comments=comments, context=context)
    return found


def bare(path: Path) -> Iterator[str]:
    """What a template says that no catalogue can reach."""
    whole = NO_TEXT.sub(" ", path.read_text(encoding="utf-8"))
    text = EXPRESSION.sub(" ", whole)
    said = [literal for one in EXPRESSION.findall(whole) for literal in SPOKEN_LITERAL.findall(one)]
    said += [*SPOKEN_ATTRIBUTE.findall(text), *ATTRIBUTE.sub("", re.sub(r"<[^>]*>", "\n", text)).split("\n")]
    for one in said:
        if re.search(r"[^\W\d_]{2,}", one):
            yield f"{path.name}: {one.strip()!r} is in no catalogue; write it as {{{{ _(...) }}}}"


def behind(texts: Catalog, catalogue: Catalog, language: str) -> Iterator[str]:
    """Where a catalogue is not as the pages are now."""
    now, kept = _files(texts), _files(catalogue)
    for text in sorted(now.keys() | kept.keys()):
        if now.get(text) != kept.get(text):
            yield f"{language}: {text!r} is not as the pages have it; run `make texts`"


def _files(catalogue: Catalog) -> dict[str, frozenset[str]]:
    return {_key(one): frozenset(name for name, _ in one.locations) for one in catalogue if one.id}


def _strings(message: Message) -> list[str]:
    return list(message.string) if isinstance(message.string, list | tuple) else [message.string or ""]


def _key(message: Message) -> str:
    return message.id if isinstance(message.id, str) else " / ".join(message.id)


def wrong(catalogue: Catalog, language: str) -> Iterator[str]:
    """What a translator still has to do, or to set right."""
    for message in catalogue:
        if not message.id:
            continue
        said = _strings(message)
        families = any(Path(name).name in FOR_FAMILIES for name, _ in message.locations)
        if families and (message.fuzzy or not all(said)):
            yield f"{language}: {_key(message)!r} is read by families and students, and has no finished translation"
        for error in message.check(catalogue):
            yield f"{language}: {_key(message)!r}: {error}"
        asked = message.id if isinstance(message.id, str) else message.id[-1]
        if any(one and sorted(MARK.findall(one)) != sorted(MARK.findall(asked)) for one in said):
            yield f'{language}: {_key(message)!r}: the marks < > and " must be those of the English text'


def catalogues(locale: Path = LOCALE) -> Mapping[str, Path]:
    """The catalogue of each language."""
    return {path.relative_to(locale).parts[0]: path for path in sorted(locale.glob(f"*/{FILE}"))}


def problems(root: Path = ROOT) -> list[str]:
    """Everything that keeps a page from being whole in a language that it is offered in."""
    texts = extracted(root)
    found = [line for path in files(root, TEMPLATES) for line in bare(path)]
    for language, path in catalogues(root / KEPT).items():
        catalogue = catalogue_at(path, language)
        found += [*behind(texts, catalogue, language), *wrong(catalogue, language)]
    return found


def update(languages: Iterable[str], root: Path = ROOT) -> list[str]:
    """Write the catalogues anew: what is said now, with the translations there are; gives how many each lacks."""
    texts, told = extracted(root), []
    for language in sorted({*languages, *catalogues(root / KEPT)} - {SOURCE}):
        path = root / KEPT / language / FILE
        catalogue = catalogue_at(path, language) if path.exists() else _begun(language)
        catalogue.update(texts, no_fuzzy_matching=True, update_creation_date=False)
        catalogue.obsolete.clear()
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("wb") as file:
            write_po(file, catalogue, width=120, sort_output=True, include_lineno=False)
        lacking = sum(bool(one.id) and not all(_strings(one)) for one in catalogue)
        told.append(f"{language}: {len(catalogue)} texts, {lacking} without a translation ({path})")
    return told


def _begun(language: str) -> Catalog:
    now, name = datetime.now(UTC), Locale.parse(language).english_name
    return Catalog(
        language,
        domain="aurora",
        header_comment=f"# The texts of the pages in {name}. `make texts` keeps it up to date.",
        project="Aurora",
        version="1",
        charset="utf-8",
        fuzzy=False,
        creation_date=now,
        revision_date=now,
        msgid_bugs_address="see CONTRIBUTING.md",
        last_translator="see the history of this file",
        language_team=language,
    )


def main(arguments: list[str]) -> None:
    """Bring every catalogue, and those named, up to date; `--check` only prints what is wrong, and exits with 1."""
    if arguments == ["--check"]:
        found = problems()
        print("\n".join(found) or f"texts: {', '.join([SOURCE, *catalogues()])}, all well")
        sys.exit(bool(found))
    print("\n".join(update(arguments)))


if __name__ == "__main__":
    main(sys.argv[1:])
