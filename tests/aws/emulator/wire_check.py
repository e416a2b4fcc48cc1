# SPDX-License-Identifier: Apache-2.0
"""Every request held against AWS's published models, as botocore has them, and its signature.

Known operation, protocol and API version, required members, types, ranges, enumerations, no unknown
members. It is a WSGI application in front of another; what it finds it notes, and serves on.

GET /emu/wire     {"requests": N, "problems": [{"service", "operation", "target", "problems"}]}
DELETE /emu/wire  the same, and forgets it
GET /emu/calls    {"calls": [{"service", "operation", "params"}]}, the newest 1000

Not seen: lengths above a maximum, patterns, what stands in DynamoDB's values and expressions.
"""

import collections
import io
import json
import re
import threading
from urllib.parse import parse_qsl, unquote
from xml.etree import ElementTree

import botocore.session
import cbor
import signature
import world
from botocore.validate import ParamValidator

SERVICES = ("dynamodb", "sqs", "sns", "cloudwatch", "events", "logs", "codepipeline", "codebuild",
            "lambda", "s3", "sts", "cloudformation", "ssm", "iam", "ecr", "scheduler")
SIGNING_NAMES = {"monitoring": "cloudwatch"}
# What the CDK sends and this botocore does not know yet.
NEWER = ("DeploymentConfig.Mode",)
SESSION = botocore.session.get_session()
NUMBERS = {"integer": int, "long": int, "float": float, "double": float,
           "boolean": lambda text: {"true": True, "false": False}[text.lower()]}
LABEL = re.compile(r"\\\{(\w+)(\\\+)?\\\}")


def model_of(service, loaded={}, lock=threading.Lock()):
    name = SIGNING_NAMES.get(service, service)
    with lock:
        if name in SERVICES and name not in loaded:
            loaded[name] = SESSION.get_service_model(name)
        return loaded.get(name)


def scalar(shape, text, bad, at):
    try:
        return NUMBERS.get(shape.type_name, str)(text)
    except (ValueError, KeyError):
        bad.append(f"{at}: {text!r} is no {shape.type_name}")
        return text


def wire_name(shape, name):
    return shape.serialization.get("name", name)


class Query:
    """The query protocol's flat names (A.B.member.1.C) back to nested parameters."""

    def __init__(self, arguments, bad):
        self.arguments, self.bad, self.used = arguments, bad, set()

    def numbers(self, prefix):
        found = (re.match(re.escape(prefix) + r"\.(\d+)(?:\.|$)", key) for key in self.arguments)
        return sorted({int(each[1]) for each in found if each})

    def has(self, prefix):
        return any(key == prefix or key.startswith(prefix + ".") for key in self.arguments)

    def value(self, shape, prefix):
        read = getattr(self, shape.type_name, None)
        if read in (self.structure, self.list, self.map):
            return read(shape, prefix)
        self.used.add(prefix)
        return scalar(shape, self.arguments[prefix], self.bad, prefix)

    def structure(self, shape, prefix):
        found = {}
        for name, member in shape.members.items():
            path = (prefix + "." if prefix else "") + wire_name(member, name)
            if self.has(path):
                found[name] = self.value(member, path)
        return found

    def list(self, shape, prefix):
        if self.arguments.get(prefix) == "":  # how an empty list is written
            self.used.add(prefix)
            return []
        if not shape.serialization.get("flattened"):
            prefix = f"{prefix}.{wire_name(shape.member, 'member')}"
        return [self.value(shape.member, f"{prefix}.{number}") for number in self.numbers(prefix)]

    def map(self, shape, prefix):
        if not shape.serialization.get("flattened"):
            prefix += ".entry"
        found = {}
        for number in self.numbers(prefix):
            key = f"{prefix}.{number}.{wire_name(shape.key, 'key')}"
            self.used.add(key)
            found[self.arguments.get(key)] = self.value(
                shape.value, f"{prefix}.{number}.{wire_name(shape.value, 'value')}")
        return found


def from_xml(shape, element, bad):
    if shape.type_name == "list":
        return [from_xml(shape.member, child, bad) for child in element]
    if shape.type_name != "structure":
        return scalar(shape, element.text or "", bad, element.tag)
    found = {}
    names = {wire_name(member, name): (name, member) for name, member in shape.members.items()}
    for child in element:
        tag = child.tag.split("}")[-1]
        if tag not in names:
            bad.append(f"unknown element <{tag}>")
            continue
        name, member = names[tag]
        if member.type_name == "list" and member.serialization.get("flattened"):
            found.setdefault(name, []).append(from_xml(member.member, child, bad))
        else:
            found[name] = from_xml(member, child, bad)
    return found


