#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The emulator's own tests: each thing that it mends or adds to moto, shown once.

Usage: emulator_test.py [-v] [CLASS[.TEST]...]      all of them, also those of the files beside it
"""

import concurrent.futures
import json
import time
import unittest

from case import TABLE, EmulatorTest, resources
from functions_test import *  # noqa: F403
from wire_test import *  # noqa: F403
from wire_test import signed_post


class Pipelines(EmulatorTest):
    NAME = "kiro-pipeline-test"

    def setUp(self):
        super().setUp()
        role = resources.make_role(self.emulator.endpoint, "test")
        resources.make_pipeline(self.emulator.endpoint, "test", role)
        self.pipelines = self.client("codepipeline")

    def start(self):
        return self.pipelines.start_pipeline_execution(name=self.NAME)["pipelineExecutionId"]

    def end(self, stage, status="Succeeded"):
        self.tell("/emu/stage", {"pipeline": self.NAME, "stage": stage, "status": status})

    def stages(self):
        state = self.pipelines.get_pipeline_state(name=self.NAME)
        return [each.get("latestExecution", {}).get("status") for each in state["stageStates"]]

    def status(self, run):
        return self.pipelines.get_pipeline_execution(
            pipelineName=self.NAME, pipelineExecutionId=run)["pipelineExecution"]["status"]

    def test_a_run_goes_on_as_the_test_says(self):
        run = self.start()
        self.assertEqual(self.stages(), ["InProgress", None, None])
        self.end("Source")
        self.end("Build")
        self.assertEqual(self.stages(), ["Succeeded", "Succeeded", "InProgress"])
        self.end("Deploy")
        self.assertEqual(self.status(run), "Succeeded")
        self.assert_nothing_wrong_on_the_wire()

    def test_a_run_is_stopped_once_and_not_after_its_end(self):
        run = self.start()
        stop = {"pipelineName": self.NAME, "pipelineExecutionId": run}
        self.pipelines.stop_pipeline_execution(**stop)
        self.assertEqual(self.status(run), "Stopping")
        self.refused("DuplicatedStopRequestException",
                     self.pipelines.stop_pipeline_execution, **stop)
        self.pipelines.stop_pipeline_execution(**stop, abandon=True, reason="drill")
        self.assertEqual(self.stages()[0], "Stopped")
        self.refused("PipelineExecutionNotStoppableException",
                     self.pipelines.stop_pipeline_execution, **stop)
        self.refused("PipelineNotFoundException", self.pipelines.get_pipeline_state, name="other")

    def test_a_shut_transition_holds_a_run_back_until_it_is_opened(self):
        where = {"pipelineName": self.NAME, "stageName": "Build", "transitionType": "Inbound"}
        self.pipelines.disable_stage_transition(**where, reason="rolled back")
        self.start()
        self.end("Source")
        self.assertEqual(self.stages(), ["Succeeded", None, None])
        state = self.pipelines.get_pipeline_state(name=self.NAME)["stageStates"][1]
        self.assertEqual(state["inboundTransitionState"]["disabledReason"], "rolled back")
        self.pipelines.enable_stage_transition(**where)
        self.assertEqual(self.stages(), ["Succeeded", "InProgress", None])

    def test_a_failed_stage_is_retried(self):
        run = self.start()
        self.end("Source", "Failed")
        self.assertEqual(self.status(run), "Failed")
        self.pipelines.retry_stage_execution(pipelineName=self.NAME, stageName="Source",
                                             pipelineExecutionId=run, retryMode="FAILED_ACTIONS")
        self.assertEqual(self.status(run), "InProgress")

    def test_a_stage_goes_back_to_a_run_that_succeeded_in_it(self):
        good, bad = self.start(), None
        for stage in ("Source", "Build", "Deploy"):
            self.end(stage)
        bad = self.start()
        back = {"pipelineName": self.NAME, "stageName": "Build"}
        self.refused("UnableToRollbackStageException", self.pipelines.rollback_stage, **back,
                     targetPipelineExecutionId=bad)
        self.pipelines.rollback_stage(**back, targetPipelineExecutionId=good)
        listed = self.pipelines.list_pipeline_executions(pipelineName=self.NAME)
        newest = listed["pipelineExecutionSummaries"][0]
        self.assertEqual(newest["executionType"], "ROLLBACK")
        self.assertEqual(newest["rollbackMetadata"]["rollbackTargetPipelineExecutionId"], good)
        self.assert_nothing_wrong_on_the_wire()


class Alarms(EmulatorTest):
    def setUp(self):
        super().setUp()
        resources.make_alarms(self.emulator.endpoint, "test")
        self.alarms = self.client("cloudwatch")

    def set(self, name, state="ALARM"):
        self.alarms.set_alarm_state(AlarmName=name, StateValue=state, StateReason="drill")

    def names(self, **asked):
        found = self.alarms.describe_alarms(**asked)
        return [each["AlarmName"] for each in found["MetricAlarms"] + found["CompositeAlarms"]]

    def test_an_alarm_starts_without_data_and_keeps_its_state_when_put_again(self):
        self.assertEqual(len(self.names(StateValue="INSUFFICIENT_DATA")), 4)
        self.set("kiro-pipeline-test-failures")
        resources.make_alarms(self.emulator.endpoint, "test")
        self.assertEqual(self.names(StateValue="ALARM"), ["kiro-pipeline-test-failures"])

    def test_prefix_and_state_count_together_and_pages_end(self):
        self.set("kiro-worker-test-errors")
        self.assertEqual(self.names(AlarmNamePrefix="kiro-pipeline-", StateValue="ALARM"), [])
        first = self.alarms.describe_alarms(AlarmNamePrefix="kiro-", MaxRecords=3)
        rest = self.alarms.describe_alarms(AlarmNamePrefix="kiro-", MaxRecords=3,
                                           NextToken=first["NextToken"])
        self.assertEqual((len(first["MetricAlarms"]), len(rest["MetricAlarms"])), (3, 1))
        self.assertNotIn("NextToken", rest)

    def test_a_composite_alarm_follows_its_rule_and_is_shown_when_asked_for(self):
        self.alarms.put_composite_alarm(
            AlarmName="kiro-pipeline-test-any", AlarmRule='ALARM("kiro-pipeline-test-failures") OR '
            '(ALARM(kiro-pipeline-test-duration) AND NOT OK("kiro-pipeline-test-rollbacks"))')
        both = {"AlarmTypes": ["CompositeAlarm", "MetricAlarm"], "StateValue": "ALARM"}
        self.assertEqual(self.names(**both), [])
        self.set("kiro-pipeline-test-duration")
        self.assertEqual(self.names(**both), ["kiro-pipeline-test-duration",
                                              "kiro-pipeline-test-any"])
        self.assertEqual(self.names(StateValue="ALARM"), ["kiro-pipeline-test-duration"])
        self.set("kiro-pipeline-test-rollbacks", "OK")
        self.assertEqual(self.names(**both), ["kiro-pipeline-test-duration"])

    def test_a_transition_publishes_once_and_is_in_the_history(self):
        queue = self.client("sqs").create_queue(QueueName="told")["QueueUrl"]
        topic = self.client("sns").create_topic(Name="alarms")["TopicArn"]
        self.client("sns").subscribe(TopicArn=topic, Protocol="sqs",
                                     Endpoint=resources.arn("sqs", "told"))
        self.alarms.put_metric_alarm(
            AlarmName="noisy", Namespace="N", MetricName="M", Statistic="Sum", Period=60,
            Threshold=1, EvaluationPeriods=1, ComparisonOperator="GreaterThanThreshold",
            AlarmActions=[topic])
        self.set("noisy")
        self.set("noisy")
        told = self.client("sqs").receive_message(
            QueueUrl=queue, MaxNumberOfMessages=10)["Messages"]
        self.assertEqual(len(told), 1)
        message = json.loads(json.loads(told[0]["Body"])["Message"])
        self.assertEqual(message["NewStateValue"], "ALARM")
        history = self.alarms.describe_alarm_history(AlarmName="noisy",
                                                     HistoryItemType="StateUpdate")
        self.assertEqual([each["HistorySummary"] for each in history["AlarmHistoryItems"]],
                         ["Alarm updated from INSUFFICIENT_DATA to ALARM"])
        self.assert_nothing_wrong_on_the_wire()

    def test_the_older_json_protocol_is_served(self):
        answer = signed_post(self.emulator.endpoint, "monitoring", "application/x-amz-json-1.0",
                             {"AlarmNamePrefix": "kiro-worker"},
                             {"X-Amz-Target": "GraniteServiceVersion20100801.DescribeAlarms"})
        found = json.loads(answer[1])["MetricAlarms"]
        self.assertEqual([each["AlarmName"] for each in found], ["kiro-worker-test-errors"])
        self.assert_nothing_wrong_on_the_wire()


class Tables(EmulatorTest):
    def setUp(self):
        super().setUp()
        resources.make_deployments(self.emulator.endpoint, "test")
        self.tables = self.client("dynamodb")

    def put(self, identity, start=1, status="succeeded"):
        self.tables.put_item(TableName=TABLE, Item={
            "deploymentId": {"S": identity}, "environment": {"S": "test"}, "status": {"S": status},
            "startTime": {"N": str(start)}})

    def test_a_page_that_is_full_has_a_key_even_when_nothing_follows(self):
        for number in range(4):
            self.put(f"d{number}", number)
        query = {"TableName": TABLE, "IndexName": "EnvironmentStartTimeIndex", "Limit": 2,
                 "KeyConditionExpression": "environment = :e",
                 "ExpressionAttributeValues": {":e": {"S": "test"}}, "ScanIndexForward": False}
        pages, start = [], {}
        while True:
            page = self.tables.query(**query, **start)
            pages.append([each["deploymentId"]["S"] for each in page["Items"]])
            if "LastEvaluatedKey" not in page:
                break
            start = {"ExclusiveStartKey": page["LastEvaluatedKey"]}
        self.assertEqual(pages, [["d3", "d2"], ["d1", "d0"], []])
        self.assertIn("LastEvaluatedKey", self.tables.scan(TableName=TABLE, Limit=4))
        self.assertNotIn("LastEvaluatedKey", self.tables.scan(TableName=TABLE, Limit=5))

    def test_a_token_makes_a_transaction_happen_once(self):
        self.put("d")
        add = {"Update": {"TableName": TABLE, "Key": {"deploymentId": {"S": "d"}},
                          "UpdateExpression": "ADD tries :one",
                          "ExpressionAttributeValues": {":one": {"N": "1"}}}}
        for _ in range(2):
            self.tables.transact_write_items(TransactItems=[add], ClientRequestToken="t")
        item = self.tables.get_item(TableName=TABLE, Key={"deploymentId": {"S": "d"}})["Item"]
        self.assertEqual(item["tries"], {"N": "1"})
        add["Update"]["ExpressionAttributeValues"][":one"]["N"] = "2"
        self.refused("IdempotentParameterMismatchException", self.tables.transact_write_items,
                     TransactItems=[add], ClientRequestToken="t")

    def test_no_write_is_lost_beside_transactions_that_fail(self):
        self.put("lock")
        fails = {"Put": {"TableName": TABLE, "Item": {"deploymentId": {"S": "lock"}},
                         "ConditionExpression": "attribute_not_exists(deploymentId)"}}

        def write(number):
            if number % 2:
                return self.put(f"w{number}")
            self.refused("TransactionCanceledException", self.tables.transact_write_items,
                         TransactItems=[fails])

        with concurrent.futures.ThreadPoolExecutor(8) as pool:
            list(pool.map(write, range(80)))
        self.assertEqual(self.tables.scan(TableName=TABLE, Select="COUNT")["Count"], 41)

    def test_what_aws_refuses_is_refused(self):
        query = {"TableName": TABLE, "IndexName": "EnvironmentStatusIndex"}
        environment = {":e": {"S": "test"}}
        for wrong in (
                {"KeyConditionExpression": "environment = :e AND status = :s",  # a reserved word
                 "ExpressionAttributeValues": {**environment, ":s": {"S": "x"}}},
                {"KeyConditionExpression": "environment = :e",  # :s is not used
                 "ExpressionAttributeValues": {**environment, ":s": {"S": "x"}}},
                {"KeyConditionExpression": "environment = :e AND #s = :s",  # :s is not given
                 "ExpressionAttributeNames": {"#s": "status"},
                 "ExpressionAttributeValues": environment}):
            self.refused("ValidationException", self.tables.query, **query, **wrong)
        item = {"deploymentId": {"S": "d"}, "environment": {"S": "test"}, "status": {"S": "x"}}
        for wrong in ({"startTime": {"S": "1"}}, {"environment": {"S": ""}}, {"size": {"N": "x"}}):
            self.refused("ValidationException", self.tables.put_item, TableName=TABLE,
                         Item={**item, **wrong})
        self.put("fine")
        self.assertEqual(self.tables.update_item(
            TableName=TABLE, Key={"deploymentId": {"S": "fine"}}, ReturnValues="ALL_NEW",
            UpdateExpression="SET #s = if_not_exists(#s, :s), note = :s REMOVE artifact",
            ConditionExpression="attribute_exists(deploymentId) AND size(#s) > :0",
            ExpressionAttributeNames={"#s": "status"},
            ExpressionAttributeValues={":s": {"S": "x"}, ":0": {"N": "0"}}
        )["Attributes"]["note"], {"S": "x"})


class Builds(EmulatorTest):
    PROJECT = "kiro-worker-test"

    def setUp(self):
        super().setUp()
        role = resources.make_role(self.emulator.endpoint, "test")
        resources.make_builds(self.emulator.endpoint, "test", role)
        self.builds = self.client("codebuild")

    def status(self, build):
        return self.builds.batch_get_builds(ids=[build])["builds"][0]["buildStatus"]

    def test_a_build_is_in_progress_until_the_test_ends_it(self):
        build = self.builds.start_build(
            projectName=self.PROJECT, sourceVersion="v1", idempotencyToken="t",
            environmentVariablesOverride=[{"name": "VERSION", "value": "v1"}])["build"]
        again = self.builds.start_build(projectName=self.PROJECT, idempotencyToken="t")["build"]
        self.assertEqual(again["id"], build["id"])
        self.assertEqual(build["environment"]["environmentVariables"][0]["value"], "v1")
        self.assertEqual(self.status(build["id"]), "IN_PROGRESS")
        self.tell("/emu/build", {"project": self.PROJECT, "status": "FAILED"})
        self.assertEqual(self.status(build["id"]), "FAILED")
        self.assertEqual(self.builds.batch_get_builds(ids=["kiro:none"])["buildsNotFound"],
                         ["kiro:none"])
        self.assert_nothing_wrong_on_the_wire()

    def test_a_build_is_stopped_and_others_end_by_themselves_when_told_so(self):
        build = self.builds.start_build(projectName=self.PROJECT)["build"]["id"]
        self.builds.stop_build(id=build)
        self.assertEqual(self.status(build), "STOPPED")
        self.tell("/emu/build", {"project": self.PROJECT, "status": "SUCCEEDED", "always": True})
        build = self.builds.start_build(projectName=self.PROJECT)["build"]["id"]
        self.assertEqual(self.status(build), "SUCCEEDED")


class Stacks(EmulatorTest):
    TEMPLATE = {"Resources": {
        "Alarm": {"Type": "AWS::CloudWatch::Alarm", "Properties": {
            "AlarmName": "made", "Namespace": "N", "MetricName": "M", "Statistic": "Sum",
            "Period": 60, "EvaluationPeriods": 1, "Threshold": 1,
            "ComparisonOperator": "GreaterThanThreshold"}},
        "Queue": {"Type": "AWS::SQS::Queue", "Properties": {"QueueName": "made"}}},
        "Outputs": {"Arn": {"Value": {"Fn::GetAtt": ["Alarm", "Arn"]}, "Export": {"Name": "made"}}}}

    def test_a_change_set_makes_what_moto_skips_and_keeps_its_outputs(self):
        stacks = self.client("cloudformation")
        stacks.create_change_set(StackName="s", ChangeSetName="c", ChangeSetType="CREATE",
                                 TemplateBody=json.dumps(self.TEMPLATE))
        stacks.execute_change_set(StackName="s", ChangeSetName="c")
        stack = stacks.describe_stacks(StackName="s")["Stacks"][0]
        self.assertEqual(stack["StackStatus"], "CREATE_COMPLETE")
        self.assertEqual(stack["Outputs"][0]["OutputValue"],
                         resources.arn("cloudwatch", "alarm:made"))
        found = self.client("cloudwatch").describe_alarms(AlarmNames=["made"])
        self.assertEqual(len(found["MetricAlarms"]), 1)
        stacks.delete_change_set(StackName="s", ChangeSetName="c")
        self.refused("ChangeSetNotFound", stacks.describe_change_set, StackName="s",
                     ChangeSetName="c")
        stacks.delete_stack(StackName="s")
        found = self.client("cloudwatch").describe_alarms(AlarmNames=["made"])
        self.assertEqual(found["MetricAlarms"], [])
        self.assert_nothing_wrong_on_the_wire()


class Logs(EmulatorTest):
    LINES = ["ERROR disk is full", "WARN slow", '{"level":"ERROR","code":503}', "INFO fine"]

    def test_patterns_mean_what_aws_says(self):
        logs = self.client("logs")
        logs.create_log_group(logGroupName="g")
        logs.create_log_stream(logGroupName="g", logStreamName="s")
        now = int(time.time() * 1000)
        logs.put_log_events(logGroupName="g", logStreamName="s", logEvents=[
            {"timestamp": now + number, "message": line} for number, line in enumerate(self.LINES)])
        for pattern, expected in (
                ("ERROR", [0, 2]), ("ERROR disk", [0]), ('"disk is"', [0]), ("?WARN ?INFO", [1, 3]),
                ("ERROR -disk", [2]), ("%WA.N%", [1]), ('{ $.level = "ERROR" }', [2]),
                ("{ $.code >= 500 && $.level = INFO }", []), ("", [0, 1, 2, 3])):
            found = logs.filter_log_events(logGroupName="g", filterPattern=pattern)["events"]
            self.assertEqual([each["message"] for each in found],
                             [self.LINES[number] for number in expected], pattern)


if __name__ == "__main__":
    unittest.main()
