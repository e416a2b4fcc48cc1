#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Every command of the runbook, as written and as mended, before and after a rollback.

Usage: runbook_test.py [--rollback COMMAND] [--prepare COMMAND] [--bootstrap FILE] [--only 1,4,48]

The commands of commands.txt run in a shell, by an AWS CLI of version 2, against an emulated AWS
with a deployment that goes wrong in it (scene.py); checks.py says whether each shows the right
thing. The rollback in between is the COMMAND, run by a shell with ENVIRONMENT, DEPLOYMENT_ID and
TARGET_VERSION set; without one it is by_hand.py. With --prepare the records of deployments are not
made here, but by that command. --bootstrap is the rollback function's program. Among --only, a
command that needs what another left (9 needs 8) needs that too.

It prints a table, and fails when a command that should be right is not, or when one that
commands.txt calls wrong is right as written. 77: an AWS CLI or moto is missing.
"""

import argparse
import concurrent.futures
import json
import os
import pathlib
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))
import with_emulator  # noqa: E402

if missing := with_emulator.missing():
    sys.exit(missing)

import checks  # noqa: E402
import runbook  # noqa: E402
import scene  # noqa: E402

AT_ONCE = 3
BEFORE, AFTER = "before", "after"


class Table:
    """What came of each command: (number, as written or mended, before or after) -> complaint."""

    def __init__(self):
        self.found = {}

    def add(self, command, mended, when, complaint):
        self.found[command.number, mended, when] = complaint

    def cell(self, number, mended, when):
        complaint = self.found.get((number, mended, when))
        return "" if complaint is None else "no" if complaint else "yes"

    def verdict(self, number, mended):
        return [self.found[key] for key in self.found if key[:2] == (number, mended)]

    def show(self, commands):
        print("                                                          as written     mended\n"
              "  # command                                            before after  before after")
        for each in commands:
            cells = [self.cell(each.number, mended, when)
                     for mended in (False, True) for when in (BEFORE, AFTER)]
            print(f"{each.number:3} {each.title()[4:52]:50} {cells[0]:6} {cells[1]:6} "
                  f"{cells[2]:6} {cells[3]}")
        for each in commands:
            for mended in (False, True):
                for when in (BEFORE, AFTER):
                    if complaint := self.found.get((each.number, mended, when)):
                        print(f"{each.number:3} {'mended' if mended else 'as written'}, {when}: "
                              f"{complaint}")

    def wrong(self, commands):
        """What should not be so."""
        for each in commands:
            right = self.verdict(each.number, bool(each.mended))
            if not right or any(right):
                yield f"[{each.number}] does not show {each.shows}"
            if each.mended and not any(self.verdict(each.number, False)):
                yield f"[{each.number}] is right as it is written, too"


class Test:
    def __init__(self, commands, the_scene, folder, variables):
        self.commands, self.scene, self.folder = commands, the_scene, folder
        self.variables, self.table = variables, Table()
        self.counted = 0

    def run(self, command, mended, when, check, more):
        """Runs one command in a folder of its own, or that of the acting ones, and judges it."""
        folder = self.folder / "acting"
        if command.number in checks.LOOKING:
            folder = self.folder / f"{command.number}-{mended}-{when}"
        folder.mkdir(exist_ok=True)
        seen = runbook.run(command.mended if mended else command.text, command.endless, folder,
                           {**self.variables, **self.scene.variables(), **more}, self.scene,
                           when == AFTER)
        if seen.status != 0:
            last = (seen.errors.strip().splitlines() or ["nothing"])[-1]
            return f"it ends with {seen.status}: {last}"
        try:
            return check(seen)
        except (ValueError, KeyError, IndexError, TypeError, OSError) as error:
            return f"{type(error).__name__}: {error}; it says {seen.output[:200]!r}"

    def texts(self, command):
        return [False, True] if command.mended else [False]

    def look(self, when):
        """The commands that change nothing, some at once; those that follow a log at first."""
        self.scene.write_logs()
        with concurrent.futures.ThreadPoolExecutor(AT_ONCE) as pool:
            waiting = [(command, mended, pool.submit(self.run, command, mended, when,
                                                     checks.LOOKING[command.number], {}))
                       for command in sorted(self.commands, key=lambda each: not each.endless)
                       if command.number in checks.LOOKING
                       for mended in self.texts(command)]
            for command, mended, future in waiting:
                self.table.add(command, mended, when, future.result())

    def act(self):
        """The commands that change the world, one after the other, in the runbook's order."""
        folder = self.folder / "acting"
        (folder / "dist").mkdir(parents=True)
        (folder / "dist" / "rebuilt.js").write_text("// rebuilt\n")
        (folder / "test-alarm-event.json").write_text(json.dumps(scene.EVENT))
        for command in self.commands:
            if command.number not in checks.ACTING:
                continue
            prepare, check = checks.ACTING[command.number]
            for mended in self.texts(command):
                self.table.add(command, mended, AFTER, self.run(
                    command, mended, AFTER, check, prepare(self.scene)))


def hook(command, variables):
    """Runs a command of whoever tests; its failure is the test's."""
    done = subprocess.run(["bash", "-c", command], env={**os.environ, **variables}, check=False)
    if done.returncode != 0:
        sys.exit(f"{command!r} ended with {done.returncode}")


def rollback(the_scene, command, variables):
    recovery = concurrent.futures.ThreadPoolExecutor(1)
    recovery.submit(the_scene.recover_with_another_version)
    hook(command, {**variables, **the_scene.variables()})
    the_scene.ended.set()
    recovery.shutdown()


def arguments():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--rollback", default=f'"{sys.executable}" -B "{HERE}/by_hand.py"')
    parser.add_argument("--prepare")
    parser.add_argument("--bootstrap", type=pathlib.Path)
    parser.add_argument("--only")
    return parser.parse_args()


def chosen(only):
    numbers = {int(each) for each in only.split(",")} if only else None
    commands = [each for each in runbook.read() if numbers is None or each.number in numbers]
    unchecked = [each.number for each in commands
                 if each.number not in checks.LOOKING and each.number not in checks.ACTING]
    assert not unchecked, f"no check for {unchecked}"
    return commands


def main():
    given = arguments()
    cli = runbook.find_cli()
    if cli is None:
        print(runbook.MISSING)
        return 1 if os.environ.get("CI") == "true" else with_emulator.SKIPPED
    commands = chosen(given.only)
    with with_emulator.Emulator() as emulator, tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        variables = with_emulator.surroundings(emulator.endpoint)
        path = {"PATH": f"{folder}:{os.environ['PATH']}"}
        the_scene = scene.Scene(emulator)
        the_scene.make(not given.prepare, given.bootstrap and given.bootstrap.read_bytes())
        if given.prepare:
            hook(given.prepare, {**variables, "ENVIRONMENT": scene.ENVIRONMENT})
        the_scene.look()
        test = Test(commands, the_scene, folder, {**variables, **path})
        with runbook.Cli(cli, folder):
            test.look(BEFORE)
            rollback(the_scene, given.rollback, variables)
            test.look(AFTER)
            test.act()
        wire = emulator.wire()
    test.table.show(commands)
    wrong = list(test.table.wrong(commands))
    print("\n".join(wrong) or f"all {len(commands)} commands show what they should")
    with_emulator.report(wire)
    return 1 if wrong or wire["problems"] else 0


if __name__ == "__main__":
    sys.exit(main())
