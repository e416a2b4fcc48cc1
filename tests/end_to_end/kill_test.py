# SPDX-License-Identifier: Apache-2.0
"""kill_test.py [CYCLES [SEED]]: the real server dies by SIGKILL at random moments while deployments
fail, and is started again. After each cycle everything must be as the record says it is.

The seed decides what is deployed and when the server dies; how the machine runs it is its own. A
violation ends the run with status 1 and leaves the folder for whoever looks into it.
"""

import collections
import json
import random
import re
import sys

import stage as stages

POLICY = {"bake": "1500ms", "maxEventAge": "1500ms"}
ENDS = ("completed", "failed", "escalated", "cancelled")
NUMBER = re.compile(r"under number (\d+)$")


class Violation(Exception):
    pass


def must(holds, what):
    if not holds:
        raise Violation(what)


class Killing:
    def __init__(self, stage, seed):
        self.stage = stage
        self.random = random.Random(seed)
        self.server = None
        self.counts = collections.Counter()

    def begin(self):
        self.server = self.stage.start_server()
        self.stage.build("v0")
        self.deploy_everywhere("v0")
        self.stage.wait_until_settled()

    def builds(self, version):
        """Mostly bad: from the start or soon, in every environment or in one of them."""
        facts = {}
        if self.random.random() < 0.75:
            facts["bad_after_ms"] = self.random.choice([0, 200, 400, 600])
            if self.random.random() < 0.5:
                facts["bad_in"] = self.random.choice(self.stage.environments)
        if self.random.random() < 0.1:
            facts["ignores_sigterm"] = "yes"
        self.stage.build(version, **facts)

    def begin_deployments(self, version):
        return [self.stage.begin("deploy", each, "--version", version, "--from",
                                 self.stage.folder / "builds" / version,
                                 "--check-limit", "700ms", "--quiet")
                for each in self.stage.environments]

    def deploy_everywhere(self, version):
        for deployment in self.begin_deployments(version):
            must(deployment.wait(stages.PATIENCE) == 0, f"{version} could not be deployed")

    def kill_and_restart(self):
        stages.pause(self.random.randint(1, 400) / 1000)
        self.stage.kill_server(self.server)
        self.counts["kills"] += 1
        self.counts["takeovers"] += self.left_in_hand(self.server.pid)
        stages.pause(self.random.randint(0, 60) / 1000)
        self.server = self.stage.start_server(ready=self.random.random() < 0.5)

    def left_in_hand(self, pid):
        """How many rollbacks the dead server was acting in: somebody else must carry them on."""
        held = self.stage.query("SELECT lease_holder FROM rollbacks WHERE active = 1")
        return sum(str(pid) in re.split(r"\D+", holder) for (holder,) in held)

    def cycle(self, number):
        self.hand_back()
        version = f"v{number}"
        self.builds(version)
        deployments = self.begin_deployments(version)
        for _ in range(self.random.randint(2, 6)):
            self.kill_and_restart()
        for deployment in deployments:
            deployment.wait(stages.PATIENCE)
        self.stage.wait_until_settled()
        self.check()

    def hand_back(self):
        """What was left to people gets its answer, so that the next cycle may fail again."""
        for each in self.stage.environments:
            if "waiting" in self.stage.head(each):
                self.counts["handed back"] += 1
                self.stage.run("hold", "release", each, "--reason", "looked at by the test")

    # --- what must hold ------------------------------------------------------------------------

    def check(self):
        for each in self.stage.environments:
            self.check_environment(each)
            self.check_numbers(each)
        self.check_notices()

    def check_environment(self, environment):
        head = self.stage.head(environment)
        live = head["live"]
        expected = (live["version"], live["digest"])
        runs = self.stage.runs(environment)
        must(runs == expected, f"{environment} runs {runs}, and the record says {expected}")
        held = [hold for hold in head.get("holds", [])
                if hold["version"] == live["version"] or hold["digest"] == live["digest"]]
        must(not held or "waiting" in head, f"{environment} runs what is held: {held}")
        must("slot" not in head, f"{environment} is still owned by {head.get('slot')}")

    def check_numbers(self, environment):
        rows = self.stage.query("SELECT body FROM journal WHERE environment = ? ORDER BY sequence",
                                environment)
        entries = [json.loads(row[0]) for row in rows]
        given = [int(found[1]) for found in
                 (NUMBER.search(entry["text"]) for entry in entries
                  if entry["kind"] in ("step.intended", "deployment.switching")) if found]
        must(given, f"{environment} has no number in its journal")
        must(all(a < b for a, b in zip(given, given[1:])), f"{environment}: numbers {given}")
        stamp = self.stage.stamp(environment)["operation"]
        must(stamp <= given[-1], f"{environment} carries {stamp}, and only {given[-1]} was given")
        settled = [int(NUMBER.search(entry["text"])[1]) for entry in entries
                   if entry["kind"] == "deployment.switching"]
        must(stamp >= settled[-1], f"{environment} carries {stamp}, switched under {settled[-1]}")

    def check_notices(self):
        """Each environment heard once of a beginning, and each rollback told once how it ended."""
        started, ended = collections.defaultdict(set), collections.defaultdict(set)
        for told in self.stage.notices():
            notice = told["notice"]
            event, name = notice["event"], notice.get("rollbackId")
            if event == "rollback_started":
                started[name, notice["environment"]].add(told["key"])
            elif event.removeprefix("rollback_") in ENDS:
                ended[name].add(told["key"])
        for lane, keys in started.items():
            must(len(keys) == 1, f"{lane} began more than once: {sorted(keys)}")
            must(lane[0] in ended, f"{lane} ended, and nobody was told")
        for name, keys in ended.items():
            must(len(keys) == 1, f"{name} ended more than once: {sorted(keys)}")
        rollbacks = self.stage.rollbacks()
        for rollback in rollbacks:
            name = rollback["id"]
            must("finishedAt" in rollback, f"{name} has not ended")
            must((name, rollback["environment"]) in started, f"nobody was told that {name} began")
        opened = collections.Counter((each["rejected"]["deploymentId"], each["level"])
                                     for each in rollbacks)
        must(all(count == 1 for count in opened.values()),
             f"deployments that were taken back twice: {opened.most_common(3)}")
        self.counts["rollbacks"] = len(rollbacks)
        self.counts["outcomes"] = collections.Counter(each["state"] for each in rollbacks)

    def finish(self):
        verified = self.stage.run("audit", "verify")
        must(verified.returncode == 0, f"audit verify: {verified.stdout}{verified.stderr}")

    def summary(self):
        outcomes = ", ".join(f"{count} {state}"
                             for state, count in sorted(self.counts["outcomes"].items()))
        return (f"{self.counts['kills']} kills, {self.counts['rollbacks']} rollbacks ({outcomes}),"
                f" {self.counts['takeovers']} takeovers")


def main(arguments):
    cycles = int(arguments[0]) if arguments else 10
    seed = int(arguments[1]) if len(arguments) > 1 else random.SystemRandom().randrange(1 << 32)
    print(f"{cycles} cycles, seed {seed}", flush=True)
    with stages.Stage(policy=POLICY, alarm_period="150ms") as stage:
        killing = Killing(stage, seed)
        number = 0
        try:
            killing.begin()
            for number in range(1, cycles + 1):
                killing.cycle(number)
                if number % 10 == 0:
                    print(f"{number} cycles: {killing.summary()}", flush=True)
            killing.finish()
        except (Violation, TimeoutError, ChildProcessError) as violation:
            stage.keep = True
            print(f"cycle {number}: {violation}\nseed {seed}, folder {stage.folder}")
            return 1
        print(f"done: {cycles} cycles, {killing.summary()}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
