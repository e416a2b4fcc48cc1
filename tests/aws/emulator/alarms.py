# SPDX-License-Identifier: Apache-2.0
"""CloudWatch alarms as AWS has them: they start without data, act on transitions, have a history.

A test sets a state with SetAlarmState; nothing is computed from metrics. A transition publishes to
the SNS topics among the alarm's actions and is an event of aws.cloudwatch; composite alarms follow
their rule. DescribeAlarms heeds prefix, state, types and pages together.
"""

import json
import re
import threading
from datetime import datetime, timezone

import events
import world
from moto.cloudwatch.models import CloudWatchBackend, cloudwatch_backends
from moto.cloudwatch.responses import CloudWatchResponse
from moto.core.responses import ActionResult
from moto.core.utils import utcnow
from moto.sns.models import sns_backends

LOCK = threading.RLock()
HISTORY = []
FIRST = ("INSUFFICIENT_DATA", "Unchecked: Initial alarm creation")
TOKEN = re.compile(r'\s*(?:(ALARM|OK|INSUFFICIENT_DATA)\s*\(\s*(?:"([^"]+)"|([^)\s]+))\s*\)'
                   r'|(TRUE|FALSE|AND|OR|NOT|[()]))')
moto_put = CloudWatchBackend.put_metric_alarm
moto_set = CloudWatchBackend.set_alarm_state


@world.on_reset
def forget():
    with LOCK:
        HISTORY.clear()


def backend():
    return cloudwatch_backends[world.ACCOUNT][world.REGION]


def moment(when):
    return when.strftime("%Y-%m-%dT%H:%M:%S.000+0000")


def kind_of(alarm):
    return "MetricAlarm" if alarm.rule is None else "CompositeAlarm"


def note(alarm, kind, summary, data):
    HISTORY.append({"AlarmName": alarm.name, "AlarmType": kind_of(alarm), "Timestamp": utcnow(),
                    "HistoryItemType": kind, "HistorySummary": summary,
                    "HistoryData": json.dumps(data)})


def holds(rule, state_of):
    """Whether an alarm rule such as `ALARM("a") AND NOT (OK(b) OR TRUE)` holds."""
    tokens = []
    at = 0
    while rule[at:].strip():
        found = TOKEN.match(rule, at)
        if not found:
            raise ValueError(f"alarm rule, at {rule[at:at + 20]!r}")
        tokens.append(found)
        at = found.end()
    tokens.reverse()

    def word():
        return tokens[-1][4] if tokens else None

    def either():
        value = both()
        while word() == "OR":
            tokens.pop()
            value = both() or value
        return value

    def both():
        value = one()
        while word() == "AND":
            tokens.pop()
            value = one() and value
        return value

    def one():
        token = tokens.pop()
        if token[1]:
            return state_of((token[2] or token[3]).split(":alarm:")[-1]) == token[1]
        if token[4] == "NOT":
            return not one()
        if token[4] == "(":
            value = either()
            tokens.pop()
            return value
        return token[4] == "TRUE"

    return either()


def announce(alarm, before, before_reason, before_time):
    state, reason, now = alarm.state_value, alarm.state_reason, moment(utcnow())
    note(alarm, "StateUpdate", f"Alarm updated from {before} to {state}",
         {"version": "1.0", "oldState": {"stateValue": before, "stateReason": before_reason},
          "newState": {"stateValue": state, "stateReason": reason}})
    actions = {"ALARM": alarm.alarm_actions, "OK": alarm.ok_actions}.get(
        state, alarm.insufficient_data_actions)
    for arn in (actions or []) if alarm.actions_enabled else []:
        if ":sns:" in arn:
            message = {"AlarmName": alarm.name, "AlarmDescription": alarm.description,
                       "AWSAccountId": world.ACCOUNT, "NewStateValue": state,
                       "NewStateReason": reason, "StateChangeTime": now, "Region": world.REGION,
                       "AlarmArn": alarm.alarm_arn, "OldStateValue": before}
            sns_backends[world.ACCOUNT][world.REGION].publish(
                json.dumps(message), arn=arn, subject=f'{state}: "{alarm.name}"'[:100])
            note(alarm, "Action", f"Successfully executed action {arn}", {})
    events.emit("aws.cloudwatch", "CloudWatch Alarm State Change", {
        "alarmName": alarm.name, "state": {"value": state, "reason": reason, "timestamp": now},
        "previousState": {"value": before, "reason": before_reason,
                          "timestamp": moment(before_time)},
        "configuration": {"description": alarm.description or ""}}, [alarm.alarm_arn])


