#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Lambda functions as local processes, and what calls them: clients, queues, rules, the clock."""

import base64
import concurrent.futures
import io
import json
import sys
import time
import unittest
import zipfile

from botocore.exceptions import ClientError
from case import ROLE, EmulatorTest, resources, wait_for

# A function whose answers the event decides; it keeps count of its calls in its own memory.
BOOTSTRAP = '''#!%s -S
import http.client, json, os, sys, time
calls = 0
print("init", os.environ["_HANDLER"], os.environ.get("GREETING"), flush=True)
if os.environ.get("BROKEN"):
    sys.exit(3)
api = http.client.HTTPConnection(os.environ["AWS_LAMBDA_RUNTIME_API"])
root = "/2018-06-01/runtime/invocation/"
while True:
    api.request("GET", root + "next")
    answer = api.getresponse()
    event = json.loads(answer.read())
    identity = answer.headers["Lambda-Runtime-Aws-Request-Id"]
    left = int(answer.headers["Lambda-Runtime-Deadline-Ms"]) / 1000 - time.time()
    calls += 1
    print("event", json.dumps(event), flush=True)
    if event.get("do") == "exit":
        sys.exit(7)
    if event.get("do") == "hang":
        time.sleep(60)
    time.sleep(event.get("sleep", 0))
    failed = event.get("do") == "fail"
    result = {"calls": calls, "left": left, "endpoint": os.environ["AWS_ENDPOINT_URL"],
              "root": os.environ["LAMBDA_TASK_ROOT"], "event": event}
    if failed:
        result = {"errorType": "Wanted", "errorMessage": "it was asked to fail"}
    if "Records" in event:
        result = {"batchItemFailures": [{"itemIdentifier": record["messageId"]}
                                        for record in event["Records"] if record["body"] == "bad"]}
    api.request("POST", root + identity + ("/error" if failed else "/response"),
                json.dumps(result).encode())
    api.getresponse().read()
    if event.get("do") == "give up":
        api.request("GET", root + "next")
        time.sleep(0.1)
        api.close()
        time.sleep(0.6)
        print("gave up", flush=True)
''' % sys.executable


def code_of_function():
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w") as code:
        entry = zipfile.ZipInfo("bootstrap")
        entry.external_attr = 0o755 << 16
        code.writestr(entry, BOOTSTRAP)
    return data.getvalue()


