# SPDX-License-Identifier: Apache-2.0
"""An emulated account with the runbook's resources and the real program in it, for the tests beside
this file: the function as a Lambda behind rule and queue, the command line as a person has it.
"""

import contextlib
import io
import json
import os
import pathlib
import select
import subprocess
import sys
import tempfile
import time
import urllib.request
import zipfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
import resources  # noqa: E402

TREE = pathlib.Path(__file__).resolve().parents[2]
PROGRAM = os.environ.get("STEPBACK_BINARY", str(TREE / "build/dev/stepback"))
ENVIRONMENTS = ["test", "staging", "production"]
# Everything that the program would wait for in earnest, in the time that a test has.
SHORT = """policy:
  settle: 2s
  quiet: 1s
  lookEvery: 1s
  pollEvery: 1s
  bake: 5s
  maxEventAge: 5s
  alarmGrace: 10s
  brakeCount: 100
"""


def configuration(folder):
    """The example's, with short waits and a folder of its own for state."""
    text = (TREE / "examples/aws/stepback.yaml").read_text()
    begin = text.index("policy:")
    end = text.index("notify:")
    text = text[:begin] + SHORT + "\n" + text[end:]
    return text.replace("state: /tmp/stepback", f"state: {folder}/state")


def tell(endpoint, path, value=None):
    """One request to the emulator itself."""
    request = urllib.request.Request(endpoint + path, json.dumps(value or {}).encode(),
                                     {"Content-Type": "application/json"})
    return json.loads(urllib.request.urlopen(request, timeout=30).read() or b"{}")


