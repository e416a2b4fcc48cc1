#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The Debian packages: built, looked through by lintian, installed, run as a stranger would run
them, and purged. Installing needs root and a machine without Stepback; elsewhere this says so."""

import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import time
import unittest

TREE = pathlib.Path(__file__).resolve().parents[2]
PROGRAM = os.environ["STEPBACK_BINARY"]
WORKER = os.environ["STEPBACK_WORKER"]
STRANGERS_SECONDS = 90


def run(*words, check=True, **more):
    done = subprocess.run(words, capture_output=True, text=True, check=False, **more)
    if check and done.returncode != 0:
        raise AssertionError(f"{words}: {done.returncode}\n{done.stdout}\n{done.stderr}")
    return done


def why_not_installable():
    if os.geteuid() != 0:
        return "not root: the packages were built and not installed"
    if run("dpkg-query", "-W", "stepback", check=False).returncode == 0:
        return "Stepback is installed here already, and stays as it is"
    return None


class Packages(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = pathlib.Path(tempfile.mkdtemp(prefix="packages-"))
        cls.folder.chmod(0o755)
        run(str(TREE / "scripts/packages"), str(cls.folder), PROGRAM, WORKER)
        cls.packages = sorted(cls.folder.glob("*.deb"))

    @classmethod
    def tearDownClass(cls):
        shutil.rmtree(cls.folder)

    def listed(self, name):
        package = next(each for each in self.packages if each.name.startswith(name + "_"))
        return run("dpkg-deb", "-c", str(package)).stdout

    def test_there_are_two_and_they_hold_what_they_say(self):
        self.assertEqual({each.name.split("_")[0] for each in self.packages},
                         {"stepback", "stepback-server"})
        command = self.listed("stepback")
        for path in ("/usr/bin/stepback", "/usr/share/man/man1/stepback-rollback.1.gz",
                     "/usr/share/man/man5/stepback.yaml.5.gz",
                     "/usr/share/bash-completion/completions/stepback",
                     "/usr/share/zsh/vendor-completions/_stepback",
                     "/usr/share/fish/vendor_completions.d/stepback.fish",
                     "/usr/share/doc/stepback/operating/at-three.md"):
            self.assertIn("." + path + "\n", command)
        self.assertNotRegex(command, r"(?m)^\S+ (?!root/root)")
        server = self.listed("stepback-server")
        self.assertIn("./lib/systemd/system/stepback.service\n", server)
        self.assertIn("./etc/stepback/stepback.yaml.example\n", server)

    def test_the_same_input_makes_the_same_package(self):
        again = self.folder / "again"
        run(str(TREE / "scripts/packages"), str(again), PROGRAM, WORKER)
        for package in self.packages:
            self.assertEqual(package.read_bytes(), (again / package.name).read_bytes())

    def test_lintian_finds_nothing(self):
        if not shutil.which("lintian"):
            self.skipTest("lintian is not installed: nobody looked through the packages")
        done = run("lintian", "--allow-root", "--no-cfg", "--fail-on", "error,warning",
                   "--tag-display-limit", "0", *map(str, self.packages), check=False)
        self.assertEqual((done.returncode, done.stdout), (0, ""), done.stderr)

    def test_groff_sets_every_page_without_a_complaint(self):
        if not shutil.which("groff"):
            self.skipTest("groff is not installed: nobody read the pages")
        pages = self.folder / "pages"
        pages.mkdir()
        for page in run(PROGRAM, "help", "--man", "pages").stdout.split():
            (pages / page).write_text(run(PROGRAM, "help", "--man", page).stdout)
        done = run("groff", "-ww", "-man", "-Kutf8", "-Tutf8", "-z",
                   *map(str, sorted(pages.iterdir())), check=False)
        self.assertEqual((done.returncode, done.stderr), (0, ""))

    def test_the_unit_is_sound_and_gives_little_away(self):
        if not shutil.which("systemd-analyze"):
            self.skipTest("systemd-analyze is not installed: nobody rated the unit")
        done = run("systemd-analyze", "security", "--offline=true", "--threshold=20",
                   str(TREE / "packaging/server/stepback.service"), check=False)
        print("\n" + done.stdout.strip().splitlines()[-1].strip())
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)

    def test_the_image_runs_as_nobody_special_and_says_whether_it_is_well(self):
        lines = (TREE / "packaging/Dockerfile").read_text()
        self.assertRegex(lines, r"(?m)^FROM debian:12-slim$")
        self.assertRegex(lines, r"(?m)^USER [1-9]\d*:[1-9]\d*$")
        self.assertRegex(lines, r"(?m)^HEALTHCHECK ")
        self.assertNotRegex(lines, r"(?m)^ADD |:latest|curl|sudo")
        self.assertLess(lines.index("\nRUN "), lines.index("\nUSER "))
        self.assertRegex(lines, r"rm -rf /var/lib/apt/lists")
        for name in ("ENTRYPOINT", "CMD"):
            self.assertRegex(lines, rf"(?m)^ *{name} \[")


class Installed(unittest.TestCase):
    """In this order: install, try, purge."""

    @classmethod
    def setUpClass(cls):
        if why := why_not_installable():
            raise unittest.SkipTest(why)
        cls.folder = pathlib.Path(tempfile.mkdtemp(prefix="installed-"))
        cls.env = {"PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
                   "HOME": str(cls.folder), "LANG": "C.UTF-8", "TERM": "dumb",
                   "DEBIAN_FRONTEND": "noninteractive"}
        run(str(TREE / "scripts/packages"), str(cls.folder / "packages"), PROGRAM, WORKER)
        run("dpkg", "--install", *map(str, sorted((cls.folder / "packages").glob("*.deb"))),
            env=cls.env)

    @classmethod
    def tearDownClass(cls):
        cls.stepback("demo", "stop", check=False)
        run("dpkg", "--purge", "stepback-server", "stepback", env=cls.env)
        left = [path for path in ("/usr/bin/stepback", "/usr/lib/stepback", "/etc/stepback",
                                  "/usr/share/doc/stepback", "/var/lib/stepback",
                                  "/lib/systemd/system/stepback.service",
                                  "/usr/share/doc/stepback-server") if os.path.lexists(path)]
        shutil.rmtree(cls.folder)
        assert not left, f"purging left {left}"

    @classmethod
    def stepback(cls, *words, **more):
        return run("stepback", *words, cwd=cls.folder, env=cls.env, **more)

    def test_a_stranger_sees_a_verified_rollback_in_three_commands(self):
        begun = time.monotonic()
        said = self.stepback("demo").stdout
        self.assertIn("dashboard  http://127.0.0.1:", said)
        broken = self.stepback("demo", "break", "production").stdout
        self.assertIn("production runs v1", broken)
        rollback = re.search(r"rb-[0-9A-Z]+", broken)[0]
        explained = self.stepback("explain", rollback).stdout
        seconds = time.monotonic() - begun
        self.assertIn("kiro-worker-production-health", explained)
        self.assertLess(seconds, STRANGERS_SECONDS)
        print(f"\na stranger's path: 3 commands, {seconds:.0f} s")
        # It goes on, for whoever wants to look around.
        self.assertIn("production", self.stepback("status").stdout)
        self.assertIn("v2", self.stepback("hold", "list").stdout)
        again = self.stepback("demo")
        self.assertEqual(again.stdout.split("dashboard")[1], said.split("dashboard")[1])
        self.stepback("demo", "stop")
        self.assertEqual(self.stepback("demo", "stop", check=False).returncode, 4)
        self.assertEqual(self.stepback("demo", "break", "production", check=False).returncode, 4)
        self.assertFalse((self.folder / ".local/state/stepback/demo").exists())

    def test_the_server_is_there_and_not_started(self):
        self.assertTrue(os.path.exists("/lib/systemd/system/stepback.service"))
        self.assertFalse(os.path.exists("/etc/stepback/stepback.yaml"))
        self.assertFalse(os.path.exists("/etc/systemd/system/multi-user.target.wants/"
                                        "stepback.service"))

    def test_its_example_is_a_configuration(self):
        said = self.stepback("config", "check", "-c", "/etc/stepback/stepback.yaml.example",
                             check=False)
        self.assertIn(said.returncode, (0, 6), said.stderr)
        self.assertNotIn("unknown", said.stderr)

    def test_its_manual_and_its_completion_are_found(self):
        self.assertIn("stepback", run("man", "-w", "stepback-rollback", env=self.env).stdout)
        script = (". /usr/share/bash-completion/completions/stepback; COMP_WORDS=(stepback roll); "
                  "COMP_CWORD=1; _stepback; echo ${COMPREPLY[@]}")
        self.assertEqual(run("bash", "-c", script, env=self.env).stdout, "rollback\n")


if __name__ == "__main__":
    sys.exit(unittest.main())
