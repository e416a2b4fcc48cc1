#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Makes what the runbook's environments consist of, as `infrastructure/` deploys it.

Usage: resources.py ENVIRONMENT...      (AWS_ENDPOINT_URL says where)

As a module: make(endpoint, ["test", "production"]). Made again, what is there is left alone. The
Lambda functions are not among it: a test that needs one brings its code.
"""

import json
import os
import sys

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError

ACCOUNT = "123456789012"
REGION = "us-east-1"
RECORDS = "kiro-pipeline-stepback"
PIPELINE_ALARMS = ("failures", "rollbacks", "duration")
THERE = ("ResourceInUseException", "BucketAlreadyOwnedByYou", "ResourceAlreadyExistsException",
         "EntityAlreadyExists", "PipelineNameInUseException", "InvalidStructureException")
ALARM_PATTERN = {"source": ["aws.cloudwatch"], "detail-type": ["CloudWatch Alarm State Change"],
                 "detail": {"alarmName": [{"prefix": "kiro-pipeline-"}],
                            "state": {"value": ["ALARM"]}}}


def arn(service, resource):
    return f"arn:aws:{service}:{REGION}:{ACCOUNT}:{resource}"


def unless_there(make, **parameters):
    try:
        make(**parameters)
    except ClientError as error:
        if error.response["Error"]["Code"] not in THERE:
            raise


def client(endpoint, service):
    return boto3.client(service, endpoint_url=endpoint, region_name=REGION,
                        aws_access_key_id="testing", aws_secret_access_key="testing",
                        config=Config(s3={"addressing_style": "path"},
                                      retries={"total_max_attempts": 1}))


def index(name, partition, *sorts):
    keys = [{"AttributeName": partition, "KeyType": "HASH"}]
    keys += [{"AttributeName": each, "KeyType": "RANGE"} for each in sorts]
    return {"IndexName": name, "KeySchema": keys, "Projection": {"ProjectionType": "ALL"}}


def make_table(dynamodb, name, attributes, keys, indexes):
    unless_there(
        dynamodb.create_table, TableName=name, BillingMode="PAY_PER_REQUEST",
        AttributeDefinitions=[{"AttributeName": each, "AttributeType": kind}
                              for each, kind in attributes.items()],
        KeySchema=[{"AttributeName": each, "KeyType": kind}
                   for each, kind in zip(keys, ("HASH", "RANGE"))],
        GlobalSecondaryIndexes=indexes)


def make_records(endpoint):
    """The table of the engine's own records, one for all environments."""
    make_table(client(endpoint, "dynamodb"), RECORDS,
               {"pk": "S", "sk": "S", "list": "S", "listed": "S", "owner": "S", "open": "S",
                "place": "N", "due": "N"}, ("pk", "sk"),
               [index("by-list", "list", "place"), index("by-environment", "listed", "place"),
                index("by-owner", "owner", "place"), index("open", "open", "due")])


def make_deployments(endpoint, environment):
    make_table(client(endpoint, "dynamodb"), f"kiro-pipeline-{environment}-deployments",
               {"deploymentId": "S", "environment": "S", "status": "S", "startTime": "N"},
               ("deploymentId",),
               [index("EnvironmentStatusIndex", "environment", "status", "startTime"),
                index("EnvironmentStartTimeIndex", "environment", "startTime")])


def make_buckets(endpoint, environment):
    s3 = client(endpoint, "s3")
    for name in (f"kiro-pipeline-{environment}-artifacts", f"kiro-worker-{environment}-artifacts"):
        unless_there(s3.create_bucket, Bucket=name)
        s3.put_bucket_versioning(Bucket=name, VersioningConfiguration={"Status": "Enabled"})
    s3.put_bucket_lifecycle_configuration(
        Bucket=f"kiro-pipeline-{environment}-artifacts",
        LifecycleConfiguration={"Rules": [{"ID": "retain-90-days", "Status": "Enabled",
                                           "Filter": {"Prefix": ""}, "Expiration": {"Days": 90}}]})


def make_topic(endpoint, environment):
    topic = f"kiro-pipeline-{environment}-rollbacks"
    sns = client(endpoint, "sns")
    sns.create_topic(Name=topic)
    sns.subscribe(TopicArn=arn("sns", topic), Protocol="email", Endpoint="on-call@example.com")


def make_alarms(endpoint, environment):
    cloudwatch = client(endpoint, "cloudwatch")
    for name in PIPELINE_ALARMS:
        cloudwatch.put_metric_alarm(
            AlarmName=f"kiro-pipeline-{environment}-{name}", Namespace="KiroPipeline",
            MetricName=name, Dimensions=[{"Name": "Environment", "Value": environment}],
            Statistic="Sum", Period=300, EvaluationPeriods=1, Threshold=1,
            ComparisonOperator="GreaterThanOrEqualToThreshold", TreatMissingData="notBreaching")
    cloudwatch.put_metric_alarm(
        AlarmName=f"kiro-worker-{environment}-errors", Namespace="KiroWorker", MetricName="Errors",
        Statistic="Sum", Period=60, EvaluationPeriods=1, Threshold=1,
        ComparisonOperator="GreaterThanOrEqualToThreshold", TreatMissingData="notBreaching")


