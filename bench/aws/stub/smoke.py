#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""smoke.py: is the stub true to what boto3 expects of AWS? Without boto3: not asked (77)."""

import base64
import hashlib
import pathlib
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
try:
    import boto3
    import botocore.config
    import botocore.exceptions
except ImportError:
    print("boto3 is missing; the stub is not held against it")
    sys.exit(77)

from stand import Stub


def client(stub, service):
    config = botocore.config.Config(s3={"addressing_style": "path"},
                                    retries={"total_max_attempts": 1})
    return boto3.client(service, endpoint_url=stub.endpoint, region_name="us-east-1",
                        aws_access_key_id="a", aws_secret_access_key="b", config=config,
                        verify=stub.authority)


class Refused:
    """`with Refused(test, "NoSuchKey") as error`: what is in it is refused with that word."""

    def __init__(self, test, code):
        self.test, self.code, self.response = test, code, None

    def __enter__(self):
        return self

    def __exit__(self, kind, error, _):
        self.test.assertIsNotNone(error, f"{self.code} was expected")
        if not isinstance(error, botocore.exceptions.ClientError):
            return False
        self.test.assertEqual(error.response["Error"]["Code"], self.code)
        self.response = error.response
        return True


class StubTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.stub = Stub(tls=True)
        cls.addClassCleanup(cls.stub.close)

    def setUp(self):
        self.stub.restore()  # nothing was kept: empty


class TableTest(StubTest):
    def setUp(self):
        super().setUp()
        self.db = client(self.stub, "dynamodb")
        names = {"pk": "S", "sk": "S", "list": "S", "place": "N"}
        key = [{"AttributeName": "pk", "KeyType": "HASH"},
               {"AttributeName": "sk", "KeyType": "RANGE"}]
        index = [{"AttributeName": "list", "KeyType": "HASH"},
                 {"AttributeName": "place", "KeyType": "RANGE"}]
        self.db.create_table(
            TableName="t", BillingMode="PAY_PER_REQUEST", KeySchema=key,
            AttributeDefinitions=[{"AttributeName": name, "AttributeType": kind}
                                  for name, kind in names.items()],
            GlobalSecondaryIndexes=[{"IndexName": "by-list", "KeySchema": index,
                                     "Projection": {"ProjectionType": "ALL"}}])

    def part(self, pk, place, condition="attribute_not_exists(pk)", values=None):
        return {"Update": {
            "TableName": "t", "Key": {"pk": {"S": pk}, "sk": {"S": "-"}},
            "UpdateExpression": "SET txn = :txn, #n0 = :v0, #n1 = if_not_exists(#n1, :v1), "
                                "#n2 = :v2 REMOVE #n3",
            "ExpressionAttributeNames": {"#n0": "rev", "#n1": "place", "#n2": "list",
                                         "#n3": "open"},
            "ExpressionAttributeValues": {":txn": {"S": "token"}, ":v0": {"N": "1"},
                                          ":v1": {"N": str(place)}, ":v2": {"S": "heads"},
                                          **(values or {})},
            "ConditionExpression": condition,
            "ReturnValuesOnConditionCheckFailure": "ALL_OLD"}}

    def item(self, pk):
        return self.db.get_item(TableName="t", Key={"pk": {"S": pk}, "sk": {"S": "-"}},
                                ConsistentRead=True).get("Item")

    def test_a_transaction_happens_whole(self):
        self.db.transact_write_items(TransactItems=[self.part("a", 1), self.part("b", 2)])
        self.assertEqual(self.item("a")["rev"], {"N": "1"})
        self.assertEqual(self.item("b")["place"], {"N": "2"})

    def test_a_transaction_that_is_refused_leaves_nothing_and_shows_what_is_there(self):
        self.db.transact_write_items(TransactItems=[self.part("a", 1)])
        with Refused(self, "TransactionCanceledException") as refused:
            self.db.transact_write_items(TransactItems=[self.part("b", 2), self.part("a", 3)])
        reasons = refused.response["CancellationReasons"]
        self.assertEqual([each["Code"] for each in reasons], ["None", "ConditionalCheckFailed"])
        self.assertEqual(reasons[1]["Item"]["place"], {"N": "1"})
        self.assertIsNone(self.item("b"))

    def test_revisions_decide(self):
        self.db.transact_write_items(TransactItems=[self.part("a", 1)])
        condition = "rev = :was AND attribute_exists(pk)"
        self.db.transact_write_items(
            TransactItems=[self.part("a", 9, condition, {":was": {"N": "1"}})])
        self.assertEqual(self.item("a")["place"], {"N": "1"})  # if_not_exists
        with Refused(self, "TransactionCanceledException"):
            self.db.transact_write_items(
                TransactItems=[self.part("a", 9, condition, {":was": {"N": "2"}})])

    def test_a_token_is_spent_once(self):
        for _ in range(2):
            self.db.transact_write_items(TransactItems=[self.part("a", 1)],
                                         ClientRequestToken="once")
        with Refused(self, "IdempotentParameterMismatchException"):
            self.db.transact_write_items(TransactItems=[self.part("b", 1)],
                                         ClientRequestToken="once")

    def test_an_index_is_in_order_and_has_pages(self):
        self.db.transact_write_items(TransactItems=[self.part(f"k{place}", place)
                                                    for place in (10, 9, 100, 1)])
        pages = self.db.get_paginator("query").paginate(
            TableName="t", IndexName="by-list", ScanIndexForward=False,
            KeyConditionExpression="#p = :p AND #s <= :s",
            ExpressionAttributeNames={"#p": "list", "#s": "place"},
            ExpressionAttributeValues={":p": {"S": "heads"}, ":s": {"N": "10"}},
            PaginationConfig={"PageSize": 2})
        places = [[item["place"]["N"] for item in page["Items"]] for page in pages]
        self.assertEqual(sum(places, []), ["10", "9", "1"])
        self.assertEqual(len(places[0]), 2)

    def test_updates_count_and_append(self):
        self.db.put_item(TableName="t", Item={"pk": {"S": "n"}, "sk": {"S": "-"},
                                              "told": {"L": []}, "attempts": {"N": "1"}})
        for _ in range(2):
            try:
                self.db.update_item(
                    TableName="t", Key={"pk": {"S": "n"}, "sk": {"S": "-"}},
                    UpdateExpression="SET told = list_append(told, :all), "
                                     "attempts = attempts + :one",
                    ConditionExpression="attribute_exists(pk) AND NOT contains(told, :it)",
                    ExpressionAttributeValues={":all": {"L": [{"S": "sns"}]}, ":it": {"S": "sns"},
                                               ":one": {"N": "1"}})
            except self.db.exceptions.ConditionalCheckFailedException:
                pass
        self.assertEqual(self.item("n")["told"], {"L": [{"S": "sns"}]})
        self.assertEqual(self.item("n")["attempts"], {"N": "2"})

    def test_what_it_does_not_understand_is_refused(self):
        with Refused(self, "ValidationException"):
            self.db.put_item(TableName="t", Item={"pk": {"S": "n"}, "sk": {"S": "-"}},
                             ConditionExpression="size(pk) > size(sk)")
        with Refused(self, "ResourceNotFoundException"):
            self.db.get_item(TableName="other", Key={"pk": {"S": "n"}})


