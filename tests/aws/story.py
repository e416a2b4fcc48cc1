#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The demo on an emulated account, told as it goes: a good version, a bad one, an alarm, and the
function that answers it alone. With --cdk the account is made by `infrastructure/`, as `cdk deploy`
makes a real one, and not by the tests' own resources.

Usage: with_emulator.py story.py [--cdk]
"""

import os
import pathlib
import subprocess
import sys

import account
import resources

ENVIRONMENT = "test"
GOOD = {"app.js": "console.log('one')\n", "lib/data.json": "[1]\n", "only-in-one.txt": "1\n"}
BAD = {"app.js": "console.log('two')\n", "lib/data.json": "[2]\n", "only-in-two.txt": "2\n"}
ALARM = f"kiro-worker-{ENVIRONMENT}-errors"
DETECTS = f"kiro-pipeline-{ENVIRONMENT}-rollback"
FUNCTIONS = (DETECTS, DETECTS + "-worker")


def say(text):
    print(f"\n== {text}", flush=True)


def cdk(*words):
    folder = account.TREE / "infrastructure"
    command = [str(folder / "node_modules/.bin/cdk"), *words, "--no-notices"]
    surroundings = {**os.environ, "CDK_DISABLE_CLI_TELEMETRY": "true",
                    "CDK_DEFAULT_ACCOUNT": resources.ACCOUNT,
                    "CDK_DEFAULT_REGION": resources.REGION}
    print("$ cdk", *words, flush=True)
    ran = subprocess.run(command, cwd=folder, env=surroundings, text=True, capture_output=True,
                         timeout=900)
    for line in (ran.stdout + ran.stderr).splitlines():
        if "✅" in line or "rror" in line or "no changes" in line:
            print("  ", line.strip())
    if ran.returncode != 0:
        sys.exit(ran.stdout[-3000:] + ran.stderr[-3000:])


def by_cdk(aws):
    """The account as `infrastructure/` describes it, with the program as its functions."""
    package = aws.root / "function"
    package.mkdir()
    (package / "bootstrap").write_bytes(pathlib.Path(account.PROGRAM).read_bytes())
    (package / "bootstrap").chmod(0o755)
    (package / "stepback.yaml").write_text(aws.config.read_text())
    cdk("bootstrap", f"aws://{resources.ACCOUNT}/{resources.REGION}")
    cdk("deploy", "--all", "--context", f"environment={ENVIRONMENT}", "--context",
        f"function={package}", "--require-approval", "never")
    # The laptop's configuration speaks of what is there: one environment, and no other.
    text = aws.config.read_text()
    for other in ("staging", "production"):
        text = text.replace(f"  - name: {other}\n", "")
    aws.config.write_text(text.replace("    protected: true\n", ""))


def show(aws, *words):
    print("$ stepback", *words)
    print(aws.run(*words, check=False).stdout.rstrip(), flush=True)


def main():
    with_cdk = "--cdk" in sys.argv[1:]
    with account.Account(bare=with_cdk) as aws:
        if with_cdk:
            say("cdk: from the source to the stacks")
            by_cdk(aws)
            aws.all_well()
        say("a good version, deployed by the command line")
        print(aws.deploy(ENVIRONMENT, "1111111", GOOD).stdout.rstrip())

        def is_good():
            aws.tell("/emu/tick")
            return '"goodTime"' in aws.run("history", ENVIRONMENT, "-o", "json").stdout

        aws.wait(is_good, "the good version having baked")
        say("a bad one")
        print(aws.deploy(ENVIRONMENT, "2222222", BAD).stdout.rstrip())
        assert aws.live(ENVIRONMENT) == BAD
        say(f"the alarm {ALARM} goes off; from here on nobody but the function acts")
        aws.alarms(ENVIRONMENT, "ALARM")
        aws.wait(lambda: aws.live(ENVIRONMENT) == GOOD, "the good version being back")
        aws.alarms(ENVIRONMENT, "OK")

        def ended():
            aws.tell("/emu/tick")
            return "rolled_back" in aws.run("history", ENVIRONMENT, "-o", "json").stdout

        aws.wait(ended, "the rollback's end")
        assert aws.live(ENVIRONMENT) == GOOD
        say("what the function logged")
        logs = aws.client("logs")
        for name in FUNCTIONS:
            for event in logs.filter_log_events(logGroupName=f"/aws/lambda/{name}")["events"]:
                line = event["message"].rstrip()
                if line.startswith(("{", "REPORT")) and "EMF" not in line:
                    print(f"  {name}: {line[:220]}")
        say("what a person sees")
        show(aws, "status")
        show(aws, "history", ENVIRONMENT)
        show(aws, "audit", "verify")


if __name__ == "__main__":
    main()
