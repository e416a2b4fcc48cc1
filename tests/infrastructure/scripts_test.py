#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The scripts that people run by hand, with a pretended program."""

import os
import pty
import subprocess
import unittest

import pretended
from pretended import INFRASTRUCTURE, STRANGE

SCRIPTS = INFRASTRUCTURE / "scripts"
LINE = "=" * 41
STEPS = ["Step 1: Stopping current pipeline execution...",
         "Step 2: Rolling back infrastructure (if needed)...",
         "Step 3: Rolling back application code...",
         "Step 4: Validating rollback...",
         "Step 5: Updating deployment record...",
         "Step 6: Sending notifications..."]


class Script(pretended.Pretending):
    def run_script(self, script, *arguments, answer="", **more):
        return subprocess.run([SCRIPTS / script, *arguments], input=answer, text=True,
                              capture_output=True, timeout=60, check=False,
                              cwd=self.folder / "work", env=self.surroundings(**more))


class RollingBackByHand(Script):
    SCRIPT = "manual-rollback.sh"

    def rollback(self, *arguments, answer="yes\n", **more):
        return self.run_script(self.SCRIPT, *arguments, answer=answer, **more)

    def assert_usage(self, done):
        self.assertEqual(done.returncode, 1)
        self.assertTrue(done.stdout.endswith(
            f"Usage: {SCRIPTS / self.SCRIPT} <environment> <target-version>\n"
            f"Example: {SCRIPTS / self.SCRIPT} production abc123def456\n"), done.stdout)
        self.assert_no_harm()

    def test_without_both_arguments_it_says_how_it_is_used(self):
        for arguments in ([], ["production"], ["", "abc123"], ["production", ""],
                          ["production", "abc123", "more"]):
            with self.subTest(arguments=arguments):
                self.assert_usage(self.rollback(*arguments))

    def test_a_strange_environment_reaches_no_command(self):
        for name in STRANGE + ["Production", "1st", "x" * 33, "a_b", "a.b"]:
            with self.subTest(name=name):
                self.assert_usage(self.rollback(name, "abc123"))

    def test_a_strange_version_reaches_no_command(self):
        for version in STRANGE + [".hidden", "a..b", "v1/../v2"]:
            with self.subTest(version=version):
                self.assert_usage(self.rollback("production", version))

    def test_what_it_refuses_cannot_write_to_the_terminal(self):
        done = self.rollback("production", "\x1b[2Jx")
        self.assertNotIn("\x1b", done.stdout + done.stderr)
        self.assertEqual(done.returncode, 1)

    def test_anything_but_yes_cancels(self):
        for answer in ("", "\n", "y\n", "YES\n", "yes please\n", "no\n", "yess\n"):
            with self.subTest(answer=answer):
                done = self.rollback("production", "abc123", answer=answer)
                self.assertEqual(done.returncode, 0, done.stderr)
                self.assertEqual(done.stdout.splitlines()[-1], "Rollback cancelled")
                self.assertNotIn("Step 1", done.stdout)
                self.assert_no_harm()

    def test_yes_takes_the_six_steps_by_one_command(self):
        done = self.rollback("production", "abc123def456")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual(self.calls(), [[
            "stepback", "rollback", "production", "--to", "abc123def456", "--yes", "--confirm",
            "production", "--reason", "Manual rollback to version abc123def456 by pat"]])
        self.assertEqual(done.stdout.splitlines(), [
            LINE, "Manual Rollback Initiated", "Environment: production",
            "Target Version: abc123def456", LINE, *STEPS, LINE, "Manual Rollback Complete", LINE])

    def test_a_yes_without_a_line_end_is_a_yes(self):
        self.rollback("production", "abc123", answer="yes")
        self.assertEqual(len(self.calls()), 1)

    def test_on_a_terminal_it_asks_by_the_runbooks_words(self):
        here, there = pty.openpty()
        self.addCleanup(os.close, here)
        process = subprocess.Popen(
            [SCRIPTS / self.SCRIPT, "staging", "abc123"], stdin=there, stdout=there, stderr=there,
            cwd=self.folder / "work", env=self.surroundings())
        os.close(there)
        seen = b""
        while b"(yes/no): " not in seen:
            seen += os.read(here, 1024)
        self.assertIn(b"Are you sure you want to rollback staging to abc123? (yes/no): ", seen)
        os.write(here, b"no\n")
        self.assertEqual(process.wait(60), 0)
        self.assert_no_harm()

    def test_the_exit_code_of_the_rollback_is_its_own(self):
        for code in (1, 3, 5, 7, 8, 9):
            with self.subTest(code=code):
                self.told_to_exit("stepback", code)
                done = self.rollback("production", "abc123")
                self.assertEqual(done.returncode, code)
                self.assertNotIn("Manual Rollback Complete", done.stdout)
                self.assertIn(f"exit code {code}", done.stderr)

    def test_another_program_can_be_named(self):
        self.pretend("other")
        self.rollback("test", "v1", STEPBACK=str(self.folder / "bin/other"))
        self.assertEqual([call[0] for call in self.calls()], ["other"])

    def test_a_missing_program_is_said_before_the_question(self):
        (self.folder / "bin/stepback").unlink()
        done = self.rollback("production", "abc123")
        self.assertEqual(done.returncode, 1)
        self.assertIn("stepback is not on PATH", done.stderr)
        self.assertEqual(done.stdout, "")


class Validating(Script):
    SCRIPT = "validate-deployment.sh"

    def test_without_its_argument_it_says_how_it_is_used(self):
        for arguments in ([], [""], ["test", "more"], ["Test"], ["$(touch harm)"], ["--help"]):
            with self.subTest(arguments=arguments):
                done = self.run_script(self.SCRIPT, *arguments)
                self.assertEqual(done.returncode, 1)
                self.assertIn(f"Usage: {SCRIPTS / self.SCRIPT} <environment>\n", done.stdout)
                self.assert_no_harm()

    def test_a_well_environment_is_a_success(self):
        done = self.run_script(self.SCRIPT, "production")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual(self.calls(), [["stepback", "verify", "production", "--checklist"]])
        self.assertTrue(done.stdout.startswith("✅ Rollback validation successful"))

    def test_an_unwell_one_is_not_and_says_by_which_code(self):
        for code in (1, 4, 6, 7):
            with self.subTest(code=code):
                self.told_to_exit("stepback", code)
                done = self.run_script(self.SCRIPT, "production")
                self.assertEqual(done.returncode, code)
                self.assertEqual(done.stdout, "")
                self.assertIn("❌ Rollback validation failed", done.stderr)


if __name__ == "__main__":
    unittest.main(verbosity=2)
