#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The scene's records and its rollback, both by Stepback: two good versions deployed by it, a third
that a pipeline of its own puts there, and the way back.

Usage: runbook_test.py --prepare "by_stepback.py prepare" --rollback "by_stepback.py rollback"
"""

import os
import pathlib
import select
import subprocess
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
import account  # noqa: E402
import resources  # noqa: E402
import scene  # noqa: E402

ENVIRONMENT = os.environ["ENVIRONMENT"]


class Laptop:
    """Stepback's configuration and command line, without a function: it acts by itself."""

    def __init__(self, folder):
        self.folder = pathlib.Path(folder)
        self.config = self.folder / "stepback.yaml"
        text = account.configuration(self.folder)
        text = text.replace('  queue: "kiro-pipeline-{environment}-rollback-work"\n', "")
        self.config.write_text(text)
        self.config.chmod(0o600)

    def run(self, *words):
        surroundings = {**os.environ, "AWS_ACCOUNT_ID": resources.ACCOUNT, "HOME": str(self.folder)}
        ran = subprocess.run([account.PROGRAM, "--config", str(self.config), *words], text=True,
                             capture_output=True, env=surroundings, timeout=300)
        if ran.returncode != 0:
            sys.exit(f"{words} ended with {ran.returncode}:\n{ran.stdout}{ran.stderr}")
        return ran.stdout

    def deploy(self, version):
        files = self.folder / version
        for name, data in scene.files_of(version).items():
            (files / name).parent.mkdir(parents=True, exist_ok=True)
            (files / name).write_bytes(data)
        self.run("deploy", ENVIRONMENT, "--version", version, "--from", str(files),
                 "--infra-version", version)


def prepare(laptop):
    server = subprocess.Popen(
        [account.PROGRAM, "--config", str(laptop.config), "serve", "--listen", "127.0.0.1:0"],
        env={**os.environ, "AWS_ACCOUNT_ID": resources.ACCOUNT}, stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL)
    try:
        for good, version in enumerate((scene.OLD, scene.GOOD), start=1):
            laptop.deploy(version)
            for _ in range(200):  # the server lets it become good
                if laptop.run("history", ENVIRONMENT, "-o", "json").count('"goodTime"') >= good:
                    break
                select.select([], [], [], 0.3)
    finally:
        server.terminate()
        server.wait()
    laptop.run("deploy", "start", ENVIRONMENT, "--version", scene.BAD, "--infra-changed", "true",
               "--infra-version", scene.BAD)
    here = scene.Scene.__new__(scene.Scene)
    here.aws = {"s3": resources.client(os.environ["AWS_ENDPOINT_URL"], "s3")}
    here.publish_bad()


def rollback(laptop):
    account.tell(os.environ["AWS_ENDPOINT_URL"], "/emu/build",
                 {"project": f"kiro-pipeline-{ENVIRONMENT}-infrastructure",
                  "status": "SUCCEEDED", "always": True})
    print(laptop.run("rollback", ENVIRONMENT, "--reason", f"back from {scene.BAD}", "--yes",
                     "--confirm", ENVIRONMENT))


if __name__ == "__main__":
    with tempfile.TemporaryDirectory(prefix="stepback-runbook-") as where:
        {"prepare": prepare, "rollback": rollback}[sys.argv[1]](Laptop(where))
