# SPDX-License-Identifier: Apache-2.0
"""A folder in which programs are pretended.

Its `bin` comes first on PATH. The programs there write down how they were called, one JSON list a
line, and end, write and print what they are told to. Nothing leaves the folder.
"""

import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import unittest

INFRASTRUCTURE = pathlib.Path(__file__).resolve().parents[2] / "infrastructure"
STRANGE = ["", "-o", "--help", "$(touch harm)", "`touch harm`", "a b", "a;touch harm", "../x",
           "a/b", "a\nb", "a'b", 'a"b', "*", "é", "x" * 129]

UNIT = "<testsuite><testcase name='adds'/></testsuite>"

# The longest beginning of its command line that something was told of is what counts.
PRETENDED = f"""#!{sys.executable} -IS
import json, pathlib, sys, time
here = pathlib.Path(sys.argv[0]).resolve().parent.parent
call = [pathlib.Path(sys.argv[0]).name, *sys.argv[1:]]
with open(here / "calls", "a", encoding="utf-8") as calls:
    calls.write(json.dumps(call) + "\\n")
if call[:3] == ["aws", "s3", "cp"]:
    target = pathlib.Path(call[-1])
    target.write_bytes(pathlib.Path(sys.argv[0]).read_bytes())
told = {{"start": [], "exit": 0, "writes": {{}}, "says": "", "takes": 0}}
if (here / "told").exists():
    for line in (here / "told").read_text(encoding="utf-8").splitlines():
        each = json.loads(line)
        start = each["start"]
        if call[:len(start)] == start and len(start) >= len(told["start"]):
            told = each
for name, text in told["writes"].items():
    pathlib.Path(name).parent.mkdir(parents=True, exist_ok=True)
    pathlib.Path(name).write_text(text, encoding="utf-8")
time.sleep(told["takes"])
print(told["says"], end="")
sys.exit(told["exit"])
"""


class Pretending(unittest.TestCase):
    def setUp(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="scripts-"))
        self.addCleanup(shutil.rmtree, self.folder)
        (self.folder / "bin").mkdir()
        (self.folder / "work").mkdir()
        self.pretend("stepback")

    def pretend(self, *names):
        for name in names:
            program = self.folder / "bin" / name
            program.write_text(PRETENDED, encoding="utf-8")
            program.chmod(0o755)

    def told(self, *start, code=0, writes=None, says="", takes=0):
        """What a call that begins so does: its exit code, files, output and seconds."""
        with open(self.folder / "told", "a", encoding="utf-8") as told:
            told.write(json.dumps({"start": start, "exit": code, "writes": writes or {},
                                   "says": says, "takes": takes}) + "\n")

    def told_to_exit(self, name, code):
        self.told(name, code=code)

    def surroundings(self, **more):
        return {"PATH": f"{self.folder / 'bin'}:/usr/bin:/bin", "HOME": str(self.folder),
                "USER": "pat", **more}

    def calls(self):
        file = self.folder / "calls"
        if not file.exists():
            return []
        return [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()]

    def forget_calls(self):
        (self.folder / "calls").unlink(missing_ok=True)

    def assert_no_harm(self):
        self.assertEqual(self.calls(), [])
        self.assertEqual(os.listdir(self.folder / "work"), [])


def commands_of(buildspec, phase):
    """The commands of one phase, read as far as these files use YAML."""
    text = (INFRASTRUCTURE / "buildspecs" / buildspec).read_text(encoding="utf-8")
    body = re.search(rf"^  {phase}:\n((?:    .*\n|\n)*)", text, re.MULTILINE).group(1)
    if "    commands:\n" not in body:
        return []
    commands = body.split("    commands:\n")[1].split("\n      - ")
    commands[0] = commands[0].removeprefix("      - ")
    return [re.sub(r"^\|\n", "", command).replace("\n        ", "\n").strip()
            for command in commands]


class Building(Pretending):
    """The commands of a buildspec, one after the other, as CodeBuild runs them."""

    def setUp(self):
        super().setUp()
        self.pretend("aws", "npm", "npx", "python3", "cfn-lint", "cfn-guard")

    def run_phase(self, buildspec, phase, **more):
        variables = self.surroundings(**{
            "ENVIRONMENT": "test", "RELEASES": "releases", "TOOLS": str(self.folder / "tools"),
            "STEPBACK_CONFIG": str(self.folder / "tools/stepback.yaml"),
            "CODEBUILD_BUILD_ID": "build:1", "CODEBUILD_INITIATOR": "pat",
            "CODEBUILD_SRC_DIR": str(self.folder / "work"), "SECONDS_BETWEEN_SIGNS": "600", **more})
        done = subprocess.CompletedProcess([], 0)
        for command in commands_of(buildspec, phase):
            done = subprocess.run(["bash", "-c", command], cwd=self.folder / "work", text=True,
                                  env=variables, capture_output=True, timeout=60, check=False)
            if done.returncode != 0:
                break
        return done

    def run_build(self, buildspec, **more):
        """All its phases: what fails ends its phase; after `build` comes `post_build` always."""
        text = (INFRASTRUCTURE / "buildspecs" / buildspec).read_text(encoding="utf-8")
        phases = [name for name in ("install", "pre_build", "build", "post_build")
                  if f"\n  {name}:\n" in text]
        failed = None
        for phase in phases:
            if failed and phase != "post_build":
                return failed
            done = self.run_phase(buildspec, phase, **{
                "CODEBUILD_BUILD_SUCCEEDING": "0" if failed else "1", **more})
            if done.returncode != 0:
                failed = failed or done
                if phase != "build":
                    return failed
        return failed or done

    def write(self, name, text):
        (self.folder / "work" / name).parent.mkdir(parents=True, exist_ok=True)
        (self.folder / "work" / name).write_text(text, encoding="utf-8")

    def read(self, name):
        return (self.folder / "work" / name).read_text(encoding="utf-8")

    def steps(self):
        return [call for call in self.calls() if call[0] == "stepback"]