def required(shape, location):
    if not shape:
        return []
    return [wire_name(shape.members[name], name) for name in shape.required_members
            if shape.members[name].serialization.get("location") == location]


def path_pattern(uri):
    return LABEL.sub(lambda label: f"(?P<{label[1]}>{'.+' if label[2] else '[^/]+'})",
                     re.escape(uri)) + "/?"


def rest_operation(model, method, path, query, headers):
    """(operation, labels of the path, fixed part of the query) that fits a REST request best."""
    best = None
    for name in model.operation_names:
        operation = model.operation_model(name)
        uri, _, fixed = operation.http["requestUri"].partition("?")
        found = re.fullmatch(path_pattern(uri), path)
        if operation.http["method"] != method or operation.deprecated or not found:
            continue
        shape = operation.input_shape
        fixed = dict(parse_qsl(fixed, keep_blank_values=True))
        fixed.pop("x-id", None)
        needs_headers, needs_query = required(shape, "header"), required(shape, "querystring")
        copies = "x-amz-copy-source" in headers
        if any(query.get(key) != value for key, value in fixed.items()) \
                or any(key.lower() not in headers for key in needs_headers) \
                or any(key not in query for key in needs_query) \
                or (copies and "CopySource" not in (shape.members if shape else {})):
            continue
        score = (len(fixed), len(needs_headers), len(needs_query), -len(found.groupdict()))
        if best is None or score > best[0]:
            best = (score, operation, found.groupdict(), fixed)
    return best[1:] if best else None


def rest_part(name, shape, labels, query, headers, bad):
    """The value of one member that does not travel in the body, or None."""
    wire = wire_name(shape, name)
    place = shape.serialization.get("location")
    if place == "uri" and wire in labels:
        return scalar(shape, unquote(labels[wire]), bad, name)
    if place == "querystring" and wire in query:
        return scalar(shape, query[wire], bad, name)
    if place == "header" and wire.lower() in headers:
        text = headers[wire.lower()]
        return [text] if shape.type_name == "list" else scalar(shape, text, bad, name)
    if place == "headers":
        return {key[len(wire):]: value for key, value in headers.items()
                if key.startswith(wire.lower())}
    return None


def rest_parameters(operation, labels, fixed, query, headers, body, bad):
    shape = operation.input_shape
    if not shape:
        return {}
    found = {}
    for name, member in shape.members.items():
        value = rest_part(name, member, labels, query, headers, bad)
        if value is not None:
            found[name] = value
    known = {wire_name(member, name) for name, member in shape.members.items()
             if member.serialization.get("location") == "querystring"} | set(fixed) | {"x-id"}
    bad += [f"unknown query argument {key}" for key in query if key not in known]
    payload = shape.serialization.get("payload")
    if not payload:
        found.update(json.loads(body) if body else {})
    elif body:
        member = shape.members[payload]
        found[payload] = from_xml(member, ElementTree.fromstring(body), bad) \
            if member.type_name == "structure" else body
    return found


def check_enums(shape, value, bad, at=""):
    if shape.type_name == "structure" and isinstance(value, dict):
        for key, each in value.items():
            if key in shape.members:
                check_enums(shape.members[key], each, bad, f"{at}.{key}".strip("."))
    elif shape.type_name == "list" and isinstance(value, list):
        for each in value:
            check_enums(shape.member, each, bad, at + "[]")
    elif shape.type_name == "map" and isinstance(value, dict):
        for key, each in value.items():
            check_enums(shape.value, each, bad, f"{at}.{key}")
    elif getattr(shape, "enum", None) and value not in shape.enum:
        bad.append(f"{at}: {value!r} is not one of {', '.join(shape.enum)}")


