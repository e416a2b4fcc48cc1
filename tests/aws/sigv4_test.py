#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Our signatures against botocore's, for random requests that are awkward on purpose.

Usage: sigv4_test.py SIGN-LINES [HOW-MANY [SEED]]
"""

import datetime
import json
import random
import subprocess
import sys
import unittest.mock
import urllib.parse

try:
    import botocore.auth
    import botocore.awsrequest
    import botocore.credentials
except ImportError:
    sys.exit("botocore is missing: pip install botocore (the AWS tests need it)")

SERVICES = ["s3", "dynamodb", "monitoring", "lambda", "sns", "sqs", "codepipeline", "execute-api"]
REGIONS = ["us-east-1", "eu-central-1", "ap-southeast-2", "us-gov-west-1"]
AWKWARD = "ab09 -_.~+=&?#%/:@!$'()*,;[]{}|^`<>\"\\é漢\u00a0€"
METHODS = ["GET", "PUT", "POST", "HEAD", "DELETE"]


def some_text(chance, characters, most):
    return "".join(chance.choice(characters) for _ in range(chance.randint(0, most)))


def some_path(chance):
    parts = []
    for _ in range(chance.randint(0, 5)):
        part = chance.choice([some_text(chance, AWKWARD, 12), "", ".", "..", "current-version.txt"])
        parts.append(urllib.parse.quote(part, safe=chance.choice(["-_.~", "-_.~", ":@!$'()*,;="])))
    return "/" + "/".join(parts) + chance.choice(["", "/"])


def some_query(chance):
    pairs = []
    for _ in range(chance.choice([0, 0, 1, 3, 6])):
        name = urllib.parse.quote(some_text(chance, AWKWARD, 6) or "versions", safe="-_.~")
        value = urllib.parse.quote(some_text(chance, AWKWARD, 9), safe="-_.~")
        pairs.append(chance.choice([name, name + "=" + value, name + "=" + value]))
    if pairs and chance.random() < 0.3:
        pairs.append(chance.choice(pairs))  # the same twice
    return "&".join(pairs)


def some_headers(chance):
    headers = [("Host", chance.choice(["bucket.s3.amazonaws.com", "127.0.0.1:4566", "[::1]:80"]))]
    for _ in range(chance.randint(0, 4)):
        name = chance.choice(["X-Amz-Target", "Content-Type", "x-amz-meta-version", "If-Match",
                              "x-amz-copy-source", "User-Agent", "Expect", "Connection", "TE",
                              "X-Amzn-Trace-Id", "Range"])
        spaces = some_text(chance, "ab1 \t=;/", 24)
        headers.append((name, spaces))
    return headers


def some_request(chance):
    query = some_query(chance)
    return {
        "method": chance.choice(METHODS),
        "target": some_path(chance) + ("?" + query if query else ""),
        "headers": some_headers(chance),
        "body": some_text(chance, AWKWARD + '{}":\n', 200),
        "key": "AKID" + some_text(chance, "ABCDEFGH234567", 16),
        "secret": some_text(chance, "abcdefghijkABCDEF0123456789/+", 40) or "s",
        "token": chance.choice([None, None, some_text(chance, "abcdef0123456789/+=", 300) or "t"]),
        "region": chance.choice(REGIONS),
        "service": chance.choice(SERVICES),
        "at": datetime.datetime.fromtimestamp(chance.randint(0, 4_000_000_000),
                                              datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ"),
    }


def sign_by_botocore(request):
    """The Authorization, and the headers that it was made over."""
    credentials = botocore.credentials.Credentials(request["key"], request["secret"],
                                                   request["token"])
    signer = (botocore.auth.S3SigV4Auth if request["service"] == "s3"
              else botocore.auth.SigV4Auth)(credentials, request["service"], request["region"])
    prepared = botocore.awsrequest.AWSRequest(
        method=request["method"], url="http://127.0.0.1" + request["target"],
        data=request["body"].encode())
    for name, value in request["headers"]:
        prepared.headers.add_header(name, value)
    now = datetime.datetime.strptime(request["at"], "%Y-%m-%dT%H:%M:%SZ")
    with unittest.mock.patch("botocore.auth.get_current_datetime", lambda: now):
        signer.add_auth(prepared)
    headers = [(name, value) for name, value in prepared.headers.items() if name != "Authorization"]
    return prepared.headers["Authorization"], headers


def main(program, count=10000, seed=1):
    chance = random.Random(seed)
    expected = []
    lines = []
    for _ in range(count):
        request = some_request(chance)
        authorization, headers = sign_by_botocore(request)
        expected.append(authorization)
        lines.append(json.dumps(dict(request, headers=headers)))
    done = subprocess.run([program], input="\n".join(lines) + "\n", text=True,
                          stdout=subprocess.PIPE, check=True)
    answers = done.stdout.splitlines()
    wrong = [i for i in range(count) if i >= len(answers) or answers[i] != expected[i]]
    for i in wrong[:5]:
        print(f"{lines[i]}\n  ours     {answers[i] if i < len(answers) else 'nothing'}\n"
              f"  botocore {expected[i]}")
    print(f"{count} requests, {count - len(wrong)} signatures equal to botocore's")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], *map(int, sys.argv[2:])))
