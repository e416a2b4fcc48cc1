# SPDX-License-Identifier: Apache-2.0
"""Reports as tools write them here today, through the gate of the real program.

Where a tool is missing its test is skipped, and says so; none of them is among what `scripts/setup
test` installs, but for the test program of ours, which must be there.
"""

import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import unittest

import stage

PROGRAM = pathlib.Path(stage.PROGRAM)
GOOGLE_TEST = os.environ.get("STEPBACK_A_TEST")  # a test program of ours
CONFIGURATION = """version: 1
service: shop
state: {state}
environments: [{{ name: test }}]
defaults:
  application: {{ kind: symlink, releases: "{state}/releases", current: "{state}/current" }}
  health: [{{ name: home, url: "http://127.0.0.1:9/" }}]
"""
TEMPLATE = """AWSTemplateFormatVersion: "2010-09-09"
Resources:
  Bucket:
    Type: AWS::S3::Bucket
    Properties:
      {property}
"""
SOURCE = """int main(int count, char**) {
  if (count > 1)
    return 3;
  return 0;
}
"""
PYTEST = """def test_sum():
    assert 1 + 1 == 2


def test_difference():
    assert {difference} == 1
"""


def needs(tool):
    if shutil.which(tool) is None:
        print(f"real_reports: skipped without {tool}", file=sys.stderr)
        raise unittest.SkipTest(f"no {tool} here")
    return tool


class RealReports(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.addCleanup(self.folder.cleanup)
        self.path = pathlib.Path(self.folder.name)
        (self.path / "stepback.yaml").write_text(CONFIGURATION.format(state=self.path / "state"))

    def run_tool(self, *command, **options):
        return subprocess.run(command, cwd=self.path, capture_output=True, text=True, timeout=300,
                              check=False, **options)

    def gate(self, kind, report, *more):
        ran = self.run_tool(PROGRAM, "gate", kind, "test", "--no-record", "--report", report,
                            "-c", "stepback.yaml", "-o", "json", *more)
        self.assertTrue(ran.stdout, ran.stderr)
        verdict = json.loads(ran.stdout)
        self.assertEqual(ran.returncode, {"pass": 0, "fail": 1, "unreadable": 7}[verdict["result"]])
        written = json.loads((self.path / "stepback-gate.json").read_text())
        self.assertEqual(written["result"], verdict["result"])
        return verdict

    def test_a_google_test_program_that_passes(self):
        self.assertIsNotNone(GOOGLE_TEST, "STEPBACK_A_TEST names a test program")
        self.run_tool(GOOGLE_TEST, "--gtest_filter=Gate.*", "--gtest_output=xml:junit.xml")
        verdict = self.gate("tests", "junit.xml")
        self.assertEqual(verdict["result"], "pass", verdict["why"])

    def test_a_google_test_program_that_ran_nothing(self):
        self.assertIsNotNone(GOOGLE_TEST, "STEPBACK_A_TEST names a test program")
        self.run_tool(GOOGLE_TEST, "--gtest_filter=NoSuchTest.*", "--gtest_output=xml:junit.xml")
        self.assertEqual(self.gate("tests", "junit.xml")["result"], "unreadable")

    def test_pytest_that_fails_and_passes(self):
        if self.run_tool(sys.executable, "-m", "pytest", "--version").returncode != 0:
            print("real_reports: skipped without pytest", file=sys.stderr)
            self.skipTest("no pytest here")
        for difference, result in (("2 - 1", "pass"), ("2 - 2", "fail")):
            (self.path / "test_it.py").write_text(PYTEST.format(difference=difference))
            self.run_tool(sys.executable, "-B", "-m", "pytest", "-q", "-p", "no:cacheprovider",
                          "--junitxml=junit.xml", "test_it.py")
            verdict = self.gate("tests", "junit.xml")
            self.assertEqual(verdict["result"], result, verdict["why"])

    def test_gcovr_in_each_format_that_is_read(self):
        needs("gcovr")
        (self.path / "it.cpp").write_text(SOURCE)
        self.run_tool("g++", "--coverage", "-O0", "it.cpp", "-o", "it")
        self.run_tool("./it")
        self.run_tool("gcovr", "--xml", "coverage.xml", "--root", ".")
        verdict = self.gate("coverage", "coverage.xml", "--coverage", "75")
        self.assertEqual(verdict["result"], "pass", verdict["why"])
        verdict = self.gate("coverage", "coverage.xml", "--coverage", "100")
        self.assertEqual(verdict["result"], "fail", verdict["why"])

    def test_cfn_lint_of_a_template_with_a_mistake_and_without(self):
        needs("cfn-lint")
        for line, result in (("BucketName: shop", "pass"), ("BucketNam: shop", "fail")):
            (self.path / "it.yaml").write_text(TEMPLATE.format(property=line))
            linted = self.run_tool("cfn-lint", "--format", "json", "it.yaml")
            (self.path / "lint.json").write_text(linted.stdout)
            verdict = self.gate("cfn", "lint.json")
            self.assertEqual(verdict["result"], result, verdict["why"] + linted.stderr)

    def test_npm_audit_that_reaches_nobody(self):
        needs("npm")
        lock = {"name": "shop", "version": "1.0.0", "lockfileVersion": 3, "requires": True,
                "packages": {"": {"name": "shop", "version": "1.0.0",
                                  "dependencies": {"left-pad": "1.3.0"}},
                             "node_modules/left-pad": {"version": "1.3.0"}}}
        (self.path / "package.json").write_text(json.dumps(lock["packages"][""]))
        (self.path / "package-lock.json").write_text(json.dumps(lock))
        audited = self.run_tool("npm", "audit", "--json", "--registry", "http://127.0.0.1:9/",
                                "--fetch-retries=0", "--cache", str(self.path / "cache"))
        (self.path / "audit.json").write_text(audited.stdout)
        verdict = self.gate("scan", "audit.json")
        self.assertEqual(verdict["result"], "unreadable", audited.stdout)


if __name__ == "__main__":
    unittest.main()
