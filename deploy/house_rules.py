"""The rules of the style that no linter knows: short files, short functions, names that say something."""

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

FOLDERS = ("services", "shared", "deploy")
LONGEST_FILE, LONGEST_FUNCTION = 400, 50
SAYING_NOTHING = {"utils", "helpers", "common", "base", "misc", "manager"}


def violations(path: Path, source: str) -> Iterator[str]:
    """What is wrong with one Python file of ours."""
    if path.stem in SAYING_NOTHING:
        yield f"{path}: name the file for what it holds"
    if path.parts[0] not in FOLDERS:
        return
    lines = source.count("\n")
    if lines > LONGEST_FILE:
        yield f"{path}: {lines} lines, at most {LONGEST_FILE}: what in it is a thing of its own?"
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            length = (node.end_lineno or node.lineno) - node.lineno + 1
            if length > LONGEST_FUNCTION:
                yield f"{path}:{node.lineno}: {node.name} has {length} lines, at most {LONGEST_FUNCTION}"


def main() -> None:
    """Exit code 1, and a line for each violation, when a tracked file breaks a rule."""
    listed = subprocess.run(["git", "ls-files", "-z", "--", "*.py"], capture_output=True, text=True, check=True).stdout
    paths = [path for name in listed.split("\0") if name and (path := Path(name)).exists()]
    found = [line for path in paths for line in violations(path, path.read_text(encoding="utf-8"))]
    print("\n".join(found) or f"house rules: {len(paths)} files, all well")
    sys.exit(bool(found))


if __name__ == "__main__":
    main()
