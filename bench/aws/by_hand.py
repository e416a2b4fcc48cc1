# SPDX-License-Identifier: Apache-2.0
"""The operator's command beside the runbook's commands on awscli, both against one emulated AWS
that keeps what it is told; and what each leaves behind where versions differ in awkward ways. Ours
ends when what it restored has settled (for SETTLE) and passed its checks; the script checks
nothing."""

import importlib.util
import resource
import statistics
import subprocess
import sys
import tempfile
import time

import clients
import figures
import seeding
from seeding import CURRENT, POINTER, PREVIOUS
from stand import TREE, item

EMULATOR = TREE / "tests/aws"
ENVIRONMENT = "production"
SCRIPT = [str(clients.HERE / "manual/manual-rollback.sh"), ENVIRONMENT]
OURS = [str(clients.PROGRAM), "rollback", ENVIRONMENT, "--reason", "measured", "--yes"]
SETTLE = "200ms"
# What is measured: files, bytes in each; then the targets for the clock and for CPU time.
SETS = ((20, 10240, "<= 0.025", "<= 0.006"), (1000, 10240, "<= 0.35", "<= 0.02"),
        (1, 200 * 1024 * 1024, "<= 0.08", "<= 0.004"))


def why_not():
    if not (EMULATOR / "with_emulator.py").exists():
        return "tests/aws/with_emulator.py is not there"
    if not all(importlib.util.find_spec(name) for name in ("boto3", "moto")):
        return "boto3 or moto is missing"
    return None


class Place:
    """An environment on an emulator of its own: PREVIOUS was good, CURRENT is live."""

    def __init__(self, before, after, with_ours):
        sys.path.insert(0, str(EMULATOR))
        import resources  # pylint: disable=import-outside-toplevel
        import with_emulator
        self.resources = resources
        self.releases = {PREVIOUS: before, CURRENT: after}
        self.with_ours = with_ours
        self.authority = None
        self.emulator = with_emulator.Emulator(check=False)

    def __enter__(self):
        try:
            self.fill()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_):
        self.emulator.__exit__()

    @property
    def endpoint(self):
        return self.emulator.endpoint

    def client(self, service):
        return self.resources.client(self.endpoint, service)

    def fill(self):
        """Anew, so that every run begins from the same."""
        self.emulator.tell("/moto-api/reset", method="POST")
        self.resources.make(self.endpoint, [ENVIRONMENT])
        s3, table = self.client("s3"), self.client("dynamodb")
        for version, files in self.releases.items():
            for path, data in files.items():
                s3.put_object(Bucket=seeding.artifacts_of(ENVIRONMENT), Key=f"{version}/{path}",
                              Body=data)
        for path, data in self.releases[CURRENT].items():
            s3.put_object(Bucket=seeding.live_of(ENVIRONMENT), Key=path, Body=data)
        s3.put_object(Bucket=seeding.live_of(ENVIRONMENT), Key=POINTER, Body=CURRENT,
                      Metadata={"version": CURRENT})
        for name in ("failures", "rollbacks", "duration"):
            self.client("cloudwatch").set_alarm_state(
                AlarmName=f"kiro-pipeline-{ENVIRONMENT}-{name}", StateValue="OK",
                StateReason="well")
        for number in range(25):
            table.put_item(TableName=f"kiro-pipeline-{ENVIRONMENT}-deployments",
                           Item=item(**seeding.deployment(ENVIRONMENT, number)))
        if self.with_ours:
            clients.record_for_ours(self, ENVIRONMENT, self.releases)
            self.alarm(f"kiro-worker-{ENVIRONMENT}-errors")  # a person goes back, not an alarm

    def alarm(self, name, state="OK"):
        cloudwatch = self.client("cloudwatch")
        cloudwatch.put_metric_alarm(
            AlarmName=name, Namespace="Bench", MetricName=name, Statistic="Sum", Period=60,
            EvaluationPeriods=1, Threshold=1, ComparisonOperator="GreaterThanThreshold")
        cloudwatch.set_alarm_state(AlarmName=name, StateValue=state, StateReason="as it is set")

    def wrong(self):
        """Live objects that are not what PREVIOUS had there, by their bytes."""
        s3, bucket = self.client("s3"), seeding.live_of(ENVIRONMENT)
        wanted = self.releases[PREVIOUS]
        pages = s3.get_paginator("list_objects_v2").paginate(Bucket=bucket)
        live = {each["Key"] for page in pages for each in page.get("Contents", [])} - {POINTER}
        odd = [f"{path} is of no version" for path in live - set(wanted)]
        odd += [f"{path} is missing" for path in set(wanted) - live]
        odd += [f"{path} has other bytes" for path in live & set(wanted)
                if s3.get_object(Bucket=bucket, Key=path)["Body"].read() != wanted[path]]
        pointer = s3.head_object(Bucket=bucket, Key=POINTER)["Metadata"].get("version")
        return odd + ([f"{POINTER} says {pointer}"] if pointer != PREVIOUS else [])


