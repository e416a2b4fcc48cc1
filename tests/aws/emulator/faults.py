# SPDX-License-Identifier: Apache-2.0
"""What moto never does: refuse, be slow, or lose an answer.

POST /emu/fault {"match": REGEX, "count": 1, "skip": 0, "delay": SECONDS, "status": 503,
                 "code": "ServiceUnavailable", "message": TEXT, "when": "before" or "after",
                 "drop": true}

`match` is searched for in `X-AMZ-TARGET METHOD PATH BODY`, so that an operation, a key or a table
can be named. The first `skip` matching requests pass, then `count` of them (-1: all) are hit:
  before (the usual)  waits `delay`; then refuses with `status` and `code`, or drops the connection
                      (`drop`), or, given neither, serves: only slow
  after               serves the request, then waits `delay` and loses the answer: the connection is
                      dropped, or, given a `status`, that is the answer to what has been done
"""

import json
import re
import threading
import uuid

import world
from server import Dropped

LOCK = threading.Lock()
FAULTS = []
KNOWN = {"match", "count", "skip", "delay", "status", "code", "message", "when", "drop"}


def add(fault):
    if unknown := set(fault) - KNOWN:
        raise ValueError(f"a fault has no {', '.join(sorted(unknown))}")
    if fault.get("when", "before") not in ("before", "after"):
        raise ValueError("when is before or after")
    fault = {"count": 1, "skip": 0, "delay": 0, "when": "before", **fault,
             "pattern": re.compile(fault["match"], re.DOTALL)}
    if fault.get("status") and not fault.get("code"):
        raise ValueError("a status needs the code of an error")
    with LOCK:
        FAULTS.append(fault)


@world.on_reset
def forget(_=None):
    with LOCK:
        FAULTS.clear()


def next_fault(what):
    """The first fault that is due for this request; it is used up a little."""
    with LOCK:
        for fault in FAULTS:
            if fault["count"] == 0 or not fault["pattern"].search(what):
                continue
            if fault["skip"] > 0:
                fault["skip"] -= 1
                return None
            fault["count"] -= 1
            return fault
    return None


def refusal(environ, fault, start_response):
    """An error in the words of the protocol that was asked in."""
    code, text = fault["code"], fault.get("message", "injected")
    headers = [("x-amzn-RequestId", str(uuid.uuid4()))]
    if target := environ.get("HTTP_X_AMZ_TARGET"):
        prefix = "com.amazonaws.dynamodb.v20120810#" if target.startswith("DynamoDB_") else ""
        body, kind = json.dumps({"__type": prefix + code, "message": text}), "x-amz-json-1.0"
        headers.append(("x-amzn-query-error", f"{code};Sender"))
    elif "/lambda/" in environ.get("HTTP_AUTHORIZATION", ""):
        body, kind = json.dumps({"Type": "User", "Message": text}), "json"
        headers.append(("x-amzn-ErrorType", code))
    elif "/s3/" in environ.get("HTTP_AUTHORIZATION", ""):
        body = f"<Error><Code>{code}</Code><Message>{text}</Message></Error>"
        kind = "xml"
    else:
        body = ("<ErrorResponse><Error><Type>Sender</Type>"
                f"<Code>{code}</Code><Message>{text}</Message></Error>"
                "<RequestId>0</RequestId></ErrorResponse>")
        kind = "xml"
    data = body.encode()
    start_response(f"{fault['status']} .", [("Content-Type", "application/" + kind),
                                            ("Content-Length", str(len(data))), *headers])
    return [data]


def through(serve, environ, start_response):
    """Serves the request, unless a fault is due."""
    body = environ["wsgi.input"].read()
    environ["wsgi.input"].seek(0)
    fault = next_fault(f"{environ.get('HTTP_X_AMZ_TARGET', '')} {environ['REQUEST_METHOD']} "
                       f"{environ['REQUEST_URI']} {body[:8192].decode(errors='replace')}")
    if fault is None:
        return serve(environ, start_response)
    if fault["when"] == "after":
        b"".join(serve(environ, lambda *_: None))
    if fault["delay"]:
        world.pause(fault["delay"])
    if fault.get("status"):
        return refusal(environ, fault, start_response)
    if fault["when"] == "after" or fault.get("drop"):
        raise Dropped
    return serve(environ, start_response)