class Account:
    """Use it in a `with`, under tests/aws/with_emulator.py."""

    def __init__(self, bare=False):
        self.endpoint = os.environ["AWS_ENDPOINT_URL"]
        self.bare = bare  # somebody else furnishes it

    def __enter__(self):
        self.folder = tempfile.TemporaryDirectory(prefix="stepback-aws-")
        self.root = pathlib.Path(self.folder.name)
        self.config = self.root / "stepback.yaml"
        self.config.write_text(configuration(self.root))
        self.config.chmod(0o600)
        if not self.bare:
            self.furnish()
        return self

    def furnish(self):
        """An account with everything in it, nothing deployed, every alarm OK."""
        resources.make(self.endpoint, ENVIRONMENTS)
        for environment in ENVIRONMENTS:
            self.make_functions(environment)
        self.all_well()

    def __exit__(self, *_):
        with contextlib.suppress(OSError):
            self.folder.cleanup()

    def client(self, service):
        return resources.client(self.endpoint, service)

    def make_functions(self, environment):
        """detect behind the alarm rule, act behind queue and sweep: as they are deployed."""
        bucket = f"kiro-pipeline-{environment}-artifacts"
        self.client("s3").put_object(Bucket=bucket, Key="_tools/function.zip", Body=self.package())
        lambdas, events, sqs = self.client("lambda"), self.client("events"), self.client("sqs")
        for name, role in ((f"kiro-pipeline-{environment}-rollback", "detect"),
                           (f"kiro-pipeline-{environment}-rollback-worker", "act")):
            lambdas.create_function(
                FunctionName=name, Runtime="provided.al2023", Handler="bootstrap", Timeout=120,
                Role=resources.make_role(self.endpoint, environment),
                Code={"S3Bucket": bucket, "S3Key": "_tools/function.zip"},
                Environment={"Variables": {"STEPBACK_ROLE": role,
                                           "STEPBACK_ENVIRONMENT": environment,
                                           "AWS_ACCOUNT_ID": resources.ACCOUNT}})
        pattern = json.loads(json.dumps(resources.ALARM_PATTERN))
        pattern["detail"]["alarmName"] = [{"prefix": f"kiro-pipeline-{environment}-"},
                                          {"prefix": f"kiro-worker-{environment}-"}]
        events.put_rule(Name=f"kiro-pipeline-{environment}-alarm-rule",
                        EventPattern=json.dumps(pattern))
        function = resources.arn("lambda", f"function:kiro-pipeline-{environment}-rollback")
        events.put_targets(Rule=f"kiro-pipeline-{environment}-alarm-rule",
                           Targets=[{"Id": "detect", "Arn": function}])
        events.put_rule(Name=f"kiro-pipeline-{environment}-rollback-sweep",
                        ScheduleExpression="rate(1 minute)")
        events.put_targets(Rule=f"kiro-pipeline-{environment}-rollback-sweep",
                           Targets=[{"Id": "act", "Arn": function + "-worker",
                                     "Input": json.dumps({"source": "stepback.sweep"})}])
        name = f"kiro-pipeline-{environment}-rollback-work"
        queue = sqs.get_queue_url(QueueName=name)["QueueUrl"]
        source = sqs.get_queue_attributes(QueueUrl=queue, AttributeNames=["QueueArn"])
        lambdas.create_event_source_mapping(
            EventSourceArn=source["Attributes"]["QueueArn"], BatchSize=1,
            FunctionName=f"kiro-pipeline-{environment}-rollback-worker",
            FunctionResponseTypes=["ReportBatchItemFailures"])

    def package(self):
        """A zip with the program as `bootstrap`, and its configuration."""
        packed = io.BytesIO()
        with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
            entry = zipfile.ZipInfo("bootstrap")
            entry.external_attr = 0o755 << 16
            archive.writestr(entry, pathlib.Path(PROGRAM).read_bytes(), zipfile.ZIP_DEFLATED, 1)
            archive.writestr("stepback.yaml", self.config.read_text())
        return packed.getvalue()

    def run(self, *words, typed="", check=True):
        """The command line as a person has it."""
        ran = subprocess.run([PROGRAM, "--config", str(self.config), *words], input=typed,
                             text=True, capture_output=True, timeout=120,
                             env={**os.environ, **self.variables()})
        if check and ran.returncode != 0:
            raise AssertionError(f"{words} ended with {ran.returncode}:\n{ran.stdout}{ran.stderr}")
        return ran

    def variables(self):
        return {"AWS_ACCOUNT_ID": resources.ACCOUNT, "NO_COLOR": "1", "HOME": str(self.root)}

    def tell(self, path, value=None):
        return tell(self.endpoint, path, value)

    def release(self, version, files):
        """A folder with a version's files."""
        folder = self.root / "releases" / version
        for path, text in files.items():
            (folder / path).parent.mkdir(parents=True, exist_ok=True)
            (folder / path).write_text(text)
        return folder

    def deploy(self, environment, version, files):
        folder = self.release(version, files)
        return self.run("deploy", environment, "--version", version, "--from", str(folder))

    def live(self, environment):
        """What runs there: the objects of the live bucket, but for the pointer."""
        s3, bucket = self.client("s3"), f"kiro-worker-{environment}-artifacts"
        pages = s3.get_paginator("list_objects_v2").paginate(Bucket=bucket)
        keys = [each["Key"] for page in pages for each in page.get("Contents", [])]
        found = {}
        for key in keys:
            if key == "current-version.txt":
                continue
            with contextlib.suppress(s3.exceptions.NoSuchKey):  # it went while we looked
                found[key] = s3.get_object(Bucket=bucket, Key=key)["Body"].read().decode()
        return found

    def alarms(self, environment, state, names=("kiro-worker-{}-errors",)):
        cloudwatch = self.client("cloudwatch")
        for name in names:
            cloudwatch.set_alarm_state(AlarmName=name.format(environment), StateValue=state,
                                       StateReason="Threshold Crossed")

    def all_well(self):
        """Every alarm of the account is OK."""
        cloudwatch = self.client("cloudwatch")
        for page in cloudwatch.get_paginator("describe_alarms").paginate():
            for alarm in page["MetricAlarms"]:
                if alarm["StateValue"] != "OK":
                    cloudwatch.set_alarm_state(AlarmName=alarm["AlarmName"], StateValue="OK",
                                               StateReason="well")

    def wait(self, holds, what, patience=90.0):
        """What `holds` returns once it is true."""
        until = time.monotonic() + patience
        while True:
            seen = holds()
            if seen:
                return seen
            if time.monotonic() > until:
                raise AssertionError(f"{what} did not happen within {patience:.0f} s")
            select.select([], [], [], 0.3)
