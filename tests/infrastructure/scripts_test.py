#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The scripts that people run by hand, and the commands of the builds, with pretended programs.

Each test has a folder whose `bin` comes first on PATH. The programs there write down how they were
called, one JSON list a line, and end as they are told to. Nothing leaves the folder.
"""

import json
import os
import pathlib
import pty
import re
import shutil
import subprocess
import sys
import tempfile
import unittest

INFRASTRUCTURE = pathlib.Path(__file__).resolve().parents[2] / "infrastructure"
SCRIPTS = INFRASTRUCTURE / "scripts"
LINE = "=" * 41
STEPS = ["Step 1: Stopping current pipeline execution...",
         "Step 2: Rolling back infrastructure (if needed)...",
         "Step 3: Rolling back application code...",
         "Step 4: Validating rollback...",
         "Step 5: Updating deployment record...",
         "Step 6: Sending notifications..."]
STRANGE = ["", "-o", "--help", "$(touch harm)", "`touch harm`", "a b", "a;touch harm", "../x",
           "a/b", "a\nb", "a'b", 'a"b', "*", "é", "x" * 129]

PRETENDED = f"""#!{sys.executable}
import json, os, pathlib, sys
here = pathlib.Path(sys.argv[0]).resolve().parent.parent
name = pathlib.Path(sys.argv[0]).name
with open(here / "calls", "a", encoding="utf-8") as calls:
    calls.write(json.dumps([name, *sys.argv[1:]]) + "\\n")
if name == "aws" and sys.argv[1:3] == ["s3", "cp"]:
    target = pathlib.Path(sys.argv[-1])
    target.write_bytes(pathlib.Path(sys.argv[0]).read_bytes())
told = here / ("exit-" + name)
sys.exit(int(told.read_text()) if told.exists() else 0)
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

    def told_to_exit(self, name, code):
        (self.folder / ("exit-" + name)).write_text(str(code), encoding="utf-8")

    def surroundings(self, **more):
        return {"PATH": f"{self.folder / 'bin'}:/usr/bin:/bin", "HOME": str(self.folder),
                "USER": "pat", **more}

    def run_script(self, script, *arguments, answer="", **more):
        return subprocess.run([SCRIPTS / script, *arguments], input=answer, text=True,
                              capture_output=True, timeout=60, check=False,
                              cwd=self.folder / "work", env=self.surroundings(**more))

    def calls(self):
        file = self.folder / "calls"
        if not file.exists():
            return []
        return [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()]

    def assert_no_harm(self):
        self.assertEqual(self.calls(), [])
        self.assertEqual(list((self.folder / "work").iterdir()), [])


class RollingBackByHand(Pretending):
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


class Validating(Pretending):
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


def commands_of(buildspec, phase):
    """The commands of one phase, read as far as these files use YAML."""
    text = (INFRASTRUCTURE / "buildspecs" / buildspec).read_text(encoding="utf-8")
    body = re.search(rf"^  {phase}:\n((?:    .*\n|\n)*)", text, re.MULTILINE).group(1)
    commands = body.split("    commands:\n")[1].split("\n      - ")
    commands[0] = commands[0].removeprefix("      - ")
    return [re.sub(r"^\|\n", "", command).replace("\n        ", "\n").strip()
            for command in commands]


