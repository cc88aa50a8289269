"""Checks the rules of the style that no linter knows: small rooms and functions, names that say much, no circles."""

import ast
import re
import subprocess
import sys
from collections import defaultdict
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from graphlib import CycleError, TopologicalSorter
from pathlib import Path
from typing import NamedTuple

FOLDERS = ("services", "shared", "deploy")
LONG_FILE, LONGEST_FUNCTION, SMALL_FILE, MOST_MODULES = 400, 50, 40, 12
SAYING_NOTHING = {"utils", "helpers", "common", "base", "misc", "manager"}
NAMED_BY_PYTHON = {"__init__", "__main__"}
# Files that every service or kind has, however little stands in one: a reader looks for them by name.
OF_THE_SHAPE = {"main", "access", "metrics", "rules", "record", "commands", "api"}
# Longest first, so that `celebrating` and `celebrations` have one stem.
ENDINGS = (
    "ations", "ation", "ators", "ating", "ator", "ated", "ates", "ate",
    "ments", "ment", "ings", "ing", "ions", "ion", "als", "ers", "al", "er", "ed", "es", "e", "s",
)  # fmt: skip
SHORTEST_STEM = 3

# What is not in order yet, by rule and by where: it is told, and fails nothing. A line goes when its place is in order.
NOT_YET: Collection[tuple[str, str]] = ()


class Finding(NamedTuple):
    """One thing that breaks a rule."""

    rule: str
    where: str
    said: str

    def is_in(self, rule: str, where: str) -> bool:
        return self.rule == rule and self.where.startswith(where)


@dataclass(frozen=True, slots=True)
class Module:
    """One file of ours, read once."""

    path: Path
    lines: int
    tree: ast.Module

    @property
    def name(self) -> str:
        """As it is imported."""
        return ".".join(self.path.with_suffix("").parts).removesuffix(".__init__")

    @property
    def part(self) -> tuple[str, ...]:
        """Its service, or what else it is a part of."""
        return self.path.parts[: 2 if self.path.parts[0] == "services" else 1]

    @property
    def ours(self) -> bool:
        """Whether it is part of the program, and not of its tests."""
        return self.path.parts[0] in FOLDERS


House = Mapping[str, Module]


def read(sources: Mapping[str, str]) -> House:
    """The modules by the names that they are imported by."""
    modules = [Module(Path(path), text.count("\n"), ast.parse(text)) for path, text in sources.items()]
    return {module.name: module for module in modules}


def names_that_say_nothing(house: House) -> Iterator[tuple[str, str]]:
    for module in house.values():
        if module.path.stem in SAYING_NOTHING:
            yield str(module.path), "name the file for what it holds"


def long_functions(house: House) -> Iterator[tuple[str, str]]:
    for module in _ours(house):
        for node in ast.walk(module.tree):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                length = (node.end_lineno or node.lineno) - node.lineno + 1
                if length > LONGEST_FUNCTION:
                    said = f"{node.name} has {length} lines, at most {LONGEST_FUNCTION}"
                    yield f"{module.path}:{node.lineno}", said


def long_files(house: House) -> Iterator[tuple[str, str]]:
    for module in _ours(house):
        if module.lines > LONG_FILE:
            yield str(module.path), f"{module.lines} lines, more than {LONG_FILE}: what in it is a thing of its own?"


def full_rooms(house: House) -> Iterator[tuple[str, str]]:
    rooms: dict[Path, list[str]] = defaultdict(list)
    for module in _ours(house):
        if module.path.stem not in NAMED_BY_PYTHON:
            rooms[module.path.parent].append(module.path.stem)
    for room, inside in rooms.items():
        if len(inside) > MOST_MODULES:
            yield f"{room}/", f"{len(inside)} modules, at most {MOST_MODULES}: which of them make a room of their own?"


def small_files_of_one_reader(house: House) -> Iterator[tuple[str, str]]:
    """Little that one module alone reads, and that could stand in it: both are of one service, or of one part else.

    What main.py alone reads is a part that it puts together.
    """
    readers: dict[str, set[str]] = defaultdict(set)
    for importing, imported in imports(house).items():
        for name in imported:
            readers[name].add(importing)
    for module in _ours(house):
        if module.lines >= SMALL_FILE or module.path.stem in NAMED_BY_PYTHON | OF_THE_SHAPE:
            continue
        if len(readers[module.name]) == 1:
            reader = house[next(iter(readers[module.name]))]
            if reader.part == module.part and reader.path.stem != "main":
                yield str(module.path), f"{module.lines} lines that only {reader.path} reads: does it belong there?"


def circles(house: House) -> Iterator[tuple[str, str]]:
    left = imports(house)
    while True:
        try:
            TopologicalSorter(left).prepare()
        except CycleError as error:
            found: list[str] = error.args[1]
            yield str(house[found[0]].path), f"a circle of imports: {' <- '.join(found)}"
            left[found[1]].discard(found[0])
        else:
            return