class ObjectTest(StubTest):
    def setUp(self):
        super().setUp()
        self.s3 = client(self.stub, "s3")
        self.s3.create_bucket(Bucket="from")
        self.s3.create_bucket(Bucket="to")

    def test_bytes_and_metadata_come_back(self):
        self.s3.put_object(Bucket="from", Key="a b/ü.txt", Body=b"bytes",
                           Metadata={"version": "v1"})
        got = self.s3.get_object(Bucket="from", Key="a b/ü.txt")
        self.assertEqual(got["Body"].read(), b"bytes")
        self.assertEqual(got["Metadata"], {"version": "v1"})
        self.assertEqual(got["ETag"], f'"{hashlib.md5(b"bytes").hexdigest()}"')

    def test_checksums_are_those_of_the_bytes(self):
        digest = base64.b64encode(hashlib.sha256(b"bytes").digest()).decode()
        self.s3.put_object(Bucket="from", Key="k", Body=b"bytes", ChecksumSHA256=digest)
        head = self.s3.head_object(Bucket="from", Key="k", ChecksumMode="ENABLED")
        self.assertEqual((head["ChecksumSHA256"], head["ContentLength"]), (digest, 5))
        with Refused(self, "BadDigest"):
            self.s3.put_object(Bucket="from", Key="k", Body=b"other", ChecksumSHA256=digest)

    def test_a_copy_is_equal_and_counted(self):
        self.s3.put_object(Bucket="from", Key="v1/a b", Body=b"1")
        self.s3.copy_object(Bucket="to", Key="a b", CopySource={"Bucket": "from", "Key": "v1/a b"})
        self.assertEqual(self.stub.objects("to")["a b"].etag,
                         self.stub.objects("from")["v1/a b"].etag)
        self.assertEqual(self.stub.counts()["requests"]["s3 CopyObject"], 1)
        with Refused(self, "NoSuchKey"):
            self.s3.copy_object(Bucket="to", Key="b", CopySource={"Bucket": "from", "Key": "none"})

    def test_writes_on_condition(self):
        etag = self.s3.put_object(Bucket="to", Key="p", Body=b"1", IfNoneMatch="*")["ETag"]
        with Refused(self, "PreconditionFailed"):
            self.s3.put_object(Bucket="to", Key="p", Body=b"2", IfNoneMatch="*")
        self.s3.put_object(Bucket="to", Key="p", Body=b"2", IfMatch=etag)
        with Refused(self, "PreconditionFailed"):
            self.s3.put_object(Bucket="to", Key="p", Body=b"3", IfMatch=etag)

    def test_lists_come_in_pages_and_deletes_in_one_call(self):
        self.stub.fill("from", ((f"v1/{number:04}&", "x") for number in range(2500)))
        pages = list(self.s3.get_paginator("list_objects_v2").paginate(Bucket="from", Prefix="v1/"))
        keys = [each["Key"] for page in pages for each in page["Contents"]]
        self.assertEqual([len(page["Contents"]) for page in pages], [1000, 1000, 500])
        self.assertEqual((len(set(keys)), keys[7]), (2500, "v1/0007&"))
        done = self.s3.delete_objects(
            Bucket="from", Delete={"Objects": [{"Key": key} for key in keys[:1000]]})
        self.assertEqual(len(done["Deleted"]), 1000)
        self.assertEqual(len(self.stub.objects("from")), 1500)

    def test_folders(self):
        self.stub.fill("from", (("v1/a", "x"), ("v1/b", "x"), ("v2/a", "x"), ("top", "x")))
        page = self.s3.list_objects_v2(Bucket="from", Delimiter="/")
        self.assertEqual([each["Prefix"] for each in page["CommonPrefixes"]], ["v1/", "v2/"])
        self.assertEqual([each["Key"] for each in page["Contents"]], ["top"])

    def test_versions(self):
        self.stub.fill("from", (("v1/a", "x"), ("v1/b", "x")))
        found = self.s3.list_object_versions(Bucket="from", Prefix="v1/a")["Versions"]
        self.assertEqual([(each["Key"], each["IsLatest"]) for each in found], [("v1/a", True)])
        self.s3.copy_object(Bucket="to", Key="a", CopySource={
            "Bucket": "from", "Key": "v1/a", "VersionId": found[0]["VersionId"]})
        self.assertEqual(len(self.stub.objects("to")), 1)

    def test_what_is_kept_comes_back(self):
        self.stub.fill("to", (("a", "1"),))
        self.stub.keep()
        self.addCleanup(self.stub.forget)
        self.s3.put_object(Bucket="to", Key="a", Body=b"2")
        self.assertEqual(self.stub.objects("to")["a"].writes, 1)
        self.stub.restore()
        self.assertEqual(self.stub.objects("to")["a"].etag, f'"{hashlib.md5(b"1").hexdigest()}"')
        self.assertEqual(self.stub.counts()["requests"], {})