def timed(place, command):
    """Seconds by the clock, and of CPU time with that of all its children."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    begin = time.perf_counter()
    with tempfile.NamedTemporaryFile("w", suffix=".yaml") as configuration:
        text = clients.CONFIGURATION.read_text()
        configuration.write(text.replace("60s", SETTLE).replace("30s", "100ms"))
        configuration.flush()
        around = clients.surroundings(place.endpoint, configuration=configuration.name)
        done = subprocess.run(command, env=around, text=True, capture_output=True, check=False)
    took = time.perf_counter() - begin
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    if done.returncode != 0:
        raise clients.Failed(f"{command[0]}: {(done.stdout + done.stderr).strip()[-400:]}")
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return {"took": took, "cpu": cpu}


def files_of(version, count, size):
    """The newer version's are a byte longer, so that a sync sees that they differ."""
    longer = int(version == CURRENT)
    return {f"dist/file{number:05}.js":
            f"{version} {number:06} ".encode().ljust(size + longer, b".")
            for number in range(count)}


def speed(rounds, with_ours):
    commands = [tuple(SCRIPT), tuple(OURS)] if with_ours else [tuple(SCRIPT)]
    for count, size, target, cpu_target in SETS:
        with Place(files_of(PREVIOUS, count, size), files_of(CURRENT, count, size),
                   with_ours) as place:
            def run(command):
                place.fill()
                took = timed(place, command)
                if found := place.wrong():
                    raise clients.Failed(f"{command[0]}: {found[0]} ({len(found)} such)")
                return took
            runs = clients.alternately(commands, rounds, run)
        for name, key, limit in (("by the clock", "took", target), ("CPU time", "cpu", cpu_target)):
            ours, script = (statistics.median(each[key] for each in runs[who])
                            if who in runs else None for who in (tuple(OURS), tuple(SCRIPT)))
            figures.compare(f"rollback of {count} x {size} bytes, {name}", ours, script,
                            "{:.3f} s", limit)


def rightness(with_ours):
    """Files of equal size, files that were removed, files that were added."""
    before = {"same-size.js": b"old", "removed.js": b"it is there again"}
    after = {"same-size.js": b"new", "added.js": b"it must go"}
    for name, command in (("manual", SCRIPT), ("ours", OURS)):
        if name == "ours" and not with_ours:
            continue
        with Place(before, after, with_ours) as place:
            timed(place, command)
            found = place.wrong()
        if name == "ours":
            figures.hold("awkward differences that are left: ours", len(found), "{}", "<= 0")
        else:
            figures.note("awkward differences that are left: manual", "; ".join(found) or "none")


def measure(rounds, with_ours):
    if reason := why_not():
        figures.note("the operator's command", f"not measured: {reason}")
        return
    rightness(with_ours)
    speed(rounds, with_ours)
