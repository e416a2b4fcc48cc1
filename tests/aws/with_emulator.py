#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Runs a command beside an emulated AWS of its own, and checks every request that it makes.

Usage: with_emulator.py COMMAND [ARGUMENT...]

The command finds the emulator by AWS_ENDPOINT_URL, with credentials that it takes. This fails when
the command does, or when a request was wrong on the wire. Without moto the answer is 77, which
ctest takes for "skipped"; where CI=true it is a failure.
"""

import importlib.util
import json
import os
import pathlib
import subprocess
import sys
import urllib.request

EMULATOR = pathlib.Path(__file__).resolve().parent / "emulator" / "emulator.py"
MISSING = "moto is missing: pip install 'moto[server]==5.2.1'"
SKIPPED = 77


def surroundings(endpoint):
    """What a client needs to find the emulator, and nothing of whoever runs the test."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
    return {**kept, "AWS_ENDPOINT_URL": endpoint, "AWS_ACCESS_KEY_ID": "testing",
            "AWS_SECRET_ACCESS_KEY": "testing", "AWS_REGION": "us-east-1",
            "AWS_DEFAULT_REGION": "us-east-1", "AWS_EC2_METADATA_DISABLED": "true",
            "AWS_ACCOUNT_ID": "123456789012", "AWS_PAGER": "",
            "AWS_CONFIG_FILE": os.devnull, "AWS_SHARED_CREDENTIALS_FILE": os.devnull}


class Emulator:
    """A process with an emulator in it, for `with`."""

    def __init__(self, check=True, port=0):
        command = [sys.executable, "-B", str(EMULATOR), str(port), "--until-input-ends"]
        self.process = subprocess.Popen(command + (["--check"] if check else []), text=True,
                                        stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        line = self.process.stdout.readline()
        if not line.startswith("listening on "):
            self.process.wait()
            raise RuntimeError("the emulator did not start")
        self.endpoint = line.split()[-1]

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.stdin.close()
        self.process.terminate()
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self.process.stdout.close()

    def tell(self, path, value=None, method=None):
        """One request to the emulator itself, such as tell("/emu/stage", {...})."""
        data = None if value is None else json.dumps(value).encode()
        request = urllib.request.Request(self.endpoint + path, data=data, method=method)
        with urllib.request.urlopen(request, timeout=30) as answer:
            body = answer.read()
        return json.loads(body) if body.startswith(b"{") else body

    def wire(self):
        return self.tell("/emu/wire")


def missing():
    if all(importlib.util.find_spec(name) for name in ("moto", "flask", "flask_cors", "boto3")):
        return 0
    print(MISSING)
    return 1 if os.environ.get("CI") == "true" else SKIPPED


def report(wire):
    print(f"{wire['requests']} requests checked, {len(wire['problems'])} refused")
    for problem in wire["problems"]:
        print(f"  {problem['service']} {problem['operation']} ({problem['target']}): "
              f"{'; '.join(problem['problems'])}")
    sys.stdout.flush()


def main():
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    if status := missing():
        return status
    with Emulator() as emulator:
        status = subprocess.call(sys.argv[1:], env=surroundings(emulator.endpoint))
        wire = emulator.wire()
        report(wire)
    return status or (1 if wire["problems"] else 0)


if __name__ == "__main__":
    sys.exit(main())