def change(alarm, state, reason, reason_data=None):
    before = alarm.state_value, alarm.state_reason, alarm.state_updated_timestamp
    alarm.update_state(reason, reason_data, state)
    if before[0] != state:  # AWS acts on transitions only
        announce(alarm, *before)


def follow(self):
    """Composite alarms take the state that their rules give, until nothing changes any more."""
    for _ in range(10):
        moved = False
        for alarm in [each for each in self.alarms.values() if each.rule is not None]:
            state = "ALARM" if holds(alarm.rule, lambda name: getattr(
                self.alarms.get(name), "state_value", None)) else "OK"
            if state != alarm.state_value:
                change(alarm, state, f"{alarm.rule} is {'true' if state == 'ALARM' else 'false'}")
                moved = True
        if not moved:
            return


def put_metric_alarm(self, name, *arguments, **named):
    """A new alarm has no data yet; one that is put again keeps its state."""
    with LOCK:
        old = self.alarms.get(name)
        alarm = moto_put(self, name, *arguments, **named)
        if old is None:
            alarm.state_value, alarm.state_reason = FIRST
        else:
            for field in ("state_value", "state_reason", "state_reason_data",
                          "state_updated_timestamp"):
                setattr(alarm, field, getattr(old, field))
        note(alarm, "ConfigurationUpdate", f'Alarm "{name}" {"updated" if old else "created"}', {})
        follow(self)
        return alarm


def set_alarm_state(self, alarm_name, reason, reason_data, state_value):
    with LOCK:
        alarm = self.alarms.get(alarm_name)
        if alarm is None or state_value not in ("OK", "ALARM", "INSUFFICIENT_DATA"):
            moto_set(self, alarm_name, reason, reason_data, state_value)  # refuses
        change(alarm, state_value, reason, reason_data)
        follow(self)


def page(self, found, most):
    first = int(self._get_param("NextToken") or 0)
    last = first + int(self._get_param("MaxRecords") or most)
    return found[first:last], ({"NextToken": str(last)} if last < len(found) else {})


def describe_alarms(self):
    asked = self._get_param
    prefix, names, state = asked("AlarmNamePrefix"), asked("AlarmNames", []), asked("StateValue")
    actions, types = asked("ActionPrefix"), asked("AlarmTypes", []) or ["MetricAlarm"]
    with LOCK:
        found = [alarm for alarm in self.cloudwatch_backend.alarms.values()
                 if kind_of(alarm) in types and (not prefix or alarm.name.startswith(prefix))
                 and (not names or alarm.name in names)
                 and (not state or alarm.state_value == state)
                 and (not actions or any(arn.startswith(actions) for arn in alarm.alarm_actions))]
    found.sort(key=lambda alarm: (kind_of(alarm) == "CompositeAlarm", alarm.name))
    shown, more = page(self, found, 50)
    return ActionResult({"MetricAlarms": [alarm for alarm in shown if alarm.rule is None],
                         "CompositeAlarms": [alarm for alarm in shown if alarm.rule is not None],
                         **more})


def as_time(value):
    if value is None or isinstance(value, datetime):
        return value and value.replace(tzinfo=None)
    if isinstance(value, (int, float)):
        return datetime.fromtimestamp(value, timezone.utc).replace(tzinfo=None)
    return datetime.fromisoformat(str(value).replace("Z", "+00:00")).replace(tzinfo=None)


def describe_alarm_history(self):
    asked = self._get_param
    name, kind = asked("AlarmName"), asked("HistoryItemType")
    types = asked("AlarmTypes", []) or ["MetricAlarm"]
    since, until = as_time(asked("StartDate")), as_time(asked("EndDate"))
    with LOCK:
        found = [item for item in HISTORY
                 if name in (None, item["AlarmName"]) and kind in (None, item["HistoryItemType"])
                 and (name or item["AlarmType"] in types)
                 and (since is None or item["Timestamp"].replace(tzinfo=None) >= since)
                 and (until is None or item["Timestamp"].replace(tzinfo=None) <= until)]
    if asked("ScanBy") != "TimestampAscending":
        found.reverse()
    shown, more = page(self, found, 100)
    return ActionResult({"AlarmHistoryItems": shown, **more})


CloudWatchBackend.put_metric_alarm = put_metric_alarm
CloudWatchBackend.set_alarm_state = set_alarm_state
CloudWatchResponse.put_composite_alarm = CloudWatchResponse.put_metric_alarm  # it reads AlarmRule
CloudWatchResponse.describe_alarms = describe_alarms
CloudWatchResponse.describe_alarm_history = describe_alarm_history