def classes_of_one_name(house: House) -> Iterator[tuple[str, str]]:
    for service, modules in _services(house).items():
        defined: dict[str, list[Path]] = defaultdict(list)
        for module in modules:
            for node in module.tree.body:
                if isinstance(node, ast.ClassDef):
                    defined[node.name].append(module.path)
        for name, paths in defined.items():
            if len(paths) > 1:
                yield f"services/{service}/", f"{len(paths)} classes {name}: {', '.join(sorted(map(str, paths)))}"


def twins_by_grammar(house: House) -> Iterator[tuple[str, str]]:
    """Modules of one service, or modules and rooms of one folder, whose names differ in their endings alone."""
    told = set()
    for service, modules in _services(house).items():
        for twins in _twins(f"services/{service}/", {module.path.stem for module in modules}):
            told.add(twins)
            yield twins
    folders: dict[Path, set[str]] = defaultdict(set)
    for module in _ours(house):
        for inside in (module.path.with_suffix(""), *module.path.parents[:-2]):
            folders[inside.parent].add(inside.name)
    for folder, names in folders.items():
        for where, said in _twins(f"{folder}/", names):
            if ("/".join(folder.parts[:2]) + "/", said) not in told:
                yield where, said


def _twins(where: str, names: Collection[str]) -> Iterator[tuple[str, str]]:
    alike: dict[str, list[str]] = defaultdict(list)
    for name in sorted(names):
        alike[stem(name)].append(name)
    for twins in alike.values():
        if len(twins) > 1:
            yield where, f"{' / '.join(twins)} are told apart by grammar alone: name each for what it holds"


def stem(name: str) -> str:
    """The words of a name without their endings: those of `cataloguing` and `catalogues` are the same."""
    return "_".join(_stem(word) for word in name.split("_"))


def _stem(word: str) -> str:
    word = re.sub("ies$", "y", word)
    fitting = (one for one in ENDINGS if word.endswith(one) and len(word) - len(one) >= SHORTEST_STEM)
    return re.sub(r"([^aeiou])\1$", r"\1", word.removesuffix(next(fitting, "")))


def imports(house: House) -> dict[str, set[str]]:
    """Which modules of ours each of ours imports, anywhere in it."""
    return {module.name: set(_imported(module, house)) - {module.name} for module in _ours(house)}


def _imported(module: Module, house: House) -> Iterator[str]:
    for node in ast.walk(module.tree):
        if isinstance(node, ast.Import):
            yield from (one.name for one in node.names if one.name in house)
        if isinstance(node, ast.ImportFrom) and node.module:
            for one in node.names:
                whole = f"{node.module}.{one.name}"
                if found := next((name for name in (whole, node.module) if name in house), ""):
                    yield found


def _ours(house: House) -> list[Module]:
    return [module for module in house.values() if module.ours]


def _services(house: House) -> dict[str, list[Module]]:
    found: dict[str, list[Module]] = defaultdict(list)
    for module in _ours(house):
        if module.path.parts[0] == "services" and len(module.path.parts) > 2:
            found[module.path.parts[1]].append(module)
    return found


RULES: Mapping[str, Callable[[House], Iterator[tuple[str, str]]]] = {
    "name": names_that_say_nothing,
    "function": long_functions,
    "room": full_rooms,
    "small": small_files_of_one_reader,
    "circle": circles,
    "class": classes_of_one_name,
    "twin": twins_by_grammar,
}
WARNINGS: Mapping[str, Callable[[House], Iterator[tuple[str, str]]]] = {"long": long_files}


def findings(house: House, rules: Mapping[str, Callable[[House], Iterator[tuple[str, str]]]]) -> list[Finding]:
    """What breaks these rules."""
    return [Finding(name, where, said) for name, rule in rules.items() for where, said in rule(house)]


def report(house: House, not_yet: Collection[tuple[str, str]]) -> tuple[list[str], bool]:
    """A line for everything that is found, and whether something fails: warnings and what is not yet only are told."""
    broken = findings(house, RULES)
    failing = [one for one in broken if not any(one.is_in(*known) for known in not_yet)]
    lines = [f"warning: {one.where}: {one.said}" for one in findings(house, WARNINGS)]
    lines += [f"{'' if one in failing else 'not yet: '}{one.where}: {one.said} [{one.rule}]" for one in broken]
    in_order = [known for known in not_yet if not any(one.is_in(*known) for one in broken)]
    lines += [f"in order now: take {known} out of NOT_YET" for known in in_order]
    counted = f"{len(house)} files, {len(failing)} findings, {len(broken) - len(failing)} not yet in order"
    return [*lines, f"house rules: {counted}"], bool(failing)


def main() -> None:
    """Exit code 1 when a tracked file breaks a rule that is kept where it is."""
    listed = subprocess.run(["git", "ls-files", "-z", "--", "*.py"], capture_output=True, text=True, check=True).stdout
    paths = [path for name in listed.split("\0") if name and (path := Path(name)).exists()]
    lines, fails = report(read({str(path): path.read_text(encoding="utf-8") for path in paths}), NOT_YET)
    print("\n".join(lines))
    sys.exit(fails)


if __name__ == "__main__":
    main()
