#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What `stepback init --snippets` prints, executed: each command through a real shell, with the
real program and records of our own, as CodeBuild and GitHub run them. No network."""

import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import unittest

BINARY = pathlib.Path(os.environ["STEPBACK_BINARY"]).resolve()
COMMIT = "0123456789abcdef0123456789abcdef01234567"
GREEN = {
    "reports/junit.xml": "<testsuite tests='1'><testcase name='adds'/></testsuite>",
    "reports/coverage-summary.json":
        '{"total": {"lines": {"total": 10, "covered": 9, "skipped": 0, "pct": 90}}}',
    "reports/trivy.json": '{"SchemaVersion": 2, "ArtifactName": "."}',
    "reports/cfn-lint.json": "[]",
}
RED = ("<testsuite tests='1'><testcase name='adds'><failure message='3 is not 4'/></testcase>"
       "</testsuite>")
CONFIGURATION = """version: 1
service: shop
state: {folder}/state
environments:
  - name: test
defaults:
  application:
    kind: symlink
    releases: {folder}/{{environment}}/releases
    current: {folder}/{{environment}}/current
  health:
    - {{ name: home, url: "http://127.0.0.1:9/health" }}
"""


class Snippets(unittest.TestCase):
    def setUp(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="snippets-"))
        self.addCleanup(shutil.rmtree, self.folder)
        (self.folder / "bin").mkdir()
        (self.folder / "bin/stepback").symlink_to(BINARY)
        self.work = self.folder / "work"
        self.work.mkdir()
        (self.folder / "stepback.yaml").write_text(CONFIGURATION.format(folder=self.folder))
        self.env = {"PATH": f"{self.folder}/bin:/usr/bin:/bin", "HOME": str(self.folder),
                    "STEPBACK_CONFIG": str(self.folder / "stepback.yaml"), "CI": "true",
                    "STEPBACK_ENVIRONMENT": "test"}
        for name, text in GREEN.items():
            self.write(name, text)
        self.write("deploy", "#!/bin/sh\ntouch deployed\n")
        printed = self.stepback("init", "--snippets")
        self.assertFalse((self.work / "stepback.yaml").exists())
        self.buildspec, self.workflow = re.split(r"(?m)^# --- \.github.*\n", printed)

    def write(self, name, text):
        path = self.work / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(text)
        path.chmod(0o755)

    def stepback(self, *words):
        return subprocess.run([BINARY, *words], cwd=self.work, env=self.env, capture_output=True,
                              text=True, check=True).stdout

    def shell(self, command, **more):
        return subprocess.run(["bash", "-e", "-c", command], cwd=self.work, text=True, check=False,
                              env={**self.env, **more}, capture_output=True, timeout=60)

    def deployments(self):
        document = json.loads(self.stepback("history", "-o", "json"))
        return [(each["status"], each["version"]) for each in document["deployments"]]

    # --- as CodeBuild does: a phase ends at the first command that fails; post_build runs after
    # --- build whatever became of it

    def phase(self, name):
        body = re.search(rf"(?m)^  {name}:\n    commands:\n((?:      .*\n)+)", self.buildspec)[1]
        commands = re.split(r"(?m)^      - ", body)[1:]
        return [re.sub(r"(?m)^        ", "", re.sub(r"^\|\n", "", each)) for each in commands]

    def build(self):
        succeeding, done = "1", None
        for name in ("pre_build", "build", "post_build"):
            for command in self.phase(name):
                done = self.shell(command, CODEBUILD_RESOLVED_SOURCE_VERSION=COMMIT,
                                  CODEBUILD_BUILD_SUCCEEDING=succeeding,
                                  CODEBUILD_BUILD_ID="build:1")
                if done.returncode != 0:
                    succeeding = "0"
                    break
            if name == "pre_build" and succeeding == "0":
                break
        return succeeding == "1", done

    def test_a_build_that_is_well_is_a_deployment_that_succeeded(self):
        well, done = self.build()
        self.assertTrue(well, done.stdout + done.stderr)
        self.assertEqual(self.deployments(), [("succeeded", COMMIT)])
        self.assertTrue((self.work / "deployed").exists())

    def test_each_gate_that_is_not_green_is_a_deployment_that_failed(self):
        self.write("reports/junit.xml", RED)
        well, done = self.build()
        self.assertFalse(well)
        self.assertIn("adds", done.stdout)
        self.assertEqual(self.deployments(), [("failed", COMMIT)])

    def test_a_report_that_is_missing_is_not_green(self):
        (self.work / "reports/trivy.json").unlink()
        self.assertFalse(self.build()[0])
        self.assertEqual(self.deployments(), [("failed", COMMIT)])

    def test_a_build_that_fails_is_a_deployment_that_failed(self):
        self.write("deploy", "#!/bin/sh\nexit 7\n")
        self.assertFalse(self.build()[0])
        self.assertEqual(self.deployments(), [("failed", COMMIT)])

    # --- as GitHub does: a step that fails skips the others, but for those with an `if`

    def steps(self):
        body = self.workflow.split("    steps:\n")[1]
        for step in re.split(r"(?m)^      - ", body)[1:]:
            yield dict(re.findall(r"(?m)^ *(\w+): (.*)$", step))

    def run_workflow(self):
        failed, begun = False, False
        for step in self.steps():
            if "run" not in step:
                continue
            wanted = failed and begun if "if" in step else not failed
            if not wanted:
                continue
            done = self.shell(step["run"], GITHUB_SHA=COMMIT, GITHUB_RUN_ID="4711",
                              GITHUB_ACTIONS="true")
            failed = failed or done.returncode != 0
            begun = begun or (step.get("id") == "begin" and done.returncode == 0)
        return not failed

    def test_a_workflow_that_is_well_is_a_deployment_that_succeeded(self):
        self.assertTrue(self.run_workflow())
        self.assertEqual(self.deployments(), [("succeeded", COMMIT)])

    def test_a_workflow_whose_tests_fail_is_a_deployment_that_failed(self):
        self.write("reports/junit.xml", RED)
        self.assertFalse(self.run_workflow())
        self.assertEqual(self.deployments(), [("failed", COMMIT)])

    def test_a_workflow_that_could_not_begin_touches_nobody_elses_deployment(self):
        self.stepback("deploy", "start", "test", "--version", "another")
        self.assertFalse(self.run_workflow())
        self.assertEqual(self.deployments(), [("in_progress", "another")])


if __name__ == "__main__":
    sys.exit(unittest.main())