class Building(Pretending):
    """The commands of a buildspec, one after the other in one shell, as CodeBuild runs them."""

    def run_phase(self, buildspec, phase, **more):
        self.pretend("aws", "npm", "npx")
        variables = self.surroundings(
            ENVIRONMENT="test", RELEASES="releases", TOOLS=str(self.folder / "tools"),
            STEPBACK_CONFIG=str(self.folder / "tools/stepback.yaml"), CODEBUILD_BUILD_ID="build:1",
            CODEBUILD_SRC_DIR=str(self.folder / "work"), **{"CODEBUILD_INITIATOR": "pat", **more})
        for command in commands_of(buildspec, phase):
            done = subprocess.run(["bash", "-c", command], cwd=self.folder / "work", text=True,
                                  env=variables, capture_output=True, timeout=60, check=False)
            if done.returncode != 0:
                break
        return done

    def write(self, name, text):
        (self.folder / "work" / name).write_text(text, encoding="utf-8")

    def read(self, name):
        return (self.folder / "work" / name).read_text(encoding="utf-8")

    def steps(self):
        return [call for call in self.calls() if call[0] == "stepback"]

    def test_the_build_hands_over_the_version_of_the_source(self):
        self.write("VERSION", "2222222\n")
        done = self.run_phase("build.yml", "pre_build", CODEBUILD_RESOLVED_SOURCE_VERSION="a.b_c")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual((self.read("VERSION"), self.read("INFRASTRUCTURE_VERSION")),
                         ("2222222\n", "a.b_c\n"))

    def test_without_one_it_takes_what_codepipeline_saw(self):
        done = self.run_phase("build.yml", "pre_build", CODEBUILD_RESOLVED_SOURCE_VERSION="a.b_c")
        self.assertEqual((done.returncode, self.read("VERSION")), (0, "a.b_c\n"))

    def test_a_strange_version_stops_the_build(self):
        for version in STRANGE:
            with self.subTest(version=version):
                self.write("VERSION", version.split("\n")[0] + " \n")
                done = self.run_phase("build.yml", "pre_build",
                                      CODEBUILD_RESOLVED_SOURCE_VERSION="a")
                self.assertEqual(done.returncode, 1)
                self.assertIn("the first line of the file VERSION", done.stderr)

    def test_an_id_of_s3_that_can_be_no_version_wants_a_file(self):
        for given in (".a", "_a", "a..b"):
            with self.subTest(given=given):
                variables = {"CODEBUILD_RESOLVED_SOURCE_VERSION": given}
                done = self.run_phase("build.yml", "pre_build", **variables)
                self.assertEqual(done.returncode, 1)
                self.assertIn("put a file VERSION into the source", done.stderr)
                self.write("VERSION", "2222222\n")
                done = self.run_phase("build.yml", "pre_build", **variables)
                self.assertEqual(done.returncode, 0, done.stderr)
                self.assertEqual(self.read("INFRASTRUCTURE_VERSION"), given + "\n")
                (self.folder / "work/VERSION").unlink()

    def test_with_a_repository_the_infrastructure_goes_back_to_commits(self):
        variables = {"CODEBUILD_RESOLVED_SOURCE_VERSION": "a.b_c", "SOURCE_VERSIONS": "commits"}
        done = self.run_phase("build.yml", "pre_build", **variables)
        self.assertEqual(done.returncode, 1)
        self.assertIn("put a file VERSION with the commit", done.stderr)
        self.write("VERSION", "2222222\n")
        done = self.run_phase("build.yml", "pre_build", **variables)
        self.assertEqual((done.returncode, self.read("INFRASTRUCTURE_VERSION")), (0, "2222222\n"))

    def test_failing_tests_stop_the_build(self):
        self.told_to_exit("npm", 1)
        self.assertEqual(self.run_phase("build.yml", "build").returncode, 1)
        self.assertEqual([call[1:] for call in self.calls()], [["ci"]])

    def test_the_worker_gets_the_program_and_checks_its_configuration(self):
        done = self.run_phase("worker.yml", "install")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertTrue(os.access(self.folder / "tools/stepback", os.X_OK))
        self.assertEqual(self.calls()[-1], ["stepback", "config", "check"])

    def test_what_was_built_is_deployed_with_its_record(self):
        self.write("VERSION", "2222222\n")
        self.write("INFRASTRUCTURE_VERSION", "a.b_c\n")
        done = self.run_phase("worker.yml", "build", VERSION="")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual(self.steps(), [["stepback", "deploy", "test", "--version", "2222222",
                                         "--from", "dist", "--infra-version", "a.b_c"]])

    def test_it_says_whether_the_infrastructure_changed_where_that_is_known(self):
        self.write("VERSION", "2222222\n")
        self.write("INFRASTRUCTURE_VERSION", "a.b_c\n")
        handed = self.folder / "handed"
        handed.mkdir()
        for said, given in (("true", ["--infra-changed", "true"]),
                            ("false", ["--infra-changed", "false"]), ("perhaps", []), ("", [])):
            with self.subTest(said=said):
                (handed / "INFRASTRUCTURE_CHANGED").write_text(said + "\n", encoding="utf-8")
                done = self.run_phase("worker.yml", "build", VERSION="",
                                      CODEBUILD_SRC_DIR_Infrastructure=str(handed))
                self.assertEqual(done.returncode, 0, done.stderr)
                self.assertEqual(self.steps()[-1][9:], given)

    def test_a_deployment_that_was_taken_back_is_a_failed_build(self):
        self.write("VERSION", "2222222\n")
        self.write("INFRASTRUCTURE_VERSION", "a.b_c\n")
        self.told_to_exit("stepback", 1)
        self.assertEqual(self.run_phase("worker.yml", "build").returncode, 1)

    def test_by_hand_the_worker_goes_to_a_published_release(self):
        for variables in ({"VERSION": "1111111"},
                          {"VERSION": "", "CODEBUILD_SOURCE_VERSION": "1111111"}):
            with self.subTest(variables=variables):
                done = self.run_phase("worker.yml", "build", **variables)
                self.assertEqual(done.returncode, 0, done.stderr)
                self.assertEqual(self.steps()[-1], [
                    "stepback", "rollback", "test", "--to", "1111111", "--component", "app",
                    "--yes", "--confirm", "test", "--reason",
                    "kiro-worker-test was started by pat"])

    def test_by_hand_without_a_version_nothing_happens(self):
        for version in STRANGE:
            with self.subTest(version=version):
                self.assertEqual(
                    self.run_phase("worker.yml", "build", VERSION=version).returncode, 1)
        self.assert_no_harm()

    def test_stacks_are_deployed_one_by_one_and_alone(self):
        (self.folder / "work/infrastructure").mkdir()
        done = self.run_phase("infrastructure.yml", "build", STACKS="KiroPipeline Other")
        self.assertEqual(done.returncode, 0, done.stderr)
        end = ["--context", "environment=test", "--require-approval", "never", "--no-notices"]
        self.assertEqual(self.calls(), [
            ["npm", "ci"],
            ["npx", "cdk", "deploy", "KiroPipeline", "--exclusively", *end],
            ["npx", "cdk", "deploy", "Other", "--exclusively", *end]])

    def test_all_stacks_are_deployed_as_the_runbook_does(self):
        (self.folder / "work/infrastructure").mkdir()
        self.run_phase("infrastructure.yml", "build", STACKS="--all")
        self.assertEqual(self.calls()[-1], ["npx", "cdk", "deploy", "--all", "--context",
                                            "environment=test", "--require-approval", "never",
                                            "--no-notices"])

    def test_a_strange_stack_is_not_deployed(self):
        (self.folder / "work/infrastructure").mkdir()
        for stacks in ("$(touch", "--force", "a;b", "-x", "KiroPipeline ../x"):
            with self.subTest(stacks=stacks):
                self.assertEqual(
                    self.run_phase("infrastructure.yml", "build", STACKS=stacks).returncode, 1)
        self.assertEqual(self.calls(), [])

    def test_a_stack_that_fails_stops_the_others(self):
        (self.folder / "work/infrastructure").mkdir()
        self.told_to_exit("npx", 1)
        done = self.run_phase("infrastructure.yml", "build", STACKS="KiroPipeline Other")
        self.assertEqual((done.returncode, len(self.calls())), (1, 2))

    def infrastructure_in_the_pipeline(self, stacks, code):
        (self.folder / "work/infrastructure").mkdir(exist_ok=True)
        self.told_to_exit("npx", code)
        done = self.run_phase("infrastructure.yml", "build", STACKS=stacks,
                              CODEBUILD_INITIATOR="codepipeline/kiro-pipeline-test")
        return done, self.read("INFRASTRUCTURE_CHANGED")

    def test_in_the_pipeline_it_is_found_out_first_whether_anything_changes(self):
        done, changed = self.infrastructure_in_the_pipeline("KiroPipeline", 0)
        self.assertEqual((done.returncode, changed), (0, "false\n"), done.stderr)
        self.assertEqual([call[1:4] for call in self.calls()[1:]],
                         [["cdk", "diff", "KiroPipeline"], ["cdk", "deploy", "KiroPipeline"]])
        self.assertEqual(self.calls()[1][4:], ["--exclusively", "--context", "environment=test",
                                               "--fail", "--no-notices"])

    def test_all_stacks_are_compared_without_a_name(self):
        self.infrastructure_in_the_pipeline("--all", 0)
        self.assertEqual(self.calls()[1], ["npx", "cdk", "diff", "--context", "environment=test",
                                           "--fail", "--no-notices"])

    def test_a_difference_or_an_error_counts_as_a_change(self):
        done, changed = self.infrastructure_in_the_pipeline("KiroPipeline Other", 1)
        self.assertEqual((done.returncode, changed), (1, "true\n"))
        self.assertEqual([call[2] for call in self.calls()[1:]], ["diff", "diff", "deploy"])

    def infrastructure_ends(self, initiator="codepipeline/kiro-pipeline-test", succeeding="0",
                            **more):
        self.write("VERSION", "2222222\n")
        return self.run_phase("infrastructure.yml", "post_build", CODEBUILD_INITIATOR=initiator,
                              CODEBUILD_BUILD_SUCCEEDING=succeeding,
                              CODEBUILD_RESOLVED_SOURCE_VERSION="a.b_c", **more)

    def test_a_failed_infrastructure_is_a_deployment_that_never_ran(self):
        self.infrastructure_ends()
        self.assertEqual(self.steps(), [
            ["stepback", "deploy", "fail", "test", "--version", "2222222", "--infra-version",
             "a.b_c", "--reason", "cdk deploy failed: build build:1"]])

    def test_with_a_repository_its_record_has_the_commit(self):
        self.infrastructure_ends(SOURCE_VERSIONS="commits")
        self.assertEqual(self.steps()[0][6:8], ["--infra-version", "2222222"])

    def test_who_started_it_by_hand_sees_to_the_records(self):
        self.infrastructure_ends(initiator="pat")
        self.assertEqual(self.calls(), [])

    def test_an_infrastructure_that_was_deployed_is_no_record_of_its_own(self):
        self.infrastructure_ends(succeeding="1")
        self.assertEqual(self.calls(), [])


if __name__ == "__main__":
    unittest.main(verbosity=2)
