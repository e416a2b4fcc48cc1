#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The real program on an emulated account, whole: deployed to by the command line, brought back by
the function alone, with what people's own commands then see.

Usage: with_emulator.py end_to_end_test.py [-v] [NAME...]
"""

import json
import subprocess
import sys
import unittest

import account
import resources

V1 = {"app.js": "one", "lib/a.txt": "same size", "only-in-one.txt": "1"}
V2 = {"app.js": "two", "lib/a.txt": "same SIZE", "only-in-two.txt": "2"}


class OnAws(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.aws = account.Account().__enter__()
        cls.addClassCleanup(cls.aws.__exit__)

    def setUp(self):
        self.aws.tell("/moto-api/reset")
        self.aws.furnish()

    def good_then_bad(self, environment="production"):
        """v1 is deployed and good, v2 is deployed over it."""
        self.aws.deploy(environment, "1111111", V1)
        self.aws.wait(lambda: self.is_good(environment), "v1 becoming good")
        self.aws.deploy(environment, "2222222", V2)
        self.assertEqual(self.aws.live(environment), V2)

    def is_good(self, environment):
        self.aws.tell("/emu/tick")  # the sweep lets it become good
        return '"goodTime"' in self.aws.run("history", environment, "-o", "json").stdout

    def ended(self, environment):
        self.aws.tell("/emu/tick")
        items = self.people(environment)
        return [item for item in items if item.get("status", {}).get("S") == "rolled_back"]

    def people(self, environment):
        table = f"kiro-pipeline-{environment}-deployments"
        return self.aws.client("dynamodb").scan(TableName=table)["Items"]

    def messages(self, queue):
        sqs = self.aws.client("sqs")
        url = sqs.get_queue_url(QueueName=queue)["QueueUrl"]
        return sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages", [])

    def listen(self, environment):
        """A queue that hears what people are told."""
        sqs, sns = self.aws.client("sqs"), self.aws.client("sns")
        sqs.create_queue(QueueName="people")
        sns.subscribe(TopicArn=resources.arn("sns", f"kiro-pipeline-{environment}-rollbacks"),
                      Protocol="sqs", Endpoint=resources.arn("sqs", "people"))

    def test_an_alarm_is_rolled_back_by_the_function_alone(self):
        self.listen("production")
        self.good_then_bad()
        self.aws.alarms("production", "ALARM")
        self.aws.wait(lambda: self.aws.live("production") == V1, "v1 being back")
        self.aws.alarms("production", "OK")
        failed = self.aws.wait(lambda: self.ended("production"), "the rollback's end")
        self.assertEqual(len(failed), 1)
        record = failed[0]
        self.assertEqual(record["version"]["S"], "2222222")
        self.assertEqual(record["rollbackLevel"]["S"], "stage")
        self.assertEqual(record["rollbackTargetVersion"]["S"], "1111111")
        self.assertIn("kiro-worker-production-errors", record["rollbackReason"]["S"])
        pointer = self.aws.client("s3").head_object(Bucket="kiro-worker-production-artifacts",
                                                    Key="current-version.txt")
        self.assertEqual(pointer["Metadata"]["version"], "1111111")
        told = []

        def everything_was_told():
            self.aws.tell("/emu/tick")
            told.extend(json.loads(json.loads(each["Body"])["Message"])
                        for each in self.messages("people"))
            return "rollback_completed" in [each["event"] for each in told]

        self.aws.wait(everything_was_told, "people being told")
        events = [each["event"] for each in told]
        self.assertEqual(events.count("rollback_started"), 1)
        self.assertEqual(events.count("rollback_completed"), 1)
        self.assertEqual(list(told[0])[:8], ["event", "environment", "currentVersion",
                                             "targetVersion", "deploymentId", "timestamp",
                                             "operator", "validationStatus"])
        self.assertIn("everything is as it was written", self.aws.run("audit", "verify").stdout)

    def test_the_command_line_goes_back_from_a_laptop(self):
        self.good_then_bad("staging")
        ran = self.aws.run("rollback", "staging", "--reason", "by hand", "--yes")
        self.assertIn("1111111", ran.stdout)
        self.assertEqual(self.aws.live("staging"), V1)
        failed = self.ended("staging")
        self.assertEqual(failed[0]["rollbackLevel"]["S"], "manual")
        verified = self.aws.run("verify", "staging").stdout
        self.assertIn("nothing is deploying", verified)

    def test_an_event_that_comes_three_times_opens_one_rollback(self):
        self.good_then_bad()
        self.aws.alarms("production", "ALARM")
        lambdas = self.aws.client("lambda")
        event = json.dumps(self.event("production"))
        answers = {lambdas.invoke(FunctionName="kiro-pipeline-production-rollback",
                                  Payload=event)["Payload"].read() for _ in range(3)}
        self.assertEqual(len(answers), 1, answers)
        self.aws.wait(lambda: self.aws.live("production") == V1, "v1 being back")
        self.aws.alarms("production", "OK")
        self.assertEqual(len(self.aws.wait(lambda: self.ended("production"), "the end")), 1)

    def event(self, environment):
        alarm = self.aws.client("cloudwatch").describe_alarms(
            AlarmNames=[f"kiro-worker-{environment}-errors"])["MetricAlarms"][0]
        at = alarm["StateUpdatedTimestamp"].isoformat()
        return {"version": "0", "id": "by-hand", "source": "aws.cloudwatch", "time": at,
                "detail-type": "CloudWatch Alarm State Change", "account": resources.ACCOUNT,
                "region": resources.REGION, "resources": [],
                "detail": {"alarmName": alarm["AlarmName"],
                           "state": {"value": "ALARM", "reason": "by hand", "timestamp": at}}}

    def test_throttled_and_unheard_it_comes_to_the_same_end(self):
        self.good_then_bad()
        for fault in ({"match": "dynamodb", "status": 400, "code": "ThrottlingException",
                       "count": 10},
                      {"match": "TransactWriteItems", "when": "after", "count": 3},
                      {"match": "s3", "status": 503, "code": "SlowDown", "count": 5}):
            self.aws.tell("/emu/fault", fault)
        self.aws.alarms("production", "ALARM")
        self.aws.wait(lambda: self.aws.live("production") == V1, "v1 being back")
        self.aws.alarms("production", "OK")
        self.assertEqual(len(self.aws.wait(lambda: self.ended("production"), "the end")), 1)
        self.assertIn("everything is as it was written", self.aws.run("audit", "verify").stdout)

    def test_what_the_function_does_not_know_ends_with_the_dead_letters(self):
        answer = self.aws.client("lambda").invoke(
            FunctionName="kiro-pipeline-production-rollback", Payload=b'{"source":"aws.health"}')
        self.assertEqual(answer["FunctionError"], "Unhandled")
        self.assertIn("errorMessage", json.loads(answer["Payload"].read()))


if __name__ == "__main__":
    if subprocess.run([account.PROGRAM, "--version"], capture_output=True).returncode != 0:
        sys.exit(f"{account.PROGRAM} does not run: scripts/build dev stepback")
    unittest.main()
