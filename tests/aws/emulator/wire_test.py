#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Faults on the wire, and the check of what is on it."""

import http.client
import json
import time
import unittest

from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from botocore.exceptions import ConnectionClosedError
from case import SESSION, TABLE, EmulatorTest, resources


class Faults(EmulatorTest):
    def setUp(self):
        super().setUp()
        resources.make_deployments(self.emulator.endpoint, "test")
        self.tables = self.client("dynamodb")
        self.item = {"deploymentId": {"S": "d"}}

    def fault(self, **fault):
        self.tell("/emu/fault", fault)

    def put(self):
        self.tables.put_item(TableName=TABLE, Item=self.item)

    def there(self):
        return "Item" in self.tables.get_item(TableName=TABLE, Key=self.item)

    def test_a_request_is_refused_as_often_as_told_and_not_done(self):
        self.fault(match="PutItem.*deployments", status=400, count=2,
                   code="ProvisionedThroughputExceededException")
        for _ in range(2):
            self.refused("ProvisionedThroughputExceededException", self.tables.put_item,
                         TableName=TABLE, Item=self.item)
        self.assertFalse(self.there())
        self.put()
        self.assertTrue(self.there())

    def test_an_answer_is_lost_after_the_deed(self):
        self.fault(match="PutItem", when="after")
        with self.assertRaises(ConnectionClosedError):
            self.put()
        self.assertTrue(self.there())
        self.fault(match="DeleteItem", when="after", status=500, code="InternalServerError")
        self.refused("InternalServerError", self.tables.delete_item, TableName=TABLE, Key=self.item)
        self.assertFalse(self.there())

    def test_a_connection_is_dropped_before_the_deed(self):
        self.fault(match="PutItem", drop=True, skip=1)
        self.put()
        self.tables.delete_item(TableName=TABLE, Key=self.item)
        with self.assertRaises(ConnectionClosedError):
            self.put()
        self.assertFalse(self.there())

    def test_a_request_is_slow(self):
        self.fault(match="PutItem", delay=0.4)
        started = time.monotonic()
        self.put()
        self.assertGreater(time.monotonic() - started, 0.4)

    def test_each_protocol_is_refused_in_its_own_words(self):
        refuse = {"status": 503, "code": "ServiceUnavailable", "count": -1}
        self.fault(match="GET /some-bucket", **refuse)
        self.fault(match="Action=Publish", **refuse)
        self.fault(match="/functions/f/invocations", **refuse)
        self.fault(match="AmazonSQS", **refuse)
        self.fault(match="DescribeAlarms", **refuse)
        for call, parameters in (
                (self.client("s3").get_object, {"Bucket": "some-bucket", "Key": "k"}),
                (self.client("sns").publish, {"TopicArn": resources.arn("sns", "t"),
                                              "Message": "m"}),
                (self.client("lambda").invoke, {"FunctionName": "f"}),
                (self.client("sqs").list_queues, {}),
                (self.client("cloudwatch").describe_alarms, {})):
            self.refused("ServiceUnavailable", call, **parameters)
        self.tell("/emu/fault", method="DELETE")
        self.client("sqs").list_queues()

    def test_a_reset_forgets_faults_and_tables(self):
        self.fault(match=".", status=500, code="InternalServerError", count=-1)
        self.tell("/moto-api/reset", {})
        self.assertEqual(self.tables.list_tables()["TableNames"], [])


def signed_post(endpoint, service, kind, body, headers, secret="testing"):
    """(status, body) of a POST that no botocore client would send."""
    data = body if isinstance(body, str) else json.dumps(body)
    request = AWSRequest("POST", endpoint + "/", {"Content-Type": kind, **headers}, data)
    SigV4Auth(Credentials("testing", secret), service, resources.REGION).add_auth(request)
    connection = http.client.HTTPConnection(endpoint.removeprefix("http://"), timeout=10)
    connection.request("POST", "/", data, dict(request.headers.items()))
    answer = connection.getresponse()
    result = answer.status, answer.read()
    connection.close()
    return result


