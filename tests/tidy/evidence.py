# SPDX-License-Identifier: Apache-2.0
"""Every test that docs/evidence.md names is one that is there.

Usage: evidence.py BUILD    a folder where the tests were built
"""

import json
import pathlib
import re
import subprocess
import sys

TREE = pathlib.Path(__file__).resolve().parents[2]
NAMED = re.compile(r"`([A-Z]\w+)\.(\w+|\*)`")


def known_tests(build):
    """{suite: names}, as ctest lists them: "room/Instance/Suite.Name/Parameter"."""
    listed = subprocess.run(["ctest", "--test-dir", build, "--show-only=json-v1"], check=True,
                            capture_output=True, text=True).stdout
    tests = {}
    for test in json.loads(listed)["tests"]:
        found = re.search(r"(\w+)\.(\w+)", test["name"])
        if found:
            tests.setdefault(found[1], set()).add(found[2])
    return tests


def main(build):
    tests = known_tests(build)
    text = (TREE / "docs/evidence.md").read_text()
    missing = sorted({f"{suite}.{name}" for suite, name in NAMED.findall(text)
                      if suite not in tests or (name != "*" and name not in tests[suite])})
    for each in missing:
        print(f"docs/evidence.md names {each}, and there is no such test")
    return 1 if missing or len(tests) < 50 else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
