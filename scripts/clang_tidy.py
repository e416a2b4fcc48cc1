#!/usr/bin/env python3
"""Runs clang-tidy on the sources of src/, side by side, and remembers what was clean.

What is remembered for a source is the hash of the rules, of its compile command, of the source and
of every header of ours that it includes, however indirectly; all of them equal: nothing to look at.
Usage: scripts/clang_tidy.py [part of a path ...]     only the sources whose path has one of them
"""

import concurrent.futures
import hashlib
import json
import os
import pathlib
import re
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
BUILD = ROOT / "build" / "clang"
INCLUDE = re.compile(r'^#include "([^"]+)"', re.MULTILINE)


def headers_of(source, known):
    """Every header under src/ that the source includes, directly or not."""
    todo, seen = [source], set()
    while todo:
        path = todo.pop()
        if path not in known:
            known[path] = path.read_text()
        for name in INCLUDE.findall(known[path]):
            header = ROOT / "src" / name
            if header not in seen and header.is_file():
                seen.add(header)
                todo.append(header)
    return sorted(seen)


def stamp_of(source, command, known):
    parts = [(ROOT / ".clang-tidy").read_text(), command]
    for path in [source, *headers_of(source, known)]:
        parts += [str(path), known.get(path, "")]
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()


def look_at(source):
    run = subprocess.run(
        ["clang-tidy-19", "--quiet", "-p", str(BUILD), str(source)],
        capture_output=True, text=True, check=False)
    return run.returncode, run.stdout


def main(wanted):
    commands = json.loads((BUILD / "compile_commands.json").read_text())
    remembered = BUILD / "tidy.json"
    clean = json.loads(remembered.read_text()) if remembered.is_file() else {}
    known, todo, ours = {}, {}, 0
    for entry in commands:
        source = pathlib.Path(entry["file"])
        name = source.relative_to(ROOT).as_posix() if source.is_relative_to(ROOT) else ""
        if not name.startswith("src/") or (wanted and not any(part in name for part in wanted)):
            continue
        ours += 1
        stamp = stamp_of(source, entry["command"], known)
        if clean.get(name) != stamp:
            todo[name] = stamp
    bad = 0
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        for name, (code, text) in zip(todo, pool.map(lambda n: look_at(ROOT / n), todo)):
            if code == 0:
                clean[name] = todo[name]
            else:
                bad += 1
                print(text, end="", flush=True)
            remembered.write_text(json.dumps(clean, indent=1, sort_keys=True))
    print(f"clang-tidy: {len(todo)} of {ours} sources looked at, {bad} with findings")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
