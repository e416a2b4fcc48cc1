# SPDX-License-Identifier: Apache-2.0
"""The world in which the runbook's commands are read: production with a deployment that goes wrong.

v41 and v42 were good; v43 is being deployed by a run of the pipeline, its files are published, and
the alarm about failures has gone off. The alarm recovers once another version is published, as a
real one would. Everything is made through the emulator's AWS calls.
"""

import io
import json
import pathlib
import sys
import threading
import time
import zipfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
import resources  # noqa: E402

ENVIRONMENT = "production"
OLD, GOOD, BAD = "v41", "v42", "v43"
ARTIFACTS = f"kiro-pipeline-{ENVIRONMENT}-artifacts"
WORKER = f"kiro-worker-{ENVIRONMENT}-artifacts"
TABLE = f"kiro-pipeline-{ENVIRONMENT}-deployments"
PIPELINE = f"kiro-pipeline-{ENVIRONMENT}"
ALARM = f"{PIPELINE}-failures"
TOPIC = resources.arn("sns", f"{PIPELINE}-rollbacks")
POINTER = "current-version.txt"
POLLER_LOG = f"/aws/lambda/kiro-worker-{ENVIRONMENT}-poller"
ROLLBACK_LOG = f"/aws/lambda/{PIPELINE}-rollback"
PIPELINE_LOG = f"/aws/codepipeline/{PIPELINE}"
EVENT = {"version": "0", "id": "test-event", "detail-type": "CloudWatch Alarm State Change",
         "source": "aws.cloudwatch", "region": resources.REGION, "account": resources.ACCOUNT,
         "detail": {"alarmName": ALARM, "state": {"value": "ALARM", "reason": "Test alarm"}}}

# A function that takes every event. The shebang names this Python, as there is no other at hand.
BOOTSTRAP = f'''#!{sys.executable} -S
import http.client, os
api = http.client.HTTPConnection(os.environ["AWS_LAMBDA_RUNTIME_API"])
root = "/2018-06-01/runtime/invocation/"
while True:
    api.request("GET", root + "next")
    event = api.getresponse()
    body = event.read().decode()
    print("INFO event", body, flush=True)
    identity = event.headers["Lambda-Runtime-Aws-Request-Id"]
    api.request("POST", root + identity + "/response", b"{{}}")
    api.getresponse().read()
'''


def files_of(version):
    """The files of a version: one of equal size in all, and one that only the bad one has."""
    files = {"app.js": f"// application {version}\n", "lib/data.json": json.dumps([version] * 3)}
    if version == BAD:
        files["feature.js"] = "// new\n"
    return {name: text.encode() for name, text in files.items()}


def zipped(bootstrap):
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w") as code:
        entry = zipfile.ZipInfo("bootstrap")
        entry.external_attr = 0o755 << 16
        code.writestr(entry, bootstrap)
    return data.getvalue()


