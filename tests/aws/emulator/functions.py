# SPDX-License-Identifier: Apache-2.0
"""Lambda functions of runtime `provided.al2023`, run as local processes; moto would ask Docker.

RequestResponse, Event (two retries at once, then the function's dead-letter queue or on-failure
destination) and DryRun. Each function has as many sandboxes as calls run at the same time, up to
its reserved concurrency. What a function writes goes into /aws/lambda/NAME as it is written.
"""

import base64
import json
import threading
import time
import uuid

import queues
import runtime
import world
from moto.awslambda.models import LambdaFunction, lambda_backends
from moto.core.exceptions import JsonRESTError

LOCK = threading.Condition()
IDLE = {}      # what makes a sandbox usable for a call -> idle sandboxes
RUNNING = {}   # function ARN -> how many calls run
ALL = []
DEAD_LETTERS = {}  # function name -> ARN of its dead-letter queue
RETRIES = 2


class TooManyRequests(JsonRESTError):
    code = 429

    def __init__(self):
        super().__init__("TooManyRequestsException", "Rate Exceeded.")


@world.on_reset
def forget():
    with LOCK:
        sandboxes = ALL[:]
        ALL.clear()
        IDLE.clear()
        RUNNING.clear()
        DEAD_LETTERS.clear()
    for sandbox in sandboxes:
        sandbox.end()


class Journal:
    """One log stream of a function; the lines of one call can be had back."""

    def __init__(self, function):
        self.backend, self.group = function.logs_backend, function.logs_group_name
        self.stream = time.strftime("%Y/%m/%d/[$LATEST]", time.gmtime()) + uuid.uuid4().hex
        self.lines = []
        self.lock = threading.Lock()

    def __call__(self, line):
        with self.lock:
            self.lines.append(line)
            self.backend.ensure_log_group(self.group)
            if self.stream not in self.backend.groups[self.group].streams:
                self.backend.create_log_stream(self.group, self.stream)
            self.backend.put_log_events(self.group, self.stream, [
                {"timestamp": int(time.time() * 1000), "message": line}])


def kind_of(function):
    return (function.function_arn, function.code_sha_256, function.handler, function.memory_size,
            json.dumps(function.environment_vars, sort_keys=True))


def take(function, wait):
    """An idle sandbox, or a new one."""
    limit = function.reserved_concurrency
    arn = function.function_arn
    with LOCK:
        while limit is not None and RUNNING.get(arn, 0) >= int(limit):
            if not wait:
                raise TooManyRequests
            LOCK.wait(1)
        RUNNING[arn] = RUNNING.get(arn, 0) + 1
        idle = IDLE.setdefault(kind_of(function), [])
        while idle:
            sandbox = idle.pop()
            if sandbox.alive():
                return sandbox
            end(sandbox)
    try:
        sandbox = runtime.Sandbox(function, Journal(function))
    except Exception:
        give_back(function, None)
        raise
    with LOCK:
        ALL.append(sandbox)
    return sandbox


def end(sandbox):
    if sandbox in ALL:
        ALL.remove(sandbox)
        world.in_background(sandbox.end)


def give_back(function, sandbox):
    with LOCK:
        arn = function.function_arn
        RUNNING[arn] = max(0, RUNNING.get(arn, 0) - 1)
        if sandbox is not None and sandbox in ALL:
            if sandbox.alive():
                IDLE.setdefault(kind_of(function), []).append(sandbox)
            else:
                end(sandbox)
        LOCK.notify_all()


def call(function, payload, wait=True):
    """(body, failed, log) of one invocation."""
    sandbox = take(function, wait)
    try:
        first = len(sandbox.log.lines)
        body, failed = sandbox.call(payload, int(function.timeout))
        return body, failed, "\n".join(sandbox.log.lines[first:])
    finally:
        give_back(function, sandbox)


