# SPDX-License-Identifier: Apache-2.0
"""Storms of alarm events over HTTP, each event decided and durable before its answer, beside a peer
in Node that does as much; 64 connections."""

import json
import os
import re
import statistics
import subprocess
import tempfile

from measuring import BUILD, PEERS, TREE, document_of, figure, memory_peak, output_of, tool
import many
import stage as stages

WRK = re.compile(r"(\d+) requests in ([0-9.]+)s")


def load(port, path, seconds, **storm):
    """Events a second. What `storm` says (BATCH, COUNT, WIDE) is told to storm.lua."""
    told = {f"STORM_{key}": str(value) for key, value in storm.items()}
    done = subprocess.run(["wrk", "-t1", "-c64", f"-d{seconds}s", "-s", str(PEERS / "storm.lua"),
                           f"http://127.0.0.1:{port}{path}"],
                          env={"STORM_PATH": path, "PATH": os.environ["PATH"], **told}, check=True,
                          capture_output=True, text=True).stdout
    if "Non-2xx" in done or "Socket errors" in done:
        raise ValueError(done)
    count, took = WRK.search(done).groups()
    return int(count) / float(took) * storm.get("BATCH", 1)


def on_node(environments, seconds, **storm):
    with tempfile.TemporaryDirectory(dir=BUILD) as folder:
        port = stages.free_port()
        peer = subprocess.Popen(["node", str(PEERS / "ingest.mjs"), str(port), f"{folder}/log",
                                 *environments])
        try:
            stages.wait_until(lambda: is_open(port), "the peer")
            return load(port, "/", seconds, **storm), memory_peak(peer.pid)
        finally:
            peer.kill()
            peer.wait()


def is_open(port):
    try:
        stages.ask(port, "/", "POST", "{}")
        return True
    except OSError:
        return False


def good_and_new(stage):
    """v1 has been judged good, v2 is new there; the server that runs then."""
    stage.configure(bake="500ms", maxEventAge="500ms")
    server = stage.start_server()
    stage.deploy("production", "v1")
    stage.wait_until_settled()
    stage.kill_server(server)
    stage.configure(bake="10m", maxEventAge="10m")
    done = stage.deploy("production", "v2")
    if done.returncode != 0:
        raise ChildProcessError(done.stderr)
    return stage.start_server()


def on_us(seconds, **storm):
    """A storm about one bad release, in production, while it is being rolled back."""
    with stages.Stage(environments=["production"],
                      policy={"settle": "60s", "budget": "10m", "maxEventAge": "10m"}) as stage:
        server = good_and_new(stage)
        stages.pause(1.1)  # the storm's events name whole seconds, and are not older than v2
        rate = load(stage.port, "/api/v1/events", seconds, **storm)
        kept = stage.query("SELECT count(*) FROM triggers")[0][0]
        if kept < rate * seconds * 0.9:
            raise ValueError(f"{rate * seconds:.0f} were answered and {kept} are in the store")
        opened = len(stage.rollbacks())
        if opened != 1:
            raise ValueError(f"{opened} rollbacks of one bad release")
        return rate, memory_peak(server.pid)


def beside(ours, theirs, least, most_memory=0.1):
    """What both made of it: lists of (rate, memory)."""
    rate, node = (statistics.median(each[0] for each in them) for them in (ours, theirs))
    figure("events, ours / Node with group commit", f"{rate:.0f} / {node:.0f} /s")
    figure("  ratio", f"{rate / node:.2f}", f">= {least}", rate >= least * node)
    memory, node = (statistics.median(each[1] for each in them) for them in (ours, theirs))
    figure("  memory, ours / Node", f"{memory:.0f} / {node:.0f} MB")
    figure("  ratio", f"{memory / node:.2f}", f"<= {most_memory}", memory <= most_memory * node)


def of_one_release(seconds=4, **storm):
    """P7: a storm about one bad release, which is rolled back once meanwhile."""
    ours, theirs = [], []
    for _ in range(3):
        theirs.append(on_node(["production"], seconds, **storm))
        ours.append(on_us(seconds, **storm))
    beside(ours, theirs, 5 if storm else 3.5)
    figure("  rollbacks opened by each storm", "1", "1", True)


def in_tens():
    """P7: the same storm, ten events in each request."""
    of_one_release(BATCH=10)


def over_many_environments(count=100_000):
    """100,000 events over 1,000 environments, nine of ten about nothing of ours."""
    with many.Many(many.COUNT) as stage:
        theirs = [on_node(stage.environments, 60, COUNT=count, WIDE=many.COUNT)]
        server = stage.deploy_all()
        stages.pause(1.1)
        ours = [(load(stage.port, "/api/v1/events", 60, COUNT=count, WIDE=many.COUNT),
                 memory_peak(server.pid))]
        kept = stage.query("SELECT count(*) FROM triggers")[0][0]
        stage.wait_for_all()
        stage.see_that_all_run("v1")
        opened = stage.query("SELECT count(*), count(DISTINCT json_extract(document,"
                             " '$.environment')) FROM rollbacks")[0]
        beside(ours, theirs, 3.5)
        figure("  decisions in the store, of the events", f"{kept} / {count}", "all",
               kept >= count)
        figure("  rollbacks / environments that had one", f"{opened[0]} / {opened[1]}", "one each",
               opened == (many.COUNT, many.COUNT))


def parsed():
    """An event read and judged, on one core, beside JSON.parse and the same questions in Node."""
    event = str(TREE / "tests/vectors/events/alarm-metric.json")
    ours = document_of(tool("decide"), event)["decided_per_s"]
    node = json.loads(output_of("node", str(PEERS / "parse.mjs"), event))["decided_per_s"]
    figure("read and judged a second, ours / Node", f"{ours:.0f} / {node:.0f} /s")
    figure("  ratio", f"{ours / node:.2f}", ">= 5", ours >= 5 * node)
