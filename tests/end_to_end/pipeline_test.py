# SPDX-License-Identifier: Apache-2.0
"""The pipeline on one machine, with the real program: one run for each stage that fails.

Each stage in turn is made to fail, and the test looks at what was touched and what was told. Its
log has a line for each, for whoever wants to read what became of it.
"""

import json
import unittest

import stage as stages

ENVIRONMENTS = ("test", "staging", "production")
PASSING = '<testsuite name="cart" tests="1"><testcase classname="Cart" name="adds"/></testsuite>'
FAILING = ('<testsuite name="cart" tests="1"><testcase classname="Cart" name="adds">'
           '<failure message="2 is not 3"/></testcase></testsuite>')
COVERED = "TN:\nSF:cart.cpp\nDA:1,1\nLF:100\nLH:{hit}\nend_of_record\n"
SCAN = {"version": "2.1.0", "runs": [{"tool": {"driver": {"name": "scanner", "rules": []}},
                                      "results": []}]}
BAD_RESULT = {"ruleId": "CVE-2021-44906", "level": "error", "message": {"text": "minimist"}}


class Pipeline(unittest.TestCase):

    def setUp(self):
        self.stage = stages.Stage(ENVIRONMENTS)
        self.addCleanup(self.stage.__exit__, None, None, None)
        self.reports = self.stage.folder / "reports"
        self.reports.mkdir()
        text = self.stage.configuration_text
        self.stage.configuration_text = lambda: self.stages() + text()
        self.stage.configure(bake="300ms", maxEventAge="300ms")
        first = self.stage.build("v1")
        for each in ENVIRONMENTS:
            done = self.stage.run("deploy", each, "--version", "v1", "--from", first,
                                  "--check-limit", "1500ms", "--wait-bake")
            self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        self.stage.configure(bake="30s", maxEventAge="30s")
        self.write_reports()
        self.stage.build("v2")

    def stages(self):
        """The runbook's stages; commands are argument lists, so a version is only an argument."""
        folder, wanted = self.stage.folder, []
        def add(**facts):
            wanted.append("  - " + json.dumps(facts))
        add(name="build", run=["test", "!", "-e", f"{folder}/no-build"])
        add(name="unit-tests", kind="tests", run=["true"], reports=[f"{self.reports}/unit.xml"])
        add(name="coverage", kind="coverage", reports=[f"{self.reports}/cover.info"])
        add(name="scan", kind="scan", reports=[f"{self.reports}/scan.sarif"])
        for before, after in (("test", "integration"), ("staging", "end-to-end")):
            add(name=f"deploy-{before}", kind="deploy", environment=before,
                **{"from": f"{folder}/builds/{{version}}"}, timeout="1500ms")
            add(name=f"{after}-tests", kind="tests", environment=before,
                reports=[f"{self.reports}/{after}.xml"])
        add(name="approval", kind="approval", timeout="20s")
        add(name="deploy-production", kind="deploy", environment="production",
            **{"from": f"{folder}/builds/{{version}}"}, timeout="1500ms")
        return "stages:\n" + "\n".join(wanted) + "\n"

    def write_reports(self, failing=""):
        for name in ("unit", "integration", "end-to-end"):
            (self.reports / f"{name}.xml").write_text(FAILING if name == failing else PASSING)
        (self.reports / "cover.info").write_text(
            COVERED.format(hit=79 if failing == "coverage" else 80))
        scan = json.loads(json.dumps(SCAN))
        if failing == "scan":
            scan["runs"][0]["results"].append(BAD_RESULT)
        (self.reports / "scan.sarif").write_text(json.dumps(scan))

    def newest(self):
        done = self.stage.run("pipeline", "status", "-o", "json")
        return json.loads(done.stdout) if done.returncode == 0 else {}

    def is_asking(self):
        run = self.newest()
        return "approval" in run and "approved" not in run["approval"]

    def carry_out(self, answer="approve"):
        """The run as it ended, with the command's exit status."""
        before = self.newest().get("id")
        command = self.stage.begin("pipeline", "run", "--version", "v2")
        stages.wait_until(lambda: (self.newest().get("id") != before and self.is_asking())
                          or command.poll() is not None, "a question")
        if command.poll() is None:
            said = self.stage.run(answer, "--reason", "looked at staging")
            self.assertEqual(said.returncode, 0, said.stderr)
        status = command.wait(stages.PATIENCE)
        run = self.newest()
        self.tell(run, status)
        return run, status

    def tell(self, run, status):
        touched = [each["environment"] for each in self.stage.rollbacks()]
        told = sorted({each["notice"]["event"] for each in self.stage.notices()})
        bad = [each["name"] for each in run["stages"] if each["state"] in ("failed", "stopped")]
        print(f'{bad[0] if bad else "none":<20} run {run["state"]:<9} exit {status} '
              f'rolled back: {", ".join(touched) or "nothing":<11} told: {", ".join(told)}')

    def assert_runs(self, **versions):
        for environment, version in versions.items():
            self.assertEqual(self.stage.runs(environment)[0], version, environment)

    def assert_nothing_touched(self):
        self.assert_runs(test="v1", staging="v1", production="v1")
        self.assertEqual(self.stage.rollbacks(), [])
        held = [hold["version"] for hold in self.stage.head("production").get("holds", [])]
        self.assertEqual(held, ["v2"], "it is kept out of production")

    def test_all_stages_pass(self):
        run, status = self.carry_out()
        self.assertEqual((run["state"], status), ("passed", 0))
        self.assert_runs(test="v2", staging="v2", production="v2")

    def test_the_build_fails(self):
        (self.stage.folder / "no-build").touch()
        run, status = self.carry_out()
        self.assertEqual((run["state"], status), ("failed", 1))
        self.assert_nothing_touched()

    def test_a_report_before_anything_is_deployed_fails(self):
        for failing in ("unit", "coverage", "scan"):
            with self.subTest(failing):
                self.write_reports(failing)
                run, status = self.carry_out()
                self.assertEqual((run["state"], status), ("failed", 1))
                self.assert_nothing_touched()

    def test_a_report_that_is_cut_off_is_not_green(self):
        (self.reports / "unit.xml").write_text(PASSING[:-20])
        run, _ = self.carry_out()
        self.assertEqual(run["state"], "failed")
        self.assert_nothing_touched()

    def test_the_deployment_to_test_fails(self):
        self.stage.break_versions("test", "v2")
        run, _ = self.carry_out()
        self.assertEqual(run["state"], "failed")
        self.assert_runs(test="v1", staging="v1", production="v1")
        self.assertEqual([each["environment"] for each in self.stage.rollbacks()], ["test"])

    def test_integration_tests_fail(self):
        self.write_reports("integration")
        run, _ = self.carry_out()
        self.assertEqual(run["state"], "failed")
        self.assert_runs(test="v1", staging="v1", production="v1")
        self.assertEqual([each["environment"] for each in self.stage.rollbacks()], ["test"])

    def test_end_to_end_tests_fail(self):
        self.write_reports("end-to-end")
        run, _ = self.carry_out()
        self.assertEqual(run["state"], "failed")
        self.assert_runs(test="v2", staging="v1", production="v1")
        self.assertEqual([each["environment"] for each in self.stage.rollbacks()], ["staging"])

    def test_approval_is_refused(self):
        run, status = self.carry_out("reject")
        self.assertEqual((run["state"], status), ("rejected", 3))
        self.assert_runs(test="v2", staging="v2", production="v1")
        self.assertEqual(self.stage.rollbacks(), [])

    def test_the_deployment_to_production_fails(self):
        self.stage.break_versions("production", "v2")
        run, _ = self.carry_out()
        self.assertEqual(run["state"], "failed")
        self.assert_runs(test="v2", staging="v2", production="v1")
        self.assertEqual([each["environment"] for each in self.stage.rollbacks()], ["production"])

    def test_a_run_whose_process_died_does_not_stand_in_the_way(self):
        command = self.stage.begin("pipeline", "run", "--version", "v2")
        stages.wait_until(self.is_asking, "a question")
        command.kill()
        command.wait()
        dead = self.newest()["id"]
        run, status = self.carry_out()
        self.assertNotEqual(run["id"], dead)
        self.assertEqual((run["state"], status), ("passed", 0))

    def test_a_runner_that_is_killed_leaves_a_run_that_ends(self):
        command = self.stage.begin("pipeline", "run", "--version", "v2")
        stages.wait_until(self.is_asking, "a question")
        command.kill()
        command.wait()
        self.stage.start_server()
        stages.wait_until(lambda: self.newest()["state"] == "failed", "the end of the dead run")
        self.assertIn("died", self.newest()["why"])
        self.assert_runs(test="v2", staging="v2", production="v1")


if __name__ == "__main__":
    unittest.main(verbosity=2)