class Wire(EmulatorTest):
    JSON = "application/x-amz-json-1.0"

    def problem_of(self, service, kind, body, **headers):
        self.tell("/emu/wire", method="DELETE")
        signed_post(self.emulator.endpoint, service, kind, body,
                    {name.replace("_", "-"): value for name, value in headers.items()})
        wire = self.tell("/emu/wire")
        self.assertEqual(wire["requests"], 1)
        return " ".join(text for each in wire["problems"] for text in each["problems"])

    def test_a_wrong_request_is_noticed(self):
        get = {"X_Amz_Target": "DynamoDB_20120810.GetItem"}
        for expected, problem in (
                ('Missing required parameter in input: "Key"',
                 self.problem_of("dynamodb", self.JSON, {"TableName": "ttt"}, **get)),
                ("content type", self.problem_of(
                    "dynamodb", "application/x-amz-json-1.1",
                    {"TableName": "ttt", "Key": {"a": {"S": "b"}}}, **get)),
                ('Unknown parameter in input: "Consistent"', self.problem_of(
                    "dynamodb", self.JSON,
                    {"TableName": "ttt", "Key": {"a": {"S": "b"}}, "Consistent": True}, **get)),
                ("is not one of", self.problem_of(
                    "dynamodb", self.JSON,
                    {"TableName": "ttt", "Item": {"n": {"N": "5"}}, "ReturnValues": "EVERYTHING"},
                    X_Amz_Target="DynamoDB_20120810.PutItem")),
                ("unknown argument AlarmNamePrefx", self.problem_of(
                    "monitoring", "application/x-www-form-urlencoded",
                    "Action=DescribeAlarms&Version=2010-08-01&AlarmNamePrefx=x")),
                ("Version 2010-03-30", self.problem_of(
                    "sns", "application/x-www-form-urlencoded",
                    "Action=Publish&Version=2010-03-30&Message=m")),
                ("is not checked", self.problem_of("glacier", self.JSON, {}))):
            self.assertIn(expected, problem)

    def test_a_wrong_signature_is_noticed(self):
        self.client("s3", "wrong").list_buckets()
        self.tell("/moto-api/reset", {})
        problems = self.tell("/emu/wire")["problems"]
        self.assertEqual([each["problems"] for each in problems], [["SignatureDoesNotMatch"]])
        self.assertEqual(problems[0]["operation"], "ListBuckets")

    def test_awkward_keys_are_signed_right(self):
        s3 = self.client("s3")
        s3.create_bucket(Bucket="bucket")
        for key in ("a b+c=é~%25", "x//y/../z", "(1)*'!@:,$&;"):
            s3.put_object(Bucket="bucket", Key=key, Body=b"x", Metadata={"version": "v 1"})
            self.assertEqual(s3.head_object(Bucket="bucket", Key=key)["Metadata"]["version"], "v 1")
        s3.list_objects_v2(Bucket="bucket", Prefix="x/", Delimiter="/")
        self.assert_nothing_wrong_on_the_wire()

    def test_a_role_that_was_assumed_signs(self):
        role = resources.make_role(self.emulator.endpoint, "test")
        given = self.client("sts").assume_role(RoleArn=role, RoleSessionName="test")["Credentials"]
        SESSION.create_client(
            "sqs", endpoint_url=self.emulator.endpoint, region_name=resources.REGION,
            aws_access_key_id=given["AccessKeyId"], aws_session_token=given["SessionToken"],
            aws_secret_access_key=given["SecretAccessKey"]).list_queues()
        self.assert_nothing_wrong_on_the_wire()


class Itself(EmulatorTest):
    def test_what_it_is_told_wrong_it_says_and_serves_on(self):
        for path, value in (("/emu/stage", {"pipeline": "none", "stage": "s", "status": "Failed"}),
                            ("/emu/fault", {"match": "x", "often": 3}), ("/emu/nothing", {})):
            with self.assertRaises(Exception):
                self.tell(path, value)
        self.client("sqs").list_queues()

    def test_all_of_the_runbooks_resources_are_made_twice(self):
        for _ in range(2):
            resources.make(self.emulator.endpoint, ["test", "staging"])
        self.assertEqual(len(self.client("dynamodb").list_tables()["TableNames"]), 3)
        self.assert_nothing_wrong_on_the_wire()


if __name__ == "__main__":
    unittest.main()
