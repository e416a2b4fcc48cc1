# SPDX-License-Identifier: Apache-2.0
"""SQS under many hands, and SQS as a source of Lambda's events.

moto hands a message to a mapped function inside SendMessage, whatever its delay, all or nothing.
Here a poller does as AWS's does: it receives what is visible, up to the batch size; deletes what
the function has done; leaves the rest, or what `batchItemFailures` names, invisible until its
time-out, after which it comes again or, received too often, goes to the dead-letter queue.
"""

import json
import threading
import time
import traceback

import world
from moto.awslambda.models import lambda_backends
from moto.sqs.models import Queue, SQSBackend, sqs_backends

LOCK = threading.RLock()
EVERY = 0.05
HANDED = {}  # mapping -> how many batches its function works on
moto_receive = SQSBackend.receive_message


def backend():
    return sqs_backends[world.ACCOUNT][world.REGION]


def send(arn, body, attributes=None, group=None):
    """Puts a message into the queue with this ARN; no queue, no message, as on AWS."""
    name = arn.split(":")[-1]
    if ":sqs:" in arn and name in backend().queues:
        backend().send_message(name, body, attributes, group_id=group)


def receive_message(self, queue_name, count, wait_seconds_timeout, visibility_timeout,
                    message_attribute_names=None):
    """One receiver at a time: moto would give a message to two."""
    until = time.monotonic() + (wait_seconds_timeout or 0)
    while True:
        with LOCK:
            found = moto_receive(self, queue_name, count, 0, visibility_timeout,
                                 message_attribute_names)
        if found or time.monotonic() >= until:
            return found
        world.pause(EVERY)


def locked(name):
    moto_method = getattr(SQSBackend, name)

    def method(self, *arguments, **named):
        with LOCK:
            return moto_method(self, *arguments, **named)
    setattr(SQSBackend, name, method)


class NotPushed(dict):
    """A queue's mappings, as moto's SendMessage sees them: none."""

    def items(self):
        return ()


def record(message, arn):
    attributes = {"ApproximateReceiveCount": message.approximate_receive_count,
                  "SentTimestamp": message.sent_timestamp, "SenderId": message.sender_id,
                  "ApproximateFirstReceiveTimestamp": message.approximate_first_receive_timestamp,
                  "MessageGroupId": message.group_id}
    return {"messageId": message.id, "receiptHandle": message.receipt_handle, "body": message.body,
            "attributes": {name: str(value) for name, value in attributes.items() if value},
            "messageAttributes": {name: {key[0].lower() + key[1:]: part
                                         for key, part in value.items()}
                                  for name, value in message.message_attributes.items()},
            "md5OfBody": message.body_md5, "eventSource": "aws:sqs", "eventSourceARN": arn,
            "awsRegion": world.REGION}


def unfinished(mapping, messages, body, failed):
    """The ids of the messages that stay in the queue."""
    everything = {message.id for message in messages}
    if failed:
        return everything
    if "ReportBatchItemFailures" not in (mapping.function_response_types or []):
        return set()
    try:
        named = {each["itemIdentifier"] for each in
                 (json.loads(body or b"null") or {}).get("batchItemFailures") or []}
    except (ValueError, KeyError, TypeError, AttributeError):
        return everything
    return named if named <= everything else everything


def hand_over(mapping, name, messages):
    import functions
    event = {"Records": [record(message, mapping.event_source_arn) for message in messages]}
    try:
        function = lambda_backends[world.ACCOUNT][world.REGION].get_function(mapping.function_arn,
                                                                             None)
        body, failed, _log = functions.call(function, json.dumps(event).encode())
    finally:
        count(mapping, -1)
    left = unfinished(mapping, messages, body, failed)
    for message in messages:
        if message.id not in left:
            with LOCK:
                backend().delete_message(name, message.receipt_handle)


def busy(mapping):
    most = (mapping.scaling_config or {}).get("MaximumConcurrency")
    return most is not None and HANDED.get(mapping.uuid, 0) >= most


def count(mapping, more):
    with LOCK:
        HANDED[mapping.uuid] = max(0, HANDED.get(mapping.uuid, 0) + more)


def look():
    for mapping in list(lambda_backends[world.ACCOUNT][world.REGION]
                        ._event_source_mappings.values()):
        name = mapping.event_source_arn.split(":")[-1]
        queue = backend().queues.get(name) if ":sqs:" in mapping.event_source_arn else None
        if queue is None or not mapping.enabled or busy(mapping):
            continue
        messages = backend().receive_message(name, mapping.batch_size, 0, queue.visibility_timeout,
                                             ["All"])
        if messages:
            count(mapping, 1)
            world.in_background(hand_over, mapping, name, messages)


def poll():
    while True:
        world.pause(EVERY)
        try:
            look()
        except Exception:  # such as a world that is made anew at this moment
            traceback.print_exc()


SQSBackend.receive_message = receive_message
for each_name in ("send_message", "delete_message", "change_message_visibility", "purge_queue"):
    locked(each_name)
Queue.lambda_event_source_mappings = property(lambda self: NotPushed(), lambda self, value: None)
world.in_background(poll)
