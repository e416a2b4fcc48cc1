#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The builds that test what runs and judge reports, through a shell with pretended programs."""

import os
import unittest

from pretended import STRANGE, UNIT, Building


class TestingWhatRuns(Building):
    SUITES = {"test": "integration", "staging": "end-to-end"}

    def test_each_environment_has_its_own_tests(self):
        for environment, suite in self.SUITES.items():
            with self.subTest(environment=environment):
                self.forget_calls()
                done = self.run_build("tests.yml", ENVIRONMENT=environment)
                self.assertEqual(done.returncode, 0, done.stderr)
                self.assertEqual(self.calls(), [["npm", "ci"], ["npm", "run", f"test:{suite}"]])
                self.assertEqual(self.read(f"reports/{suite}.exit"), "0\n")

    def test_tests_that_fail_are_handed_over_to_the_gate(self):
        self.told("npm", "run", "test:integration", code=1,
                  writes={"reports/integration.xml": "one failed"})
        self.assertEqual(self.run_build("tests.yml").returncode, 0)
        self.assertEqual((self.read("reports/integration.exit"),
                          self.read("reports/integration.xml")), ("1\n", "one failed"))

    def test_what_cannot_be_installed_is_no_verdict(self):
        self.told("npm", "ci", code=1)
        self.assertEqual(self.run_build("tests.yml").returncode, 1)
        self.assertEqual(os.listdir(self.folder / "work/reports"), [])

    def test_elsewhere_nothing_of_the_source_runs(self):
        done = self.run_build("tests.yml", ENVIRONMENT="production")
        self.assertEqual((done.returncode, self.calls()), (0, []))
        self.assertTrue(os.listdir(self.folder / "work/reports"))


