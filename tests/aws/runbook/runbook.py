# SPDX-License-Identifier: Apache-2.0
"""The commands of the runbook, read from commands.txt, and how one of them is run."""

import dataclasses
import json
import os
import pathlib
import re
import shutil
import subprocess
import threading
import time

COMMANDS = pathlib.Path(__file__).resolve().parent / "commands.txt"
MISSING = "an AWS CLI of version 2 is missing: apt-get install awscli"
PLACES = ("/usr/bin/aws", "/usr/local/bin/aws", "aws")
PATIENCE = 60
QUIET = 2  # seconds without a new line, after which a command that follows a log has shown it


@dataclasses.dataclass
class Command:
    number: int
    section: str
    shows: str
    text: str
    why_mended: str = ""
    mended: str = ""

    @property
    def endless(self):
        return "--follow" in self.text

    def title(self):
        return " ".join(self.text.replace("\\\n", " ").split())


def read():
    """Every command, in order."""
    commands = []
    for part in re.split(r"(?m)^(?=\[\d+\] )", COMMANDS.read_text())[1:]:
        heading, shows, *lines = part.rstrip("\n").split("\n")
        number, section = re.fullmatch(r"\[(\d+)\] (.*)", heading).groups()
        why = [line for line in lines if line.startswith("mended: ")]
        first = lines.index(why[0]) if why else len(lines)
        commands.append(Command(
            int(number), section, shows.removeprefix("shows: "), "\n".join(lines[:first]),
            " ".join(line.removeprefix("mended: ") for line in why),
            "\n".join(lines[first + len(why):])))
    return commands


def find_cli():
    """The path of an AWS CLI of version 2, whose commands the runbook uses; None: there is none."""
    for place in PLACES:
        path = shutil.which(place)
        if path is None:
            continue
        version = subprocess.run([path, "--version"], capture_output=True, text=True, check=False)
        if version.stdout.startswith("aws-cli/2"):
            return path
    return None


def wrap_cli(path, folder):
    """An `aws` in `folder` that finds the endpoint: older ones heed no AWS_ENDPOINT_URL."""
    wrapper = folder / "aws"
    wrapper.write_text(f'#!/bin/sh\nexec "{path}" --endpoint-url "$AWS_ENDPOINT_URL" "$@"\n')
    wrapper.chmod(0o755)


@dataclasses.dataclass
class Seen:
    """What came of a command: its end, its words, and where and when it was run."""
    status: int
    output: str
    errors: str
    folder: pathlib.Path
    scene: object
    after: bool

    def json(self):
        return json.loads(self.output)

    def text(self):
        return self.output.strip()

    def file(self, name):
        return json.loads((self.folder / name).read_text())


def has_shown_all(output, process):
    """Waits until a command that never ends has been quiet for a while; False: it has ended."""
    until, size, since = time.monotonic() + PATIENCE, 0, time.monotonic()
    while time.monotonic() < until:
        if process.poll() is not None:
            return False
        if output.stat().st_size != size:
            size, since = output.stat().st_size, time.monotonic()
        if size and time.monotonic() - since > QUIET:
            break
        threading.Event().wait(0.1)
    return True


def run(text, endless, folder, environment, scene, after):
    """Runs a command as the runbook's reader would, in a shell; an endless one is ended."""
    output, errors = folder / "stdout", folder / "stderr"
    with output.open("wb") as out, errors.open("wb") as err, subprocess.Popen(
            ["timeout", str(PATIENCE), "bash", "-c", "set -o pipefail\n" + text],
            cwd=folder, env={**os.environ, **environment}, stdin=subprocess.DEVNULL, stdout=out,
            stderr=err) as process:
        if endless and has_shown_all(output, process):
            process.terminate()  # timeout ends what it runs
            process.wait()
            status = 0
        else:
            status = process.wait()
    return Seen(status, output.read_text(), errors.read_text(), folder, scene, after)