def make_logs(endpoint, environment):
    logs = client(endpoint, "logs")
    for name in (f"/aws/lambda/kiro-pipeline-{environment}-rollback",
                 f"/aws/lambda/kiro-worker-{environment}-poller",
                 f"/aws/codepipeline/kiro-pipeline-{environment}"):
        unless_there(logs.create_log_group, logGroupName=name)


def make_role(endpoint, environment):
    """Its trust names one service: moto reads no list."""
    name = f"kiro-pipeline-{environment}"
    trust = {"Version": "2012-10-17", "Statement": [{
        "Effect": "Allow", "Principal": {"Service": "codepipeline.amazonaws.com"},
        "Action": "sts:AssumeRole"}]}
    unless_there(client(endpoint, "iam").create_role, RoleName=name,
                 AssumeRolePolicyDocument=json.dumps(trust))
    return f"arn:aws:iam::{ACCOUNT}:role/{name}"


def make_builds(endpoint, environment, role):
    codebuild = client(endpoint, "codebuild")
    for name in (f"kiro-worker-{environment}", f"kiro-pipeline-{environment}-infrastructure"):
        unless_there(
            codebuild.create_project, name=name, serviceRole=role,
            source={"type": "S3", "location": f"kiro-pipeline-{environment}-artifacts/source.zip"},
            artifacts={"type": "NO_ARTIFACTS"},
            environment={"type": "LINUX_CONTAINER", "image": "aws/codebuild/standard:7.0",
                         "computeType": "BUILD_GENERAL1_SMALL"})


def stage(name, category, provider, configuration, **artifacts):
    return {"name": name, "actions": [{
        "name": name, "configuration": configuration, **artifacts,
        "actionTypeId": {"category": category, "owner": "AWS", "provider": provider,
                         "version": "1"}}]}


def make_pipeline(endpoint, environment, role):
    bucket = f"kiro-pipeline-{environment}-artifacts"
    code, built = [{"name": "code"}], [{"name": "built"}]
    unless_there(client(endpoint, "codepipeline").create_pipeline, pipeline={
        "name": f"kiro-pipeline-{environment}", "roleArn": role, "pipelineType": "V2",
        "artifactStore": {"type": "S3", "location": bucket},
        "stages": [
            stage("Source", "Source", "S3", {"S3Bucket": bucket, "S3ObjectKey": "source.zip"},
                  outputArtifacts=code),
            stage("Build", "Build", "CodeBuild", {"ProjectName": f"kiro-worker-{environment}"},
                  inputArtifacts=code, outputArtifacts=built),
            stage("Deploy", "Build", "CodeBuild", {"ProjectName": f"kiro-worker-{environment}"},
                  inputArtifacts=built)]})


def make_events(endpoint, environment):
    """The rule that hears of alarms, and the queue of work with its dead letters."""
    sqs, events = client(endpoint, "sqs"), client(endpoint, "events")
    work = f"kiro-pipeline-{environment}-rollback-work"
    letters = f"kiro-pipeline-{environment}-rollback-dead-letters"
    sqs.create_queue(QueueName=letters)
    sqs.create_queue(QueueName=work, Attributes={
        "VisibilityTimeout": "90",
        "RedrivePolicy": json.dumps({"deadLetterTargetArn": arn("sqs", letters),
                                     "maxReceiveCount": 5})})
    rule = f"kiro-pipeline-{environment}-alarm-rule"
    events.put_rule(Name=rule, EventPattern=json.dumps(ALARM_PATTERN))
    events.put_targets(Rule=rule, Targets=[
        {"Id": "rollback", "Arn": arn("lambda", f"function:kiro-pipeline-{environment}-rollback"),
         "DeadLetterConfig": {"Arn": arn("sqs", letters)}}])


def make(endpoint, environments):
    make_records(endpoint)
    for environment in environments:
        role = make_role(endpoint, environment)
        make_deployments(endpoint, environment)
        make_buckets(endpoint, environment)
        make_topic(endpoint, environment)
        make_alarms(endpoint, environment)
        make_logs(endpoint, environment)
        make_builds(endpoint, environment, role)
        make_pipeline(endpoint, environment, role)
        make_events(endpoint, environment)


if __name__ == "__main__":
    if len(sys.argv) < 2 or "AWS_ENDPOINT_URL" not in os.environ:
        sys.exit(__doc__)
    make(os.environ["AWS_ENDPOINT_URL"], sys.argv[1:])
