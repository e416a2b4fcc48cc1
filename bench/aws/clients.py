# SPDX-License-Identifier: Apache-2.0
"""Who is measured, how each is started, and one run of one of them with what it left behind."""

import collections
import datetime
import itertools
import json
import os
import pathlib
import statistics
import subprocess
import tempfile

import seeding
from stand import BUILD, TREE, tool

HERE = pathlib.Path(__file__).resolve().parent
PROGRAM = BUILD / "stepback"
CONFIGURATION = HERE / "stepback.yaml"
Client = collections.namedtuple("Client", "name command")
NODE = Client("Node", ("node", str(HERE / "node-peer/dist/function.js")))
NULL = Client("null", (tool("null-runtime"),))
OURS = Client("ours", (str(BUILD / "bench/aws/bootstrap"),))


class Failed(Exception):
    """A run that did not end, or ended with something else than it should have."""


def why_ours_is_missing():
    for path in (PROGRAM, CONFIGURATION):
        if not path.exists():
            return f"{path.relative_to(TREE)} is not there"
    return None


def name_bootstrap():
    """Lambda starts the program under this name."""
    link = pathlib.Path(OURS.command[0])
    link.unlink(missing_ok=True)
    link.symlink_to(PROGRAM)


def surroundings(endpoint, authority=None, configuration=CONFIGURATION):
    """What Lambda and whoever deployed the function set; nothing of whoever measures."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
    given = {"AWS_ENDPOINT_URL": endpoint, "AWS_ACCESS_KEY_ID": "AKIDEXAMPLE",
             "AWS_SECRET_ACCESS_KEY": "secret", "AWS_REGION": "us-east-1",
             "AWS_DEFAULT_REGION": "us-east-1", "AWS_ACCOUNT_ID": "123456789012",
             "AWS_EC2_METADATA_DISABLED": "true", "AWS_LAMBDA_FUNCTION_NAME": "rollback",
             "AWS_CONFIG_FILE": os.devnull, "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
             "AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED": "true",
             "STEPBACK_CONFIG": str(configuration)}
    if authority:
        given |= {"AWS_CA_BUNDLE": authority, "NODE_EXTRA_CA_CERTS": authority}
    return kept | given


def alarm_event(alarm):
    now = datetime.datetime.now(datetime.timezone.utc)
    state = {"value": "ALARM", "reason": "Threshold Crossed: 1 out of the last 1 datapoints",
             "timestamp": now.strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3] + "+0000"}
    return {"version": "0", "id": "6f5b8a4e-2d0e-4f5b-9d6b-7c7c0d0d5a11",
            "source": "aws.cloudwatch",
            "detail-type": "CloudWatch Alarm State Change", "account": "123456789012",
            "time": now.strftime("%Y-%m-%dT%H:%M:%SZ"), "region": "us-east-1",
            "resources": [f"arn:aws:cloudwatch:us-east-1:123456789012:alarm:{alarm}"],
            "detail": {"alarmName": alarm, "state": state,
                       "previousState": {"value": "OK", "timestamp": state["timestamp"]},
                       "configuration": {"metrics": []}}}


def begin(client, stub, alarm, options):
    """A run of rtbench, begun; its event's file ends with it."""
    event = tempfile.NamedTemporaryFile("w", suffix=".json")
    json.dump(alarm_event(alarm), event)
    event.flush()
    words = [f"{word}" for name, value in options.items() for word in (f"--{name}", value)]
    run = subprocess.Popen([tool("rtbench"), "--event", event.name, *words, "--", *client.command],
                           env=surroundings(stub.endpoint, stub.authority), text=True,
                           stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    run.event = event
    return run


def end(client, run):
    said, errors = run.communicate()
    run.event.close()
    if run.returncode != 0:
        raise Failed(f"{client.name}: {errors.strip()[-400:]}")
    return json.loads(said)


def events(client, stub, alarm, **options):
    """Events of one alarm, from the start of the client's process."""
    stub.restore()
    return end(client, begin(client, stub, alarm, options))


def roll_back(client, stub, environments, count, **options):
    """An alarm in each, all at once, each with a process of its own, as Lambda does it; and then
    every live object must be the target's."""
    stub.restore()
    # The peer looks at the pipeline's alarms only, and would be kept from its end by a red one.
    named = "kiro-worker-{}-errors" if client is OURS else "kiro-pipeline-{}-failures"
    runs = [begin(client, stub, named.format(each), options) for each in environments]
    figures = [end(client, run) for run in runs]
    counts = stub.counts()
    for environment in environments:
        found = seeding.differences(stub, environment, seeding.PREVIOUS, count)
        if found:
            raise Failed(f"{client.name} did not restore {environment}: {found[0]}"
                         f" ({len(found)} such), having said {figures[0]['answer']}")
    unknown = [kind for kind in counts["requests"] if kind.startswith("unknown")]
    if unknown:
        raise Failed(f"{client.name} asked for what the stub does not know: {unknown}")
    counts["twice"] = sum(seeding.written_twice(stub, each) for each in environments)
    slowest = max(figures, key=lambda each: each["first_ms"])
    return {**slowest, **counts}


def alternately(clients, rounds, measure):
    """client → its runs: A B A B, so that a slow minute is everybody's."""
    runs = {client: [] for client in clients}
    for _ in range(rounds):
        for client in clients:
            runs[client].append(measure(client))
    return runs


def median(runs, key):
    return statistics.median(run[key] for run in runs)


def round_trips(run):
    """What a client waited for, one after the other: (how often, "Query 2, CopyObject 20, ...").
    Of what it asks for side by side a slow client begins each a little later, and the stub finds a
    long chain there; it counts as often as it must at that many at once."""
    links = []
    for kind, same in itertools.groupby(run["chain"]):
        must = -(-run["requests"][kind] // run["mostUnderWay"][kind])
        links.append((kind.split()[-1], min(must, len(list(same)))))
    words = ", ".join(f"{name} {times}".removesuffix(" 1") for name, times in links)
    return sum(times for _, times in links), words


def deploy(stub, environment, version, files, bake, *more):
    """By the program itself, under the configuration but for that time."""
    with tempfile.TemporaryDirectory() as folder:
        configuration = pathlib.Path(folder) / "stepback.yaml"
        configuration.write_text(CONFIGURATION.read_text().replace(": 10m", f": {bake}"))
        configuration.chmod(0o600)
        for path, content in files.items():
            file = pathlib.Path(folder) / "release" / path
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(content if isinstance(content, bytes) else content.encode())
        variables = surroundings(stub.endpoint, stub.authority, configuration)
        done = subprocess.run([str(PROGRAM), "deploy", environment, "--version", version, "--from",
                               str(pathlib.Path(folder) / "release"), *more],
                              env=variables, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise Failed(f"deploy {environment} {version}: {done.stderr.strip()[-400:]}")


def record_for_ours(stub, environment, releases):
    """What the program would know by then: the first has been judged good, the second is new, and
    its worker's alarm is red. The one place that knows how it comes to know it."""
    alarm = f"kiro-worker-{environment}-errors"
    stub.alarm(alarm)
    deploy(stub, environment, seeding.PREVIOUS, releases[seeding.PREVIOUS], "1ms", "--wait-bake")
    deploy(stub, environment, seeding.CURRENT, releases[seeding.CURRENT], "10m")
    stub.alarm(alarm, "ALARM")
