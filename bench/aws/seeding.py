# SPDX-License-Identifier: Apache-2.0
"""What is there before a rollback begins, and whether it ended as it should. An environment has run
PREVIOUS well and now runs CURRENT, which is to be taken back."""

import hashlib

from stand import item

PREVIOUS = "00000017abcdef0123456789abcdef0123456789"
CURRENT = "00000018abcdef0123456789abcdef0123456789"
POINTER = "current-version.txt"
EVERYWHERE = ("test", "staging", "production")
RECORDS = "kiro-pipeline-stepback"


def artifacts_of(environment):
    return f"kiro-pipeline-{environment}-artifacts"


def live_of(environment):
    return f"kiro-worker-{environment}-artifacts"


def release(version, count):
    """Its files, path → text; no two are alike, and no two versions of one."""
    return {f"dist/part{number % 16:02}/file{number:06}.js": f"{version} {number:06}"
            for number in range(count)}


def put_release(stub, environment, version, files):
    """A version in the artifacts bucket, as the runbook's pipeline leaves it. The program adds what
    it needs when it records the version."""
    bucket = artifacts_of(environment)
    stub.fill(bucket, ((f"{version}/{path}", text) for path, text in files.items()))


def put_live(stub, environment, version, files):
    stub.fill(live_of(environment), files.items())
    stub.put(live_of(environment), POINTER, version, {"version": version})


def index(name, *keys):
    kinds = zip(keys, ("HASH", "RANGE", "RANGE"))
    return {"IndexName": name, "Projection": {"ProjectionType": "ALL"},
            "KeySchema": [{"AttributeName": key, "KeyType": kind} for key, kind in kinds]}


def make_table(stub, name, keys, *indexes):
    schema = index(name, *keys)["KeySchema"]
    stub.call("DynamoDB_20120810.CreateTable", TableName=name, KeySchema=schema,
              GlobalSecondaryIndexes=list(indexes))


def deployment(environment, number):
    """Record `number` of 25: the last is under way, the one before succeeded."""
    usual = "succeeded" if number % 3 else "failed"
    status = {24: "in_progress", 23: "succeeded"}.get(number, usual)
    version = f"{number:08x}abcdef0123456789abcdef0123456789"
    return {"deploymentId": f"d-{number:06}", "environment": environment, "status": status,
            "version": version, "startTime": 1769500000 + number * 3600,
            "endTime": 1769500900 + number * 3600, "infrastructureChanged": False,
            "artifactLocation": f"s3://{artifacts_of(environment)}/{version}/"}


def put_records(stub, environment):
    """The runbook's own table, which the peers go by."""
    name = f"kiro-pipeline-{environment}-deployments"
    make_table(stub, name, ["deploymentId"],
               index("EnvironmentStatusIndex", "environment", "status", "startTime"),
               index("EnvironmentStartTimeIndex", "environment", "startTime"))
    for number in range(25):
        stub.call("DynamoDB_20120810.PutItem", TableName=name,
                  Item=item(**deployment(environment, number)))


def put_table_of_ours(stub):
    make_table(stub, RECORDS, ["pk", "sk"], index("by-list", "list", "place"),
               index("by-environment", "listed", "place"), index("by-owner", "owner", "place"),
               index("open", "open", "due"))


def seed(stub, environments, count, ours=None):
    """So many objects in each version of each environment. `ours(stub, environment, releases)`
    records for the product what it would know by then. All is kept: stub.restore() comes back
    here."""
    put_table_of_ours(stub)
    for environment in environments:
        put_records(stub, environment)
        for name in ("failures", "rollbacks", "duration"):
            stub.alarm(f"kiro-pipeline-{environment}-{name}")
        for version in (PREVIOUS, CURRENT):
            put_release(stub, environment, version, release(version, count))
        put_live(stub, environment, CURRENT, release(CURRENT, count))
        if ours:
            ours(stub, environment, {version: release(version, count)
                                     for version in (PREVIOUS, CURRENT)})
    stub.keep()


def differences(stub, environment, version, count):
    """What of the live objects is not the version's, from outside: empty when it all is."""
    live = stub.objects(live_of(environment))
    live.pop(POINTER, None)
    wanted = release(version, count)
    found = [f"{path} is missing" for path in wanted if path not in live]
    found += [f"{path} has other bytes" for path, text in wanted.items() if path in live
              and live[path].etag != f'"{hashlib.md5(text.encode()).hexdigest()}"']
    found += [f"{path} is of no version" for path in live if path not in wanted]
    pointer = stub.tell("GET", f"/{live_of(environment)}/{POINTER}")
    if version not in pointer:
        found.append(f"{POINTER} says {pointer[:80]}")
    return found


def written_twice(stub, environment):
    return sum(each.writes > 1 for path, each in stub.objects(live_of(environment)).items()
               if path != POINTER)
