# SPDX-License-Identifier: Apache-2.0
"""Whether a request's SigV4 signature is right, judged on the request as it was on the wire.

Written from AWS's published rules, not with botocore's signer: that one sees a URL before it is
sent, and this one what came. S3 takes the path as sent; the others encode each part once more.
"""

import datetime
import hashlib
import hmac
import json
import os
import re
from urllib.parse import quote, unquote_to_bytes

import world

AUTHORIZATION = re.compile(r"AWS4-HMAC-SHA256 Credential=([^/]+)/([^,]+),\s*"
                           r"SignedHeaders=([^,]+),\s*Signature=(\w+)")
SECRETS = {"testing": "testing", **json.loads(os.environ.get("EMULATOR_SECRETS", "{}"))}
FREE_PAYLOADS = ("UNSIGNED-PAYLOAD", "STREAMING-UNSIGNED-PAYLOAD-TRAILER")
SKEW = 15 * 60


class Signature:
    """The parts of an Authorization header, or None for a request without one (`of`)."""

    def __init__(self, found):
        self.key, self.scope, signed, self.value = found.groups()
        self.signed = signed.split(";")
        scope = self.scope.split("/")
        self.service = scope[2] if len(scope) == 4 else ""

    @classmethod
    def of(cls, headers):
        found = AUTHORIZATION.match(headers.get("authorization", ""))
        return cls(found) if found else None


def secret_of(key):
    """Also of roles that were assumed here."""
    if key in SECRETS:
        return SECRETS[key]
    from moto.sts.models import sts_backends
    role = sts_backends[world.ACCOUNT]["aws"].get_assumed_role_from_access_key(key)
    return role.secret_access_key if role else None


def encoded(data, safe="-_.~"):
    return quote(data, safe=safe)


def canonical_path(path, service):
    if service == "s3":
        return encoded(unquote_to_bytes(path), "-_.~/")
    parts = []
    for part in path.split("/")[1:]:
        if part == "..":
            parts = parts[:-1]
        elif part not in ("", "."):
            parts.append(part)
    end = "/" if path.endswith("/") and parts else ""
    return encoded(("/" + "/".join(parts) + end).encode("latin-1"), "-_.~/")


def canonical_query(query):
    pairs = []
    for pair in query.split("&") if query else []:
        name, _, value = pair.partition("=")  # a plus is a plus here
        pairs.append((encoded(unquote_to_bytes(name)), encoded(unquote_to_bytes(value))))
    return "&".join(f"{name}={value}" for name, value in sorted(pairs))


def expected(method, target, headers, signature, payload_hash, secret):
    path, _, query = target.partition("?")
    lines = "".join(f"{name}:{' '.join(headers.get(name, '').split())}\n"
                    for name in signature.signed)
    request = "\n".join([method, canonical_path(path, signature.service), canonical_query(query),
                         lines, ";".join(signature.signed), payload_hash])
    to_sign = "\n".join(["AWS4-HMAC-SHA256", headers.get("x-amz-date", ""), signature.scope,
                         hashlib.sha256(request.encode()).hexdigest()])
    key = ("AWS4" + secret).encode()
    for part in signature.scope.split("/"):
        key = hmac.new(key, part.encode(), hashlib.sha256).digest()
    return hmac.new(key, to_sign.encode(), hashlib.sha256).hexdigest()


def check_headers(headers, signature, body):
    claimed = headers.get("x-amz-content-sha256")
    if signature.service == "s3" and not claimed:
        yield "S3 without x-amz-content-sha256"
    if claimed and claimed not in FREE_PAYLOADS and claimed != hashlib.sha256(body).hexdigest():
        yield "x-amz-content-sha256 is not the body's"
    for name in ("host", "x-amz-date"):
        if name not in signature.signed:
            yield f"{name} is not signed"
    for name in headers:
        if name.startswith("x-amz-") and name not in signature.signed:
            yield f"{name} is sent, and not signed"
    if signature.signed != sorted(signature.signed):
        yield "the signed headers are not in order"
    try:
        sent = datetime.datetime.strptime(headers.get("x-amz-date", ""), "%Y%m%dT%H%M%SZ")
    except ValueError:
        yield "x-amz-date is no date"
        return
    if abs((datetime.datetime.utcnow() - sent).total_seconds()) > SKEW:
        yield "x-amz-date is more than 15 minutes off"


def problems(method, target, headers, signature, body):
    """What AWS would hold against the signature, or would not see."""
    found = list(check_headers(headers, signature, body))
    secret = secret_of(signature.key)
    if secret is None:
        return [*found, f"access key {signature.key} is not known"]
    payload_hash = headers.get("x-amz-content-sha256") or hashlib.sha256(body).hexdigest()
    right = expected(method, target, headers, signature, payload_hash, secret)
    if not hmac.compare_digest(right, signature.value):
        found.append("SignatureDoesNotMatch")
    return found
