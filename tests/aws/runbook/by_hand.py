#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The runbook's steps 3 to 8 as a person would do them: the rollback that its test uses by default.

It takes ENVIRONMENT, DEPLOYMENT_ID and TARGET_VERSION from the environment. Stepback's own rollback
leaves the same behind, among other things.
"""

import json
import os
import pathlib
import sys
import threading
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
import resources  # noqa: E402

ENVIRONMENT = os.environ["ENVIRONMENT"]
DEPLOYMENT = os.environ["DEPLOYMENT_ID"]
TARGET = os.environ["TARGET_VERSION"]
PIPELINE = f"kiro-pipeline-{ENVIRONMENT}"
TABLE = f"{PIPELINE}-deployments"
STARTED = int(time.time())


def client(service):
    return resources.client(os.environ["AWS_ENDPOINT_URL"], service)


def stop_the_pipeline():
    pipelines = client("codepipeline")
    for run in pipelines.list_pipeline_executions(pipelineName=PIPELINE)[
            "pipelineExecutionSummaries"]:
        if run["status"] in ("InProgress", "Stopping"):
            pipelines.stop_pipeline_execution(
                pipelineName=PIPELINE, pipelineExecutionId=run["pipelineExecutionId"], abandon=True,
                reason="Manual rollback initiated due to deployment failure")


def publish():
    """The target's files, nothing else, and the pointer last."""
    s3 = client("s3")
    source, worker = f"{PIPELINE}-artifacts", f"kiro-worker-{ENVIRONMENT}-artifacts"
    prefix = TARGET + "/"
    wanted = [each["Key"].removeprefix(prefix) for each in
              s3.list_objects_v2(Bucket=source, Prefix=prefix)["Contents"]]
    for name in wanted:
        s3.copy_object(Bucket=worker, Key=name, CopySource={"Bucket": source, "Key": prefix + name})
    for each in s3.list_objects_v2(Bucket=worker)["Contents"]:
        if each["Key"] not in [*wanted, "current-version.txt"]:
            s3.delete_object(Bucket=worker, Key=each["Key"])
    s3.put_object(Bucket=worker, Key="current-version.txt", Body=TARGET.encode(),
                  Metadata={"version": TARGET})


def validate():
    until = time.monotonic() + 30
    while client("cloudwatch").describe_alarms(AlarmNamePrefix=PIPELINE + "-",
                                               StateValue="ALARM")["MetricAlarms"]:
        if time.monotonic() > until:
            sys.exit("an alarm is still in ALARM")
        threading.Event().wait(0.2)


def record():
    dynamodb, now = client("dynamodb"), str(int(time.time()))
    key = {"deploymentId": {"S": DEPLOYMENT}}
    failed = dynamodb.get_item(TableName=TABLE, Key=key)["Item"]
    dynamodb.update_item(
        TableName=TABLE, Key=key, ExpressionAttributeNames={"#status": "status"},
        UpdateExpression="SET #status = :status, rollbackReason = :reason, rollbackLevel = :level, "
                         "rollbackTime = :now, endTime = :now",
        ExpressionAttributeValues={
            ":status": {"S": "rolled_back"}, ":level": {"S": "manual"}, ":now": {"N": now},
            ":reason": {"S": f"Manual rollback to version {TARGET}"}})
    dynamodb.put_item(TableName=TABLE, Item={
        "deploymentId": {"S": f"rollback-{STARTED}"}, "environment": {"S": ENVIRONMENT},
        "version": {"S": TARGET}, "status": {"S": "succeeded"}, "startTime": {"N": str(STARTED)},
        "endTime": {"N": now}, "replaces": {"S": DEPLOYMENT},
        "artifactLocation": {"S": f"s3://{PIPELINE}-artifacts/{TARGET}/"}})
    return failed["version"]["S"]


def tell(failed_version):
    client("cloudwatch").put_metric_data(Namespace="KiroPipeline", MetricData=[
        {"MetricName": name, "Value": value, "Unit": unit,
         "Dimensions": [{"Name": "Environment", "Value": ENVIRONMENT}]}
        for name, value, unit in (("RollbackCount", 1, "Count"),
                                  ("DeploymentDuration", time.time() - STARTED, "Seconds"))])
    client("sns").publish(
        TopicArn=resources.arn("sns", f"{PIPELINE}-rollbacks"),
        Subject=f"Manual Rollback Completed - {ENVIRONMENT}",
        Message=json.dumps({
            "event": "manual_rollback_completed", "environment": ENVIRONMENT,
            "currentVersion": failed_version, "targetVersion": TARGET, "deploymentId": DEPLOYMENT,
            "timestamp": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
            "operator": os.environ.get("USER", ""), "validationStatus": "success"}))


if __name__ == "__main__":
    stop_the_pipeline()
    publish()
    validate()
    tell(record())