class Judging(Building):
    """What the build and the tests handed over, held against the gates."""

    def setUp(self):
        super().setUp()
        self.write("VERSION", "2222222\n")
        for name in ("lcov.info", "packages.json", "infrastructure.json", "lint.json",
                     "guard.json"):
            self.write("reports/" + name, "a report")
        self.ended("unit", 0)
        for kind in ("tests", "coverage", "scan", "cfn"):
            self.told("stepback", "gate", kind, writes={f"verdicts/{kind}.json": "{}"})

    def ended(self, suite, code):
        self.write(f"reports/{suite}.xml", "a report")
        self.write(f"reports/{suite}.exit", f"{code}\n")

    def judge(self, what="build", **more):
        self.forget_calls()
        return self.run_build("gates.yml", JUDGE=what, **more)

    def gates(self):
        return [call[2:] for call in self.steps() if call[1] == "gate"]

    def gate(self, kind, *reports, environment="test", version="2222222"):
        given = [word for name in reports for word in ("--report", name)]
        return [kind, environment, "--version", version, *given,
                "--output-file", f"verdicts/{kind}.json"]

    def test_it_takes_the_program_and_checks_its_configuration_first(self):
        self.judge()
        self.assertEqual([call[:3] for call in self.calls()[:3]], [
            ["aws", "s3", "cp"], ["aws", "s3", "cp"], ["stepback", "config", "check"]])

    def test_a_build_passes_four_gates_on_the_reports_that_it_wrote(self):
        done = self.judge()
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual(self.gates(), [
            self.gate("tests", "reports/unit.xml"),
            self.gate("coverage", "reports/lcov.info"),
            self.gate("scan", "reports/packages.json", "reports/infrastructure.json"),
            self.gate("cfn", "reports/lint.json", "reports/guard.json")])

    def test_each_kind_is_asked_once_since_a_later_pass_would_lift_its_hold(self):
        self.judge()
        kinds = [gate[0] for gate in self.gates()]
        self.assertEqual(len(set(kinds)), len(kinds))

    def test_a_gate_that_fails_fails_the_build_and_the_others_are_asked_all_the_same(self):
        for code in (1, 7):
            with self.subTest(code=code):
                self.told("stepback", "gate", "coverage", code=code)
                done = self.judge()
                self.assertEqual((done.returncode, len(self.gates())), (code, 4))

    def test_a_gate_that_wrote_no_verdict_has_not_passed(self):
        self.told("stepback", "gate", "scan")
        done = self.judge()
        self.assertEqual((done.returncode, len(self.gates())), (7, 4))
        self.assertIn("no verdict was written", done.stderr)

    def test_the_first_that_failed_says_how_the_build_ends(self):
        self.told("stepback", "gate", "tests", code=7)
        self.told("stepback", "gate", "cfn", code=1)
        self.assertEqual(self.judge().returncode, 7)

    def test_a_runner_that_failed_is_a_failed_case_whatever_its_report_says(self):
        for said in ("1", "139"):
            with self.subTest(said=said):
                self.ended("unit", said)
                self.judge()
                self.assertEqual(self.gates()[0],
                                 self.gate("tests", "reports/unit.xml", "verdicts/unit.runner"))
                self.assertEqual(
                    self.read("verdicts/unit.runner"),
                    '<testsuite name="runner"><testcase name="unit"><failure message="it ended '
                    f'with {said}"/></testcase></testsuite>\n')

    def test_a_runner_that_did_not_say_how_it_ended_has_failed(self):
        for said in ("", "x", "-1", "0 0", "00000", "$(touch harm)", "<a/>"):
            with self.subTest(said=said):
                self.write("reports/unit.exit", said + "\n")
                self.judge()
                self.assertIn("verdicts/unit.runner", self.gates()[0])
                self.assertIn("it ended with nothing known", self.read("verdicts/unit.runner"))
        (self.folder / "work/reports/unit.exit").unlink()
        self.judge()
        self.assertIn("verdicts/unit.runner", self.gates()[0])
        self.assertFalse((self.folder / "work/harm").exists())

    def test_a_report_that_is_missing_is_asked_for_all_the_same(self):
        (self.folder / "work/reports/unit.xml").unlink()
        self.judge()
        self.assertEqual(self.gates()[0], self.gate("tests", "reports/unit.xml"))

    def test_of_a_deployment_the_tests_of_its_environment_are_judged(self):
        for environment, suite in TestingWhatRuns.SUITES.items():
            with self.subTest(environment=environment):
                self.ended(suite, 0)
                done = self.judge("deployment", ENVIRONMENT=environment)
                self.assertEqual(done.returncode, 0, done.stderr)
                self.assertEqual(self.gates(), [
                    self.gate("tests", f"reports/{suite}.xml", environment=environment)])

    def test_of_a_deployment_the_version_is_what_the_build_said(self):
        built = self.folder / "built"
        built.mkdir()
        (built / "VERSION").write_text("3333333\n", encoding="utf-8")
        self.ended("integration", 0)
        self.judge("deployment", CODEBUILD_SRC_DIR_Built=str(built))
        self.assertEqual(self.gates()[0][:4], ["tests", "test", "--version", "3333333"])

    def test_where_no_tests_are_meant_there_is_nothing_to_judge(self):
        done = self.judge("deployment", ENVIRONMENT="production")
        self.assertEqual((done.returncode, self.gates()), (0, []))

    def test_whoever_does_not_say_what_to_judge_is_refused(self):
        self.assertEqual(self.judge("everything").returncode, 1)
        self.assertEqual(self.gates(), [])

    def test_a_strange_version_reaches_no_gate(self):
        for version in STRANGE:
            with self.subTest(version=version):
                self.write("VERSION", version.split("\n")[0] + " \n")
                self.assertEqual(self.judge().returncode, 1)
                self.assertEqual(self.gates(), [])

    def test_verdicts_go_where_the_source_points_nothing(self):
        (self.folder / "elsewhere").mkdir()
        (self.folder / "work/verdicts").symlink_to(self.folder / "elsewhere")
        self.ended("unit", 1)
        self.judge()
        self.assertEqual(os.listdir(self.folder / "elsewhere"), [])

    def test_a_build_whose_tests_fail_is_stopped_by_its_gate(self):
        self.write("infrastructure/package.json", "{}")
        self.told("npm", "run", "build", writes={"dist/app.js": ""})
        self.told("npm", "test", code=1, writes={"reports/unit.xml": UNIT})
        self.assertEqual(self.run_build("build.yml").returncode, 0)
        self.told("stepback", "gate", "tests", code=1)
        done = self.judge()
        self.assertEqual(done.returncode, 1)
        self.assertIn("verdicts/unit.runner", self.gates()[0])


if __name__ == "__main__":
    unittest.main(verbosity=2)