class Scene:
    """Makes the world, and knows afterwards what the commands should show of it."""

    def __init__(self, emulator):
        self.emulator = emulator
        names = "dynamodb s3 sns sqs cloudwatch logs lambda codepipeline codebuild".split()
        self.aws = {name: resources.client(emulator.endpoint, name) for name in names}
        self.failed = self.target = self.build = self.run = None
        self.ended = threading.Event()

    def make(self, with_records=True, bootstrap=None):
        resources.make(self.emulator.endpoint, ["test", "staging", ENVIRONMENT])
        self.deployments_were_counted = not with_records  # by whoever made them instead
        if with_records:
            self.make_records()
        self.make_artifacts()
        self.make_functions(bootstrap or BOOTSTRAP.encode())
        self.run = self.start_run()
        for stage in ("Source", "Build"):
            self.emulator.tell("/emu/stage", {"pipeline": PIPELINE, "stage": stage,
                                              "status": "Succeeded"})
        self.build = self.aws["codebuild"].start_build(
            projectName=f"kiro-worker-{ENVIRONMENT}", sourceVersion=BAD)["build"]["id"]
        self.listen()
        for name in resources.PIPELINE_ALARMS:
            self.set_alarm(f"{PIPELINE}-{name}", "OK")
        self.set_alarm(ALARM, "ALARM")

    def look(self):
        """Learns from the table what is wrong, and what to go back to."""
        newest = self.newest()
        self.failed = newest[0]
        self.target = next(each["version"]["S"] for each in newest[1:]
                           if each["status"]["S"] == "succeeded")

    def start_run(self):
        return self.aws["codepipeline"].start_pipeline_execution(
            name=PIPELINE, sourceRevisions=[{"actionName": "Source", "revisionValue": BAD,
                                             "revisionType": "S3_OBJECT_VERSION_ID"}]
        )["pipelineExecutionId"]

    def make_records(self):
        now = int(time.time())
        for version, started, status in ((OLD, 7200, "succeeded"), (GOOD, 3600, "succeeded"),
                                         (BAD, 300, "in_progress")):
            item = {"deploymentId": {"S": f"d-{version}"}, "environment": {"S": ENVIRONMENT},
                    "version": {"S": version}, "status": {"S": status},
                    "startTime": {"N": str(now - started)},
                    "infrastructureChanged": {"BOOL": version == BAD},
                    "artifactLocation": {"S": f"s3://{ARTIFACTS}/{version}/"}}
            if status == "succeeded":
                item["endTime"] = {"N": str(now - started + 240)}
            self.aws["dynamodb"].put_item(TableName=TABLE, Item=item)

    def make_artifacts(self):
        for version in (OLD, GOOD, BAD):
            for name, data in files_of(version).items():
                self.aws["s3"].put_object(Bucket=ARTIFACTS, Key=f"{version}/{name}", Body=data)
        self.publish_bad()

    def publish_bad(self):
        """What is published is the bad version, newer than every artifact."""
        for name, data in files_of(BAD).items():
            self.aws["s3"].put_object(Bucket=WORKER, Key=name, Body=data)
        self.aws["s3"].put_object(Bucket=WORKER, Key=POINTER, Body=BAD.encode(),
                                  Metadata={"version": BAD})

    def make_functions(self, bootstrap):
        for name in (f"{PIPELINE}-rollback", "kiro-pipeline-test-rollback",
                     f"kiro-worker-{ENVIRONMENT}-poller"):
            code = bootstrap if name.endswith("-rollback") else BOOTSTRAP
            self.aws["lambda"].create_function(
                FunctionName=name, Runtime="provided.al2023", Handler="bootstrap", Timeout=30,
                Role=f"arn:aws:iam::{resources.ACCOUNT}:role/{PIPELINE}",
                Code={"ZipFile": zipped(code)})

    def write_logs(self):
        """Fresh lines: the commands ask for the last minutes."""
        now = int(time.time() * 1000)
        for group, lines in ((POLLER_LOG, ["INFO polling", "INFO build 17 started"]),
                             (ROLLBACK_LOG, ["INFO ready", "ERROR CodePipeline was throttled"]),
                             (PIPELINE_LOG, [f"Deploy of {BAD} started"])):
            resources.unless_there(self.aws["logs"].create_log_stream, logGroupName=group,
                                   logStreamName="scene")
            self.aws["logs"].put_log_events(logGroupName=group, logStreamName="scene", logEvents=[
                {"timestamp": now - 2000 + number, "message": line}
                for number, line in enumerate(lines)])

    def listen(self):
        self.aws["sqs"].create_queue(QueueName="listener")
        self.aws["sns"].subscribe(TopicArn=TOPIC, Protocol="sqs",
                                  Endpoint=resources.arn("sqs", "listener"))

    def heard(self):
        """The messages of the topic since the last time it was asked, as they were published."""
        url = self.aws["sqs"].get_queue_url(QueueName="listener")["QueueUrl"]
        bodies = []
        while messages := self.aws["sqs"].receive_message(
                QueueUrl=url, MaxNumberOfMessages=10).get("Messages"):
            bodies += [json.loads(each["Body"]) for each in messages]
            for each in messages:
                self.aws["sqs"].delete_message(QueueUrl=url, ReceiptHandle=each["ReceiptHandle"])
        return bodies

    def set_alarm(self, name, state):
        self.aws["cloudwatch"].set_alarm_state(AlarmName=name, StateValue=state,
                                               StateReason=f"the scene wants {state}")

    def published(self):
        return self.aws["s3"].head_object(Bucket=WORKER, Key=POINTER)["Metadata"].get("version")

    def recover_with_another_version(self):
        """A thread: the alarm is OK as soon as the bad version is not published any more."""
        while not self.ended.wait(0.2):
            if self.published() != BAD:
                self.set_alarm(ALARM, "OK")
                return

    def newest(self):
        """The records of the environment, the newest first."""
        found = self.aws["dynamodb"].query(
            TableName=TABLE, IndexName="EnvironmentStartTimeIndex", ScanIndexForward=False,
            KeyConditionExpression="environment = :e",
            ExpressionAttributeValues={":e": {"S": ENVIRONMENT}})
        return found["Items"]

    def record(self, identity=None):
        return self.aws["dynamodb"].get_item(
            TableName=TABLE, Key={"deploymentId": {"S": identity or self.failed_id()}})["Item"]

    def failed_id(self):
        return self.failed["deploymentId"]["S"]

    def failed_version(self):
        return self.failed["version"]["S"]

    def contents(self, bucket, prefix=""):
        """Every object under a prefix: name -> bytes."""
        s3 = self.aws["s3"]
        listed = s3.list_objects_v2(Bucket=bucket, Prefix=prefix).get("Contents", [])
        return {each["Key"].removeprefix(prefix):
                s3.get_object(Bucket=bucket, Key=each["Key"])["Body"].read() for each in listed}

    def run_status(self, run):
        return self.aws["codepipeline"].get_pipeline_execution(
            pipelineName=PIPELINE, pipelineExecutionId=run)["pipelineExecution"]["status"]

    def variables(self):
        """What the runbook's commands have in their shell."""
        return {"ENVIRONMENT": ENVIRONMENT, "ENV": ENVIRONMENT, "TARGET_VERSION": self.target,
                "DEPLOYMENT_ID": self.failed_id(), "CURRENT_VERSION": self.failed_version(),
                "EXECUTION_ID": self.run, "EXEC_ID": self.run, "BUILD_ID": self.build,
                "CURRENT_TIMESTAMP": str(int(time.time())), "USER": "on-call",
                "AWS_ACCOUNT_ID": resources.ACCOUNT, "PYTHONUNBUFFERED": "1"}
