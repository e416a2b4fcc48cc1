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
QUICK = pathlib.Path(__file__).resolve().parent / "quick_cli.py"
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


class Cli:
    """An `aws` in `folder` that finds the endpoint: older ones heed no AWS_ENDPOINT_URL.

    Where the CLI is a Python program, it is loaded once (quick_cli.py), but for what never ends.
    """

    def __init__(self, path, folder):
        first = pathlib.Path(path).open("rb").readline().decode(errors="replace").split()
        python = first[0].removeprefix("#!") if first else ""
        quick = folder / "cli"
        wrapper = folder / "aws"
        lines = ["#!/bin/sh", 'set -- --endpoint-url "$AWS_ENDPOINT_URL" "$@"']
        self.server = None
        if len(first) == 1 and "python" in python:
            self.server = subprocess.Popen([python, QUICK, "serve", quick], stdin=subprocess.PIPE,
                                           stdout=subprocess.PIPE)
            if self.server.stdout.readline() == b"ready\n":
                lines += ['case "$*" in *--follow*) ;;',
                          f'*) exec "{python}" -SE "{QUICK}" call "{quick}" "$@";; esac']
        wrapper.write_text("\n".join([*lines, f'exec "{path}" "$@"', ""]))
        wrapper.chmod(0o755)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.server:
            self.server.stdin.close()
            self.server.wait()
            self.server.stdout.close()


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
