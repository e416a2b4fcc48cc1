#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The builds that build and deploy, through a shell with pretended programs and no network."""

import os
import time
import unittest

from pretended import STRANGE, UNIT, Building


class BuildingTheSource(Building):
    def setUp(self):
        super().setUp()
        self.write("VERSION", "2222222\n")
        self.write("infrastructure/package.json", "{}")
        self.told("npm", "run", "build", writes={"dist/app.js": ""})
        self.npm_test_leaves({"reports/unit.xml": UNIT, "reports/lcov.info": "end_of_record"})
        self.told("npm", "audit", says="packages")
        self.told("npm", "--prefix", says="more packages")
        self.told("cfn-lint", says="[]")
        self.told("cfn-guard", says="guarded")

    def npm_test_leaves(self, files, code=0):
        self.told("npm", "test", code=code, writes=files)

    def build(self):
        return self.run_build("build.yml", CODEBUILD_RESOLVED_SOURCE_VERSION="a.b_c")

    def test_it_builds_tests_and_scans_in_this_order(self):
        done = self.build()
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual([" ".join(call[:3]) for call in self.calls()], [
            "python3 -m pip", "npm ci", "npm run build", "npm test", "npm audit --json",
            "npm --prefix infrastructure", "npm ci", "npx cdk synth", "cfn-lint --format json",
            "cfn-guard validate --rules"])
        self.assertIn("environment=test", self.calls()[7])

    def test_it_hands_over_a_report_of_each_tool(self):
        self.build()
        for name, text in (("unit.xml", UNIT), ("unit.exit", "0\n"), ("packages.json", "packages"),
                           ("infrastructure.json", "more packages"), ("lint.json", "[]"),
                           ("guard.json", "guarded")):
            self.assertEqual(self.read("reports/" + name), text, name)

    def test_tests_that_fail_are_handed_over_to_the_gate(self):
        self.npm_test_leaves({"reports/unit.xml": "one failed"}, code=3)
        done = self.build()
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual((self.read("reports/unit.exit"), self.read("reports/unit.xml")),
                         ("3\n", "one failed"))
        self.assertEqual(self.read("reports/guard.json"), "guarded")

    def test_scans_that_find_something_are_handed_over_to_the_gate(self):
        self.told("npm", "audit", code=1, says="one critical")
        self.told("cfn-lint", code=2, says="an error")
        self.told("cfn-guard", code=19, says="a rule")
        done = self.build()
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual([self.read(f"reports/{name}.json") for name in
                          ("packages", "lint", "guard")], ["one critical", "an error", "a rule"])

    def test_a_report_that_came_with_the_source_is_none(self):
        self.write("reports/unit.xml", UNIT)
        self.write("reports/lint.json", "[]")
        self.npm_test_leaves({}, code=1)
        self.told("npx", code=1)
        done = self.build()
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual(sorted(os.listdir(self.folder / "work/reports")),
                         ["infrastructure.json", "packages.json", "unit.exit"])

    def test_without_infrastructure_there_is_no_report_of_templates(self):
        (self.folder / "work/infrastructure/package.json").unlink()
        (self.folder / "work/infrastructure").rmdir()
        self.assertEqual(self.build().returncode, 0)
        self.assertFalse((self.folder / "work/reports/lint.json").exists())

    def test_what_cannot_be_built_stops_before_it_is_tested(self):
        for start in (("npm", "ci"), ("npm", "run", "build")):
            with self.subTest(start=start):
                self.told(*start, code=1)
                self.assertEqual(self.build().returncode, 1)
                self.assertNotIn(["npm", "test"], self.calls())

    def test_a_build_that_leaves_nothing_to_deploy_fails(self):
        self.told("npm", "run", "build")
        self.assertEqual(self.build().returncode, 1)


class NamingTheVersion(Building):
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


class Deploying(Building):
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

    def deploys_for(self, seconds, between, code=0):
        self.write("VERSION", "2222222\n")
        self.write("INFRASTRUCTURE_VERSION", "a.b_c\n")
        self.told("stepback", "deploy", "test", takes=seconds, code=code)
        begun = time.monotonic()
        done = self.run_phase("worker.yml", "build", VERSION="", SECONDS_BETWEEN_SIGNS=between)
        return done, time.monotonic() - begun

    def test_a_deployment_that_takes_long_gives_signs_of_life(self):
        done, _ = self.deploys_for(3, between="0.3")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn(["stepback", "deploy", "heartbeat", "test"], self.steps())

    def test_the_signs_end_with_the_deployment_which_waits_for_none(self):
        for code in (0, 1):
            with self.subTest(code=code):
                done, took = self.deploys_for(0, between="600", code=code)
                self.assertEqual(done.returncode, code, done.stderr)
                self.assertLess(took, 60)
                self.assertNotIn(["stepback", "deploy", "heartbeat", "test"], self.steps())

    def test_a_sign_that_cannot_be_given_fails_nothing(self):
        self.told("stepback", "deploy", "heartbeat", code=7)
        done, _ = self.deploys_for(3, between="0.3")
        self.assertEqual(done.returncode, 0, done.stderr)

    def test_there_are_no_more_signs_than_a_build_has_time_for(self):
        self.deploys_for(6, between="0")
        self.assertLessEqual(self.steps().count(["stepback", "deploy", "heartbeat", "test"]), 6)


class DeployingInfrastructure(Building):
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
