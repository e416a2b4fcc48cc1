#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The completions in real shells: bash, and zsh and fish where they are installed. Each types a
line as a person does and looks at what is offered. What is offered comes from the configuration and
the records of a folder of our own; the time that an answer takes is bounded."""

import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import time
import unittest

BINARY = pathlib.Path(os.environ["STEPBACK_BINARY"]).resolve()
SLOWEST = 0.3  # seconds, for one answer
# A machine that does other things too is given more tries, and the best of them counts.
TRIES = 20

CONFIGURATION = """version: 1
service: shop
state: {folder}/state
environments:
  - name: test
  - name: production
defaults:
  application:
    kind: symlink
    releases: {folder}/{{environment}}/releases
    current: {folder}/{{environment}}/current
  alarms:
    - name: kiro-worker-{{environment}}-health
      url: http://127.0.0.1:9/health
"""

BASH = r"""
source <(stepback completion bash)
COMP_WORDS=("$@")
COMP_CWORD=$(($# - 1))
_stepback
printf '%s\n' "${COMPREPLY[@]}"
"""

# zsh completes at a prompt only, so it gets one in a terminal of its own.
ZSH = r"""
zmodload zsh/zpty
zpty -b shell zsh -f
zpty -w shell 'PROMPT=""; autoload -Uz compinit; compinit -u -D; source <(stepback completion zsh)'
zpty -w shell 'zstyle ":completion:*" list-prompt ""; bindkey "^I" expand-or-complete; LISTMAX=999'
zpty -w shell 'print rea""dy'
while zpty -r shell line; do [[ $line == *ready* && $line != *print* ]] && break; done
zpty -w -n shell "$1"$'\t'
zpty -w -n shell $'\t'
integer end=$((SECONDS + 8))
while (( SECONDS < end )); do
  # What is completed may come in pieces.
  zpty -r -t shell line && print -r -- "$line" && all+=${line//[$'\r\n']/}
  [[ $all == *"$2"* ]] && exit 0
done
exit 1
"""


class Completions(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = pathlib.Path(tempfile.mkdtemp(prefix="completions-"))
        (cls.folder / "bin").mkdir()
        (cls.folder / "bin/stepback").symlink_to(BINARY)
        (cls.folder / "stepback.yaml").write_text(CONFIGURATION.format(folder=cls.folder))
        (cls.folder / "build").mkdir()
        cls.env = {"PATH": f"{cls.folder}/bin:{os.environ['PATH']}", "HOME": str(cls.folder),
                   "TERM": "dumb", "LANG": "C.UTF-8",
                   "STEPBACK_CONFIG": str(cls.folder / "stepback.yaml")}
        cls.run_program("deploy", "start", "test", "--version", "4711abc")

    @classmethod
    def tearDownClass(cls):
        shutil.rmtree(cls.folder)

    @classmethod
    def run_program(cls, *words):
        done = subprocess.run([BINARY, *words], env=cls.env, cwd=cls.folder, capture_output=True,
                              text=True, check=False)
        assert done.returncode == 0, done.stderr
        return done.stdout

    def shell(self, *words):
        return subprocess.run(words, env=self.env, cwd=self.folder, capture_output=True, text=True,
                              timeout=60, check=False)

    def bash(self, *words):
        done = self.shell("bash", "--norc", "-c", BASH, "bash", *words)
        self.assertEqual(done.stderr, "")
        return done.stdout.split()

    def test_bash_offers_commands_environments_versions_ids_and_alarms(self):
        self.assertEqual(self.bash("stepback", "roll"), ["rollback"])
        self.assertEqual(self.bash("stepback", "rollback", ""), ["test", "production"])
        self.assertEqual(self.bash("stepback", "rollback", "test", "--to", "4"), ["4711abc"])
        self.assertRegex(self.bash("stepback", "show", "dep-")[0], "^dep-")
        self.assertEqual(self.bash("stepback", "trigger", "test", "--alarm", "kiro-worker-t"),
                         ["kiro-worker-test-health"])
        self.assertEqual(self.bash("stepback", "status", "-o", "=", "js"), ["json", "jsonl"])

    def test_bash_completes_files_and_directories_by_itself(self):
        self.assertEqual(self.bash("stepback", "-c", "step"), ["stepback.yaml"])
        self.assertEqual(self.bash("stepback", "deploy", "test", "--from", "bu"), ["build"])

    def test_zsh_offers_environments(self):
        if not shutil.which("zsh"):
            self.skipTest("zsh is not installed: its completion was not tried")
        script = self.run_program("completion", "zsh")
        self.assertEqual(self.shell("zsh", "-n", "-c", script).stderr, "")
        done = self.shell("zsh", "-f", "-c", ZSH, "zsh", "stepback rollback pro", "production")
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)

    def test_fish_offers_environments_with_what_they_are(self):
        if not shutil.which("fish"):
            self.skipTest("fish is not installed: its completion was not tried")
        script = "stepback completion fish | source; complete -C 'stepback rollback '"
        done = self.shell("fish", "--no-config", "-c", script)
        self.assertEqual(done.stdout, "test\tenvironment\nproduction\tenvironment\n", done.stderr)
        files = self.shell("fish", "--no-config", "-c",
                           "stepback completion fish | source; complete -C 'stepback -c step'")
        self.assertIn("stepback.yaml", files.stdout)

    def test_an_answer_is_there_at_once(self):
        self.assertIn("4711abc\t", self.run_program("__complete", "rollback", "test", "--to", ""))
        best = min(self.seconds() for _ in range(TRIES))
        self.assertLess(best, SLOWEST)

    def seconds(self):
        begun = time.monotonic()
        self.run_program("__complete", "rollback", "test", "--to", "")
        return time.monotonic() - begun

    def test_nothing_is_made_and_nothing_said_where_there_is_nothing(self):
        with tempfile.TemporaryDirectory() as empty:
            for given in ("/nowhere/stepback.yaml", "/dev/null", ""):
                done = subprocess.run([BINARY, "__complete", "rollback", ""], cwd=empty,
                                      env={**self.env, "HOME": empty, "STEPBACK_CONFIG": given},
                                      capture_output=True, text=True, check=False)
                self.assertEqual((done.returncode, done.stdout, done.stderr), (0, "", ""), given)
            self.assertEqual(os.listdir(empty), [])

    def test_records_are_not_made_for_it(self):
        config = self.folder / "other.yaml"
        config.write_text(CONFIGURATION.format(folder=self.folder / "other"))
        self.assertIn("production", self.run_program("__complete", "-c", str(config), "status", ""))
        self.run_program("__complete", "-c", str(config), "show", "")
        self.assertFalse((self.folder / "other").exists())


if __name__ == "__main__":
    sys.exit(unittest.main())