class OtherTest(StubTest):
    def test_alarms_are_found_by_prefix_and_state(self):
        watch = client(self.stub, "cloudwatch")
        for name in ("kiro-pipeline-test-failures", "kiro-pipeline-test-duration", "other"):
            self.stub.alarm(name)
        self.stub.alarm("kiro-pipeline-test-duration", "ALARM")
        found = watch.describe_alarms(AlarmNamePrefix="kiro-pipeline-test")["MetricAlarms"]
        self.assertEqual({each["AlarmName"]: each["StateValue"] for each in found},
                         {"kiro-pipeline-test-failures": "OK",
                          "kiro-pipeline-test-duration": "ALARM"})
        red = watch.describe_alarms(AlarmNamePrefix="kiro-", StateValue="ALARM")["MetricAlarms"]
        self.assertEqual(len(red), 1)

    def test_messages_are_kept(self):
        topic = "arn:aws:sns:us-east-1:123456789012:t"
        client(self.stub, "sns").publish(TopicArn=topic, Message="told & heard")
        queue = client(self.stub, "sqs")
        address = queue.get_queue_url(QueueName="wake-ups")["QueueUrl"]
        queue.send_message(QueueUrl=address, MessageBody="later", DelaySeconds=60)
        told, sent = self.stub.messages()
        self.assertEqual((told["Message"], sent["MessageBody"]), ("told & heard", "later"))

    def test_the_chain_counts_what_waited_for_something(self):
        topics = client(self.stub, "sns")
        for _ in range(3):
            topics.publish(TopicArn="arn:aws:sns:us-east-1:123456789012:t", Message="m")
        self.assertEqual(self.stub.counts()["chain"], ["sns Publish"] * 3)


class RateTest(unittest.TestCase):
    def test_writes_above_the_rate_are_refused(self):
        with Stub(rate=1) as stub:
            s3 = client(stub, "s3")
            stub.fill("b", ())
            codes = []
            for number in range(20):
                try:
                    s3.put_object(Bucket="b", Key=str(number), Body=b"")
                except botocore.exceptions.ClientError as error:
                    codes.append(error.response["Error"]["Code"])
            self.assertEqual(set(codes), {"SlowDown"})
            self.assertEqual(stub.counts()["refused"], len(codes))
            self.assertEqual(len(stub.objects("b")), 20 - len(codes))


if __name__ == "__main__":
    unittest.main()