class Functions(EmulatorTest):
    def setUp(self):
        super().setUp()
        resources.make_role(self.emulator.endpoint, "test")
        self.functions = self.client("lambda")

    def make(self, name="worker", **settings):
        self.functions.create_function(**{
            "FunctionName": name, "Runtime": "provided.al2023", "Handler": "bootstrap",
            "Role": ROLE, "Code": {"ZipFile": code_of_function()}, "Timeout": 10, **settings})
        return resources.arn("lambda", f"function:{name}")

    def call(self, event, name="worker", **more):
        answer = self.functions.invoke(FunctionName=name, Payload=json.dumps(event).encode(),
                                       **more)
        return answer.get("FunctionError"), json.loads(answer["Payload"].read() or b"null"), answer

    def lines(self, name="worker"):
        group = f"/aws/lambda/{name}"
        try:
            found = self.client("logs").filter_log_events(logGroupName=group)["events"]
        except ClientError:
            return []
        return [each["message"] for each in found]

    def messages(self, queue, **more):
        return self.client("sqs").receive_message(QueueUrl=queue, MaxNumberOfMessages=10,
                                                  **more).get("Messages", [])

    def queue(self, name, **attributes):
        return self.client("sqs").create_queue(
            QueueName=name, Attributes={key: str(value) for key, value in attributes.items()}
        )["QueueUrl"]

    def test_a_function_is_called_and_stays_warm(self):
        self.make(Environment={"Variables": {"GREETING": "hello"}})
        failed, first, answer = self.call({"x": 1}, LogType="Tail")
        self.assertIsNone(failed)
        self.assertEqual(first["event"], {"x": 1})
        self.assertTrue(8 < first["left"] <= 10, first["left"])
        self.assertEqual(first["endpoint"], self.emulator.endpoint)
        self.assertIn("event", base64.b64decode(answer["LogResult"]).decode())
        self.assertEqual(self.call({})[1]["calls"], 2)
        self.assertIn("init bootstrap hello", self.lines())
        self.assert_nothing_wrong_on_the_wire()

    def test_a_function_fails_exits_and_is_late(self):
        self.make(Timeout=1)
        failed, result, _ = self.call({"do": "fail"})
        self.assertEqual((failed, result["errorType"]), ("Unhandled", "Wanted"))
        failed, result, _ = self.call({"do": "exit"})
        self.assertEqual((failed, result["errorType"]), ("Unhandled", "Runtime.ExitError"))
        failed, result, _ = self.call({"do": "hang"})
        self.assertEqual((failed, result["errorType"]), ("Unhandled", "Sandbox.Timedout"))
        self.assertTrue(any("Task timed out after 1.00 seconds" in line for line in self.lines()))
        self.assertEqual(self.call({})[1]["calls"], 1, "a new process after each of these")

    def test_a_function_that_cannot_start_says_so(self):
        self.make(Environment={"Variables": {"BROKEN": "1"}})
        failed, result, _ = self.call({})
        self.assertEqual((failed, result["errorType"]), ("Unhandled", "Runtime.ExitError"))

    def test_who_gave_up_waiting_for_a_call_does_not_swallow_the_next(self):
        self.make()
        self.call({"do": "give up"})
        wait_for(lambda: "gave up" in self.lines(), "the end of its patience")
        self.assertEqual(self.call({})[1]["calls"], 2)

    def test_new_settings_and_new_code_start_a_new_process(self):
        self.make()
        self.call({})
        self.functions.update_function_configuration(
            FunctionName="worker", Environment={"Variables": {"GREETING": "again"}})
        self.assertEqual(self.call({})[1]["calls"], 1)
        self.assertIn("init bootstrap again", self.lines())

    def test_calls_run_side_by_side_up_to_what_is_reserved(self):
        self.make()
        self.functions.put_function_concurrency(FunctionName="worker",
                                                ReservedConcurrentExecutions=1)
        with concurrent.futures.ThreadPoolExecutor(2) as pool:
            slow = pool.submit(self.call, {"sleep": 1})
            wait_for(lambda: any("event" in line for line in self.lines()), "the first call")
            self.refused("TooManyRequestsException", self.functions.invoke, FunctionName="worker")
            self.assertIsNone(slow.result()[0])

    def test_an_event_is_tried_three_times_and_then_a_dead_letter(self):
        letters = self.queue("letters")
        self.make(DeadLetterConfig={"TargetArn": resources.arn("sqs", "letters")})
        self.assertEqual(self.call({"do": "fail"}, InvocationType="Event")[2]["StatusCode"], 202)
        letter = wait_for(lambda: self.messages(letters), "the dead letter")[0]
        self.assertEqual(json.loads(letter["Body"]), {"do": "fail"})
        self.assertEqual(sum("event" in line for line in self.lines()), 3)

    def test_a_queue_hands_over_after_its_delay_and_keeps_what_failed(self):
        letters = self.queue("letters")
        work = self.queue("work", VisibilityTimeout=1, RedrivePolicy=json.dumps(
            {"deadLetterTargetArn": resources.arn("sqs", "letters"), "maxReceiveCount": 2}))
        self.make()
        self.functions.create_event_source_mapping(
            EventSourceArn=resources.arn("sqs", "work"), FunctionName="worker",
            FunctionResponseTypes=["ReportBatchItemFailures"])
        sent = time.monotonic()
        self.client("sqs").send_message_batch(QueueUrl=work, Entries=[
            {"Id": "1", "MessageBody": "good", "DelaySeconds": 1},
            {"Id": "2", "MessageBody": "bad", "DelaySeconds": 1}])
        wait_for(lambda: any('"good"' in line for line in self.lines()), "the hand-over")
        self.assertGreater(time.monotonic() - sent, 0.9)
        letter = wait_for(lambda: self.messages(letters), "the dead letter")
        self.assertEqual([each["Body"] for each in letter], ["bad"])
        self.assertEqual(sum('"body": "good"' in line for line in self.lines()), 1)
        self.assertEqual(sum('"body": "bad"' in line for line in self.lines()), 2)
        self.assert_nothing_wrong_on_the_wire()

    def test_a_rule_calls_a_function_and_fills_a_queue(self):
        arn, queue = self.make(), self.queue("heard")
        events = self.client("events")
        resources.make_alarms(self.emulator.endpoint, "test")
        events.put_rule(Name="alarms", EventPattern=json.dumps(resources.ALARM_PATTERN))
        events.put_targets(Rule="alarms", Targets=[
            {"Id": "f", "Arn": arn}, {"Id": "q", "Arn": resources.arn("sqs", "heard")}])
        alarms = self.client("cloudwatch")
        for name in ("kiro-worker-test-errors", "kiro-pipeline-test-failures"):
            alarms.set_alarm_state(AlarmName=name, StateValue="ALARM", StateReason="drill")
        heard = json.loads(wait_for(lambda: self.messages(queue), "the event")[0]["Body"])
        self.assertEqual(heard["detail"]["alarmName"], "kiro-pipeline-test-failures")
        self.assertEqual(heard["detail"]["previousState"]["value"], "INSUFFICIENT_DATA")
        self.assertEqual((heard["account"], heard["region"], heard["version"]),
                         (resources.ACCOUNT, resources.REGION, "0"))
        self.assertRegex(heard["time"], r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$")
        wait_for(lambda: any("kiro-pipeline-test-failures" in line for line in self.lines()),
                 "the call")
        self.assertFalse(any("kiro-worker" in line for line in self.lines()))

    def test_a_function_of_a_stack_keeps_where_its_failures_go(self):
        letters = self.queue("letters")
        self.client("s3").create_bucket(Bucket="code")
        self.client("s3").put_object(Bucket="code", Key="f.zip", Body=code_of_function())
        template = {"Resources": {
            "F": {"Type": "AWS::Lambda::Function", "Properties": {
                "FunctionName": "stacked", "Runtime": "provided.al2023", "Handler": "bootstrap",
                "Role": ROLE, "Code": {"S3Bucket": "code", "S3Key": "f.zip"}, "Timeout": 10,
                "DeadLetterConfig": {"TargetArn": resources.arn("sqs", "letters")},
                "LoggingConfig": {"LogGroup": "/somewhere/else"}}},
            "C": {"Type": "AWS::Lambda::EventInvokeConfig", "Properties": {
                "FunctionName": {"Ref": "F"}, "Qualifier": "$LATEST", "MaximumRetryAttempts": 0}}}}
        self.client("cloudformation").create_stack(StackName="s", TemplateBody=json.dumps(template))
        self.call({"do": "fail"}, "stacked", InvocationType="Event")
        wait_for(lambda: self.messages(letters), "the dead letter")
        events = self.client("logs").filter_log_events(logGroupName="/somewhere/else")["events"]
        self.assertEqual(sum("event" in each["message"] for each in events), 1)

    def test_a_schedule_fires_when_it_is_told_to(self):
        arn = self.make()
        events = self.client("events")
        events.put_rule(Name="sweep", ScheduleExpression="rate(1 minute)")
        events.put_targets(Rule="sweep", Targets=[{"Id": "f", "Arn": arn, "Input": '{"x":"tick"}'}])
        events.put_events(Entries=[{"Source": "ours", "DetailType": "x", "Detail": "{}"}])
        self.assertEqual(self.tell("/emu/tick", {}), {"fired": ["sweep"]})
        wait_for(lambda: any('"tick"' in line for line in self.lines()), "the tick")
        self.assertEqual(sum("event" in line for line in self.lines()), 1)


if __name__ == "__main__":
    unittest.main()
