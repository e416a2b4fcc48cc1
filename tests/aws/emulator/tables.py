# SPDX-License-Identifier: Apache-2.0
"""DynamoDB as strict and as safe as AWS's.

moto undoes other clients' writes when a transaction fails, so calls are served one at a time. It
forgets ClientRequestToken, leaves LastEvaluatedKey out when the limit equals what was left, and
takes requests that AWS refuses: reserved words, unused or missing names and values in expressions,
index keys that are empty or of another type, numbers that are none.
"""

import inspect
import io
import json
import re
import threading

import world
from moto.dynamodb.models import dynamodb_backends
from moto.dynamodb.models.table import Table
from moto.dynamodb.parsing.reserved_keywords import ReservedKeywords

LOCK = threading.Lock()
TOKENS = {}
PREFIX = "com.amazonaws.dynamodb.v20120810#"
RESERVED = {word.upper() for word in ReservedKeywords.get_reserved_keywords()}
GRAMMAR = {"AND", "OR", "NOT", "BETWEEN", "IN", "SET", "REMOVE", "ADD", "DELETE"}
WORD = re.compile(r"(?:[:#]\w+|[A-Za-z_]\w*)(?=(\s*\()?)")
NUMBER = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?")
EXPRESSIONS = ("KeyConditionExpression", "FilterExpression", "ConditionExpression",
               "UpdateExpression", "ProjectionExpression")


@world.on_reset
def forget():
    TOKENS.clear()


class Invalid(Exception):
    pass


def error(status, kind, message, start_response):
    body = json.dumps({"__type": kind, "message": message, "Message": message}).encode()
    start_response(f"{status} .", [("Content-Type", "application/x-amz-json-1.0"),
                                   ("Content-Length", str(len(body)))])
    return [body]


def check_words(name, expression, used):
    for found in WORD.finditer(expression):
        word = found[0]
        if word[0] in ":#":
            used.add(word)
        elif word.upper() in RESERVED and word.upper() not in GRAMMAR and not found[1]:
            raise Invalid(f"Invalid {name}: Attribute name is a reserved keyword; "
                          f"reserved keyword: {word}")


def check_expressions(part):
    used = set()
    for name in EXPRESSIONS:
        if name in part:
            if not part[name]:
                raise Invalid(f"Invalid {name}: The expression can not be empty;")
            check_words(name, part[name], used)
    for given, sign in (("ExpressionAttributeNames", "#"), ("ExpressionAttributeValues", ":")):
        known = set(part.get(given) or {})
        if given in part and not known:
            raise Invalid(f"{given} must not be empty")
        if unused := known - used:
            raise Invalid(f"Value provided in {given} unused in expressions: "
                          f"keys: {{{', '.join(sorted(unused))}}}")
        if missing := {word for word in used if word[0] == sign} - known:
            raise Invalid(f"An expression attribute {'name' if sign == '#' else 'value'} used in "
                          f"expression is not defined: {', '.join(sorted(missing))}")


def check_values(value):
    """Every {"N": text} is a number."""
    if isinstance(value, list):
        for each in value:
            check_values(each)
    elif isinstance(value, dict):
        if list(value) == ["N"] and isinstance(value["N"], str) \
                and not NUMBER.fullmatch(value["N"]):
            raise Invalid("The parameter cannot be converted to a numeric value: " + value["N"])
        for each in value.values():
            check_values(each)


def check_item(table_name, item):
    """What an item holds for the keys of indexes has their types, and is not empty."""
    table = dynamodb_backends[world.ACCOUNT][world.REGION].tables.get(table_name.split("/")[-1])
    if table is None:
        return
    types = {each["AttributeName"]: each["AttributeType"] for each in table.attr}
    for index in table.all_indexes():
        for key in index.schema:
            name = key["AttributeName"]
            if name not in item:
                continue
            kind, value = next(iter(item[name].items()))
            if kind != types.get(name):
                raise Invalid("One or more parameter values were invalid: Type mismatch for Index "
                              f"Key {name} Expected: {types.get(name)} Actual: {kind} "
                              f"IndexName: {index.name}")
            if value == "":
                raise Invalid("One or more parameter values are not valid. A value specified for a "
                              "secondary index key is not supported. The AttributeValue for a key "
                              "attribute cannot contain an empty string value. "
                              f"IndexName: {index.name}, IndexKey: {name}")


def check(asked):
    check_values(asked)
    parts = [asked]
    for each in asked.get("TransactItems", []):
        parts += each.values()
    for part in parts:
        check_expressions(part)
        if "Item" in part and "TableName" in part:
            check_item(part["TableName"], part["Item"])


def serve(moto, environ, start_response):
    body = environ["wsgi.input"].read()
    environ["wsgi.input"] = io.BytesIO(body)
    asked = json.loads(body or b"{}")
    with LOCK:
        try:
            check(asked)
        except Invalid as invalid:
            return error(400, "com.amazon.coral.validate#ValidationException", str(invalid),
                         start_response)
        token = asked.get("ClientRequestToken")
        if token is None or not environ["HTTP_X_AMZ_TARGET"].endswith(".TransactWriteItems"):
            return [b"".join(moto(environ, start_response))]
        return transact(moto, environ, start_response, token, asked)


def transact(moto, environ, start_response, token, asked):
    if token in TOKENS:
        if TOKENS[token] != asked:
            return error(400, PREFIX + "IdempotentParameterMismatchException",
                         "Idempotent token was used with other parameters", start_response)
        start_response("200 OK", [("Content-Type", "application/x-amz-json-1.0")])
        return [b"{}"]
    statuses = []

    def started(status, headers, exc_info=None):
        statuses.append(status)
        return start_response(status, headers)

    answer = b"".join(moto(environ, started))
    if statuses[-1].startswith("200"):
        TOKENS[token] = asked
    return [answer]


def with_last_key(name):
    """A full page has a LastEvaluatedKey, whether or not anything follows it."""
    moto_method = getattr(Table, name)
    signature = inspect.signature(moto_method)

    def method(self, *arguments, **named):
        items, scanned, last = moto_method(self, *arguments, **named)
        bound = signature.bind(self, *arguments, **named)
        if last is None and scanned and scanned == bound.arguments.get("limit"):
            for filtering in ("filter_expression", "projection_expressions",
                              "projection_expression"):
                if filtering in bound.arguments:
                    bound.arguments[filtering] = None
            whole, _, _ = moto_method(*bound.args, **bound.kwargs)
            if len(whole) == scanned:
                last = self._get_last_evaluated_key(whole[-1], bound.arguments.get("index_name"))
        return items, scanned, last
    setattr(Table, name, method)


with_last_key("query")
with_last_key("scan")
