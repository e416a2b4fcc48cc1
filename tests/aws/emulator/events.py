# SPDX-License-Identifier: Apache-2.0
"""EventBridge: rules with Lambda functions and queues as targets, events of AWS's own, the clock.

moto matches patterns and fills templates; it cannot call a function. Scheduled rules fire when the
test says so (`tick`), since a test waits for no wall clock. A target that is not there costs the
event, or puts it into the target's dead-letter queue.
"""

import json
import time
import uuid

import functions
import queues
import world
from moto.events.models import EventTemplateParser, Rule, events_backends

moto_send = Rule.send_to_targets


def backend():
    return events_backends[world.ACCOUNT][world.REGION]


def stamp(seconds):
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(seconds))


def input_of(target, event):
    """The text that a target is given for an event."""
    if "Input" in target:
        return target["Input"]
    if path := target.get("InputPath"):
        for part in path.removeprefix("$").strip(".").split("."):
            event = event.get(part) if part else event
        return json.dumps(event)
    if transformer := target.get("InputTransformer"):
        filled = EventTemplateParser.parse(
            input_template=transformer.get("InputTemplate"),
            input_paths_map=transformer.get("InputPathsMap", {}), event=event)
        return filled if isinstance(filled, str) else json.dumps(filled)
    return json.dumps(event)


def deliver(target, event):
    text, arn = input_of(target, event), target["Arn"]
    if ":lambda:" in arn:
        there = functions.call_by_arn(arn, text.encode())
    else:
        there = arn.split(":")[-1] in queues.backend().queues
        queues.send(arn, text, group=target.get("SqsParameters", {}).get("MessageGroupId"))
    if not there:
        queues.send(target.get("DeadLetterConfig", {}).get("Arn", ""), text)


def ours(target):
    return ":lambda:" in target["Arn"] or ":sqs:" in target["Arn"]


def fire(rule, event):
    moment = event.get("time")
    if not isinstance(moment, str):
        event = {**event, "time": stamp(float(moment or time.time()))}
    event = {"version": "0", "account": world.ACCOUNT, "region": world.REGION, "resources": [],
             **{key: value for key, value in event.items() if key != "ingestion-time"}}
    for target in rule.targets:
        if ours(target):
            deliver(target, event)


def send_to_targets(self, original_event, transform_input=True):
    """In the place of moto's: ours first, then what moto can serve."""
    if self.state == "DISABLED" or not self.event_pattern.get_pattern():
        return
    if not self.event_pattern.matches_event(original_event):
        return
    fire(self, original_event)
    every = self.targets
    if all(ours(target) for target in every):
        return
    self.targets = [target for target in every if not ours(target)]
    try:
        moto_send(self, original_event, transform_input)
    finally:
        self.targets = every


def emit(source, kind, detail, resources):
    """An event of AWS's own on the default bus."""
    backend().put_events([{"Source": source, "DetailType": kind, "Detail": json.dumps(detail),
                           "Resources": resources}])


def told(asked):
    emit(asked["source"], asked["detail-type"], asked["detail"], asked.get("resources", []))


def tick(asked):
    """Fires the scheduled rule that is named, or every enabled one."""
    fired = []
    for rule in list(backend().describe_event_bus("default").rules.values()):
        if not rule.scheduled_expression or asked.get("rule", rule.name) != rule.name:
            continue
        if rule.state == "DISABLED":
            continue
        fire(rule, {"id": str(uuid.uuid4()), "source": "aws.events", "time": stamp(time.time()),
                    "detail-type": "Scheduled Event", "resources": [rule.arn], "detail": {}})
        fired.append(rule.name)
    if "rule" in asked and not fired:
        raise ValueError(f"there is no enabled scheduled rule {asked['rule']}")
    return {"fired": fired}


Rule.send_to_targets = send_to_targets