def read_request(model, method, target, headers, body, bad):
    """(operation, parameters) of a request, in whichever protocol it is."""
    path, _, query_text = target.partition("?")
    kind, data = headers.get("content-type", ""), model.metadata
    if headers.get("smithy-protocol") == "rpc-v2-cbor":
        return model.operation_model(path.rsplit("/", 1)[-1]), cbor.decode(body) if body else {}
    if "x-amz-target" in headers:
        prefix, _, name = headers["x-amz-target"].rpartition(".")
        if prefix != data.get("targetPrefix"):
            bad.append(f"target prefix {prefix}, not {data.get('targetPrefix')}")
        wanted = f"application/x-amz-json-{data.get('jsonVersion', '1.0')}"
        if kind != wanted:
            bad.append(f"content type {kind!r}, not {wanted}")
        return model.operation_model(name), json.loads(body or b"{}")
    if kind.startswith("application/x-www-form-urlencoded"):
        arguments = dict(parse_qsl(body.decode(), keep_blank_values=True))
        operation = model.operation_model(arguments.pop("Action"))
        version = arguments.pop("Version", None)
        if version != data["apiVersion"]:
            bad.append(f"Version {version}, not {data['apiVersion']}")
        query = Query(arguments, bad)
        found = query.structure(operation.input_shape, "") if operation.input_shape else {}
        bad += [f"unknown argument {key}" for key in arguments if key not in query.used
                and key not in NEWER]
        return operation, found
    query = dict(parse_qsl(query_text.replace("+", "%2B"), keep_blank_values=True))
    found = rest_operation(model, method, path, query, headers)
    if not found:
        raise ValueError(f"no operation for {method} {target}")
    operation, labels, fixed = found
    return operation, rest_parameters(operation, labels, fixed, query, headers, body, bad)


def check_parameters(operation, parameters, bad):
    shape = operation.input_shape
    if not shape:
        return
    report = ParamValidator().validate(parameters, shape)
    if report.has_errors():
        bad += report.generate_report().splitlines()
    check_enums(shape, parameters, bad)


def check(method, target, headers, body):
    """What there is to say of one request."""
    seen = {"service": None, "operation": None, "target": f"{method} {target}", "params": None}
    signed = signature.Signature.of(headers)
    if not signed:
        return {**seen, "problems": ["unsigned request"]}
    seen["service"] = signed.service
    bad = signature.problems(method, target, headers, signed, body)
    model = model_of(signed.service)
    if model is None:
        return {**seen, "problems": [*bad, f"service {signed.service} is not checked"]}
    try:
        operation, parameters = read_request(model, method, target, headers, body, bad)
        seen |= {"operation": operation.name, "params": parameters}
        check_parameters(operation, parameters, bad)
    except Exception as error:  # what cannot be read is a problem of the request
        bad.append(f"{type(error).__name__}: {error}")
    return {**seen, "problems": bad}


def plain(value):
    return value.decode(errors="replace") if isinstance(value, bytes) else str(value)


class WireCheck:
    """The WSGI application."""

    def __init__(self, application):
        self.application, self.lock = application, threading.Lock()
        self.forget()

    def forget(self):
        self.requests, self.problems = 0, []
        self.calls = collections.deque(maxlen=1000)

    def __call__(self, environ, start_response):
        path, method = environ["PATH_INFO"], environ["REQUEST_METHOD"]
        if path in ("/emu/wire", "/emu/calls"):
            return self.tell(path, method, start_response)
        if path.startswith(("/emu/", "/moto-api")):
            return self.application(environ, start_response)
        body = environ["wsgi.input"].read()
        environ["wsgi.input"] = io.BytesIO(body)
        headers = {}
        for name, value in environ["emulator.headers"]:
            name = name.lower()
            headers[name] = f"{headers[name]},{value.strip()}" if name in headers else value.strip()
        seen = check(method, environ["REQUEST_URI"], headers, body)
        problems = seen.pop("problems")
        with self.lock:
            self.requests += 1
            self.calls.append({key: seen[key] for key in ("service", "operation", "params")})
            if problems:
                self.problems.append({**{key: seen[key] for key in
                                         ("service", "operation", "target")},
                                      "problems": problems})
        return self.application(environ, start_response)

    def tell(self, path, method, start_response):
        with self.lock:
            told = {"requests": self.requests, "problems": self.problems} \
                if path == "/emu/wire" else {"calls": list(self.calls)}
            body = json.dumps(told, default=plain).encode()
            if method == "DELETE":
                self.forget()
        start_response("200 OK", [("Content-Type", "application/json"),
                                  ("Content-Length", str(len(body)))])
        return [body]
