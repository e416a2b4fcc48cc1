#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Checks the tree against the rules of the house. Prints one line for each finding.

Usage: tidy.py [ROOT]
"""

import pathlib
import re
import sys

import rules
import source

LINK = re.compile(r"\[[^\]\n]*\]\(([^)\s]+)\)")
HEADING = re.compile(r"^#+\s+(.*?)\s*$", re.MULTILINE)


class File:
    def __init__(self, root, path):
        self.path = path
        self.name = path.relative_to(root).as_posix()
        self.bytes = path.read_bytes()
        self.text = self.bytes.decode("utf-8", errors="replace")
        self.lines = self.text.split("\n")

    def is_script(self):
        return self.path.suffix == "" and self.text.startswith("#!")

    def is_cpp(self):
        return self.path.suffix in (".cpp", ".hpp")

    def is_in(self, places):
        return self.name.startswith(tuple(places))


def files_of(root):
    for path in sorted(root.rglob("*")):
        parts = path.relative_to(root).parts
        if path.is_symlink() or not path.is_file():
            continue
        if rules.SKIPPED_FOLDERS.intersection(parts):
            continue
        script = path.suffix == "" and parts[0] in rules.SCRIPT_FOLDERS
        named = path.name in ("Makefile", "CMakeLists.txt", ".clang-tidy", ".gitignore")
        if script or named or path.suffix in rules.TEXT:
            yield File(root, path)


def room_of(name):
    """adapters/sqlite/store.hpp is in the layer "adapters" and the room "adapters/sqlite"."""
    parts = name.split("/")
    if parts[0] in ("adapters", "entry") and len(parts) > 2:
        return parts[0], "/".join(parts[:2])
    return parts[0], parts[0]


def layering(file):
    if not (file.is_cpp() and file.is_in(["src/"])):
        return
    layer, room = room_of(file.name.removeprefix("src/"))
    if layer not in rules.LAYERS:
        yield 1, f"src/{layer} is no room of the house"
        return
    allowed = rules.LAYERS[layer]
    for line, path, ours in source.includes_of(file.text):
        their_layer, their_room = room_of(path)
        stem = path.rsplit(".", 1)[0]
        if ours and their_room != room and their_layer not in allowed and stem not in allowed:
            yield line, f"{room} may not include {path}"
    if layer == "domain":
        for line, code in enumerate(source.code_of(file.text).split("\n"), 1):
            if re.search(rules.IMPURE, code):
                yield line, "domain is handed times and a seed, never a Clock or entropy"


def libraries(file):
    if not (file.is_cpp() and file.is_in(["src/"])):
        return
    for line, path, ours in source.includes_of(file.text):
        if ours:
            continue
        owner = next((key for key in rules.LIBRARIES if path.startswith(key)), None)
        if owner is None:
            if "/" in path and not path.startswith(rules.SYSTEM_FOLDERS):
                yield line, f"<{path}> is of a library without a place: tests/tidy/rules.py"
        elif not file.is_in(rules.LIBRARIES[owner]):
            yield line, f"<{path}> is included in {' and '.join(rules.LIBRARIES[owner])} only"
        elif owner == "fmt/" and file.path.suffix == ".hpp":
            yield line, f"<{path}> is included in .cpp files only"


def banned_calls(file):
    if not file.is_cpp():
        return
    code = source.code_of(file.text)
    for pattern, places, instead in rules.BANNED:
        if places and file.is_in(places):
            continue
        for match in re.finditer(pattern, code):
            line = code.count("\n", 0, match.start()) + 1
            yield line, f"{match.group(0).rstrip(' (')} is not used here: {instead}"


def tries(file):
    """g++ 12 forgets the members before it, and what they own, when the TRY leaves."""
    if file.is_cpp():
        for line in source.tries_in_braces(file.text):
            yield line, "a TRY behind another member of a braced list leaks that: take it out"


def sizes(file):
    code = file.path.suffix in rules.CODE or file.is_script()
    count = len(file.lines) - (file.lines[-1] == "")
    if code and file.is_in(rules.SIZED_FOLDERS) and count > rules.LONGEST_FILE:
        yield count, f"{count} lines, at most {rules.LONGEST_FILE}: look for the seam"
    if code or file.path.suffix == ".cmake":
        in_table = False  # laid out by hand, as wide as it must be
        for line, content in enumerate(file.lines, 1):
            if content.strip() in ("// clang-format off", "// clang-format on"):
                in_table = content.endswith("off")
            if len(content) > rules.LONGEST_LINE and not in_table:
                yield line, f"{len(content)} columns, at most {rules.LONGEST_LINE}"
    functions = []
    if file.is_cpp():
        functions = source.cpp_functions(file.text)
    elif file.path.suffix == ".py":
        functions = source.python_functions(file.text)
    for line, length in functions:
        if length > rules.LONGEST_FUNCTION:
            yield line, f"a function of {length} lines, at most {rules.LONGEST_FUNCTION}"


def beginnings(file):
    """A C++ file begins with its licence; a header then says what it is."""
    if not file.is_cpp():
        return
    if file.lines[0] != "// SPDX-License-Identifier: Apache-2.0":
        yield 1, "the first line is: // SPDX-License-Identifier: Apache-2.0"
    if file.path.suffix == ".hpp":
        if "#pragma once" not in file.lines[:3]:
            yield 2, "a header has #pragma once on its second line"
        if not any(line.startswith("// ") for line in file.lines[2:6]):
            yield 3, "a header says what it is, who calls it and from which threads"
        if re.search(r"^\s*using namespace\b", source.code_of(file.text), re.MULTILINE):
            yield 1, "using namespace in a header is everybody's"
    elif file.is_in(["src/"]) and file.path.with_suffix(".hpp").is_file():
        first = next(source.includes_of(file.text), (1, "", True))
        own = file.name.removeprefix("src/").removesuffix(".cpp") + ".hpp"
        if first[1] != own:
            yield first[0], f"the first include is {own}"


def endings(file):
    if "/vectors/" in file.name:
        return
    if file.text and not file.text.endswith("\n"):
        yield len(file.lines), "the last line ends without a newline"
    if b"\r" in file.bytes:
        yield 1, "has carriage returns"
    if file.path.suffix in rules.CODE + (".md",):
        for line, content in enumerate(file.lines, 1):
            if content != content.rstrip():
                yield line, "ends with white space"


def words(file):
    for line, content in enumerate(file.lines, 1):
        prose = rules.WEB_ATTRIBUTE.sub("", content) if file.is_in(["web/"]) else content
        for match in rules.UNFINISHED.finditer(prose):
            yield line, f"\"{match.group(0)}\": finish it, or open an issue"
        for match in rules.MACHINE.finditer(content):
            yield line, f"\"{match.group(0)}\" is a path of one machine"


def names(file):
    for part in re.split(r"[_-]", file.path.name.split(".")[0].lower()):
        if part in rules.VAGUE:
            yield 1, f"a file called \"{part}\" may hold anything: name what is in it"


def anchors_of(text):
    for heading in HEADING.findall(text):
        plain = re.sub(r"[`*]", "", re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", heading)).lower()
        yield re.sub(r"[^\w\- ]", "", plain).replace(" ", "-")


def links(file):
    if file.path.suffix != ".md":
        return
    prose = re.sub(r"```.*?```|`[^`\n]*`", source.blank, file.text, flags=re.DOTALL)
    for match in LINK.finditer(prose):
        target = match.group(1)
        if re.match(r"[a-z]+:", target):
            continue
        line = prose.count("\n", 0, match.start()) + 1
        path, _, anchor = target.partition("#")
        there = (file.path.parent / path) if path else file.path
        if not there.exists():
            yield line, f"the link leads nowhere: {target}"
        elif anchor and there.suffix == ".md" and anchor not in anchors_of(there.read_text()):
            yield line, f"no heading there is called so: {target}"


CHECKS = [layering, libraries, banned_calls, tries, sizes, beginnings, endings, words, names, links]


def findings_in(root):
    root = pathlib.Path(root).resolve()
    for file in files_of(root):
        for check in CHECKS:
            for line, what in check(file):
                yield f"{file.name}:{line}: {what}"


def main():
    default = pathlib.Path(__file__).resolve().parents[2]
    found = list(findings_in(sys.argv[1] if len(sys.argv) > 1 else default))
    print("\n".join(found) if found else "tidy: nothing found")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