def call_later(function, payload):
    """An asynchronous invocation: retried, and at last put where the failures of this one go."""
    settings = function.event_invoke_config[0].config if function.event_invoke_config else {}
    tries = settings.get("MaximumRetryAttempts", RETRIES) + 1
    for _ in range(tries):
        body, failed, _log = call(function, payload)
        if not failed:
            return
    text = body.decode(errors="replace")
    if arn := DEAD_LETTERS.get(function.function_name):
        queues.send(arn, payload.decode(), {
            "ErrorCode": {"DataType": "Number", "StringValue": "200"},
            "ErrorMessage": {"DataType": "String", "StringValue": text[:1000]}})
    if arn := settings.get("DestinationConfig", {}).get("OnFailure", {}).get("Destination"):
        queues.send(arn, json.dumps({
            "version": "1.0", "requestPayload": json.loads(payload), "responsePayload": text,
            "requestContext": {"functionArn": function.function_arn,
                               "condition": "RetriesExhausted", "approximateInvokeCount": tries}
        }))


def call_by_arn(arn, payload):
    """For events: starts an asynchronous invocation. False: there is no such function."""
    try:
        function = lambda_backends[world.ACCOUNT][world.REGION].get_function(arn, None)
    except JsonRESTError:
        return False
    world.in_background(call_later, function, payload)
    return True


def invoke(self, body, request_headers, response_headers):
    """In the place of moto's LambdaFunction.invoke."""
    payload = body if isinstance(body, bytes) else (body or "").encode()
    payload = payload or b"{}"
    headers = {name.lower(): value for name, value in dict(request_headers).items()}
    kind = headers.get("x-amz-invocation-type", "RequestResponse")
    if kind == "DryRun":
        return b""
    if kind == "Event":
        world.in_background(call_later, self, payload)
        return b""
    result, failed, log = call(self, payload, wait=False)
    if failed:
        response_headers["x-amz-function-error"] = "Unhandled"
    response_headers["x-amz-executed-version"] = "$LATEST"
    response_headers["x-amz-log-result"] = base64.b64encode(log.encode()[-4096:]).decode()
    return result


def remember(function, settings):
    """What moto does not keep of a function's settings."""
    if "DeadLetterConfig" in settings:
        arn = (settings["DeadLetterConfig"] or {}).get("TargetArn")
        DEAD_LETTERS[function.function_name] = arn
    if group := (settings.get("LoggingConfig") or {}).get("LogGroup"):
        function.logs_group_name = group
    return function


moto_init, moto_update = LambdaFunction.__init__, LambdaFunction.update_configuration
moto_configuration = LambdaFunction.get_configuration
moto_create_in_stack = LambdaFunction.create_from_cloudformation_json.__func__
moto_update_in_stack = LambdaFunction.update_from_cloudformation_json.__func__


def init(self, account_id, spec, *arguments, **named):
    moto_init(self, account_id, spec, *arguments, **named)
    remember(self, spec)


def update_configuration(self, config_updates):
    remember(self, config_updates)
    return moto_update(self, config_updates)


def get_configuration(self, *arguments, **named):
    configuration = moto_configuration(self, *arguments, **named)
    if arn := DEAD_LETTERS.get(self.function_name):
        configuration["DeadLetterConfig"] = {"TargetArn": arn}
    return configuration


def in_stack(moto_method):
    @classmethod
    def method(cls, *arguments, **named):
        properties = named.get("cloudformation_json") or next(
            each for each in arguments if isinstance(each, dict) and "Properties" in each)
        return remember(moto_method(cls, *arguments, **named), properties["Properties"])
    return method


LambdaFunction.__init__ = init
LambdaFunction.update_configuration = update_configuration
LambdaFunction.get_configuration = get_configuration
LambdaFunction.create_from_cloudformation_json = in_stack(moto_create_in_stack)
LambdaFunction.update_from_cloudformation_json = in_stack(moto_update_in_stack)
LambdaFunction.invoke = invoke
