#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""bench_aws.py [--rounds N] [--peers] [NAME...]: a rollback on AWS beside a Node function and the
runbook's shell commands, in one run, as ratios. Without names: all. --peers: the peers alone.

AWS is a stub on loopback. Each run that is measured ends with a look at every live object from
outside; one that ended wrongly ends the benchmark."""

import argparse
import json
import subprocess
import sys

import by_hand
import clients
import figures
import seeding
from clients import NODE, NULL, OURS
from stand import Stub, cpu_share, item, tool

ALARM_OF_ANOTHER = "billing-orders-queue-age"
# Both records; claim and list; copies; pointer; alarms and heads; record and notice.
LEAST_TRIPS = 6
SMALLEST = 128 / 1769  # of a CPU: the share of a function of 128 MB
MB = 1024  # in KB


class Bench:
    """What the benchmarks share: how many rounds, and who takes part."""

    def __init__(self, rounds, with_ours):
        self.rounds = rounds
        self.clients = [NODE, OURS] if with_ours else [NODE]
        self.with_ours = with_ours
        self.failed = []

    def seed(self, stub, environments, count):
        seeding.seed(stub, environments, count, clients.record_for_ours if self.with_ours else None)

    def rollbacks(self, stub, count, rounds, **options):
        return clients.alternately(self.clients, rounds, lambda client: clients.roll_back(
            client, stub, ["production"], count, **options))

    def compare(self, name, runs, key, form, target, scale=1):
        ours, peer = (clients.median(runs[client], key) / scale if client in runs else None
                      for client in (OURS, NODE))
        figures.compare(name, ours, peer, form, target)
        return ours

    def trips(self, runs):
        for client in runs:
            count, words = clients.round_trips(runs[client][-1])
            figures.note(f"  round trips of {client.name}, one after the other",
                         f"{count}; the least is {LEAST_TRIPS}: {words}")


def cold(bench):
    """P1: alarm to restored, cold; services 30 ms away, TLS."""
    for count, target in ((20, "<= 0.28"), (1000, "<= 0.17")):
        with Stub(delay_ms=30, tls=True) as stub:
            bench.seed(stub, seeding.EVERYWHERE, count)
            runs = bench.rollbacks(stub, count, bench.rounds)
            bench.compare(f"alarm to restored, {count} objects", runs, "first_ms", "{:.0f} ms",
                          target)
            bench.trips(runs)
            # Three at once beside one, of each client alone: that is a promise about ourselves.
            for client in bench.clients:
                sizes = clients.alternately([1, 3], bench.rounds, lambda many, c=client:
                                            clients.roll_back(c, stub, seeding.EVERYWHERE[-many:],
                                                              count))
                one, three = (clients.median(sizes[many], "first_ms") for many in (1, 3))
                mine = client is OURS
                figures.add(f"  {client.name}: three environments / one", f"{three:.0f} ms",
                            f"{one:.0f} ms", f"{three / one:.3f}", "<= 1.15" if mine else "",
                            figures.verdict_of(three / one, "<= 1.15") if mine else "")


def start(bench):
    """P2: a function's start until it asks for its first event, and its memory then."""
    for tls, target in ((False, "<= 0.015"), (True, "<= 0.04")):
        with Stub(tls=tls) as stub:
            seeding.put_table_of_ours(stub)  # what is ignored is on record too
            stub.keep()
            runs = clients.alternately([NULL, *bench.clients], bench.rounds, lambda client:
                                       clients.events(client, stub, ALARM_OF_ANOTHER))
        name = "start, TLS" if tls else "start"
        ours = bench.compare(name, runs, "init_ms", "{:.2f} ms", target)
        if not tls:
            figures.compare("  beside a bare runtime", ours, clients.median(runs[NULL], "init_ms"),
                            "{:.2f} ms", "<= 1.6")
        bench.compare("  memory then", runs, "memory_init_kb", "{:.1f} MB", "<= 0.06", MB)


def small(bench):
    """P3: the smallest function, with 7 % of a CPU once it has started; 30 ms away, TLS."""
    with cpu_share(SMALLEST) as cgroup:
        if cgroup is None:
            figures.note("the smallest function", "not measured: needs root and a cpu cgroup")
            return
        for count, target in ((20, "<= 0.10"), (1000, "<= 0.02")):
            rounds = bench.rounds if count == 20 else min(bench.rounds, 3)
            with Stub(delay_ms=30, tls=True) as stub:
                bench.seed(stub, ["production"], count)
                runs = bench.rollbacks(stub, count, rounds, cgroup=cgroup, patience=300)
            bench.compare(f"alarm to restored, {count} objects", runs, "first_ms", "{:.0f} ms",
                          target)
        if bench.with_ours:
            with Stub(tls=True) as stub:
                bench.seed(stub, ["production"], 10000)
                run = clients.roll_back(OURS, stub, ["production"], 10000, cgroup=cgroup,
                                        patience=300)
            figures.hold("peak memory, 10000 objects", run["memory_first_kb"] / MB, "{:.1f} MB",
                         "< 64 MB")


def bill(bench):
    """P4: CPU time and peak memory of a rollback; TLS."""
    peaks = {}
    for count, target, most in ((20, "<= 0.05", bench.rounds), (1000, "<= 0.035", bench.rounds),
                                (10000, "<= 0.02", 3), (100000, "<= 0.02", 1)):
        with Stub(tls=True) as stub:
            bench.seed(stub, ["production"], count)
            runs = bench.rollbacks(stub, count, min(bench.rounds, most), patience=600)
        bench.compare(f"CPU time, {count} objects", runs, "cpu_first_ms", "{:.0f} ms", target)
        peaks[count] = bench.compare("  peak memory", runs, "memory_first_kb", "{:.1f} MB",
                                     "<= 0.08", MB)
    if bench.with_ours:
        figures.hold("peak memory from 1000 to 100000 objects grows by",
                     peaks[100000] - peaks[1000], "{:.1f} MB", "<= 2 MB")


def fan_out(bench):
    """P5: copies on the server, as fast as one core asks for them, and as S3 allows; TLS."""
    count = 10000
    with Stub(tls=True) as stub:
        bench.seed(stub, ["production"], count)
        runs = bench.rollbacks(stub, count, min(bench.rounds, 3))
    rates = {client: [{"rate": count / (run["cpu_first_ms"] / 1000)} for run in all_of]
             for client, all_of in runs.items()}
    bench.compare("copies a second of CPU", rates, "rate", "{:.0f}", ">= 25")
    if bench.with_ours:
        figures.hold("  written twice", max(run["twice"] for run in runs[OURS]), "{}", "<= 0")
    allowed, count = 3500, 20000
    with Stub(tls=True, rate=allowed) as stub:
        bench.seed(stub, ["production"], count)
        for client in bench.clients:
            try:
                run = clients.roll_back(client, stub, ["production"], count)
            except clients.Failed as failed:
                if client is OURS:
                    raise
                figures.note(f"{client.name} where {allowed}/s are allowed", f"failed: {failed}")
                continue
            judge_rate(client, run, allowed)


def judge_rate(client, run, allowed):
    """The first second may be spent on finding the limit; the last tenth is not whole."""
    tenths = run["writesPerTenth"]
    after = tenths[10:-1]
    share = sum(after) / len(after) * 10 / allowed if after else 0
    refused = run["refused"] / (run["refused"] + sum(tenths))
    found = next((i for i, each in enumerate(tenths) if each >= 0.9 * allowed / 10), len(tenths))
    if client is not OURS:
        figures.note(f"{client.name} where {allowed}/s are allowed",
                     f"{share:.0%} of it, {refused:.1%} refused")
        return
    figures.hold(f"of {allowed}/s that are allowed", share, "{:.3f}", ">= 0.92")
    figures.hold("  refused, of all", refused, "{:.4f}", "< 0.02")
    figures.hold("  found after", found / 10 + 0.1, "{:.1f} s", "<= 1.0 s")
    figures.hold("  written twice", run["twice"], "{}", "<= 0")


def command(bench):
    """P6: the operator's command beside the runbook's, on an emulated AWS."""
    by_hand.measure(min(bench.rounds, 5), bench.with_ours)


def control(bench):
    """P10: one signed call on a warm connection; an event that is ignored, through the loop."""
    with Stub() as stub:
        bench.seed(stub, ["production"], 1)
        known = seeding.deployment("production", 24)
        stub.call("DynamoDB_20120810.PutItem", TableName=seeding.RECORDS,
                  Item=item(pk="d-000024", sk="-", **known))
        stub.keep()
        node = ("node", str(clients.HERE / "node-peer/dist/get.js"), "5000")
        ours = (tool("signed-calls"), "5000", seeding.RECORDS, "d-000024", "-")
        took = clients.alternately([node, ours], bench.rounds, lambda program: json.loads(
            subprocess.run(program, env=clients.surroundings(stub.endpoint), check=True,
                           capture_output=True, text=True).stdout))
        figures.compare("one signed call", clients.median(took[ours], "median_us"),
                        clients.median(took[node], "median_us"), "{:.1f} us", "<= 0.07")
        runs = clients.alternately([NULL, *bench.clients], bench.rounds, lambda client:
                                   clients.events(client, stub, ALARM_OF_ANOTHER, warmup=500,
                                                  events=3000))
    mine = bench.compare("an ignored event", runs, "event_us", "{:.1f} us", "<= 0.5")
    figures.compare("  beside a bare runtime", mine, clients.median(runs[NULL], "event_us"),
                    "{:.1f} us", "<= 1.6")
    bench.compare("  its CPU time", runs, "cpu_event_us", "{:.1f} us", "<= 0.2")


ALL = {"cold": cold, "start": start, "small": small, "bill": bill, "fan-out": fan_out,
       "command": command, "control": control}


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help=", ".join(ALL))
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--peers", action="store_true")
    chosen = parser.parse_args()
    for name in chosen.names:
        if name not in ALL:
            parser.error(f"there is no {name}; there are {', '.join(ALL)}")
    missing = None if chosen.peers else clients.why_ours_is_missing()
    if missing:
        print(f"bench-aws: {missing}, so the peers are measured alone", file=sys.stderr)
    else:
        clients.name_bootstrap()
    bench = Bench(chosen.rounds, not chosen.peers and not missing)
    try:
        for name in chosen.names or ALL:
            print(f"\n{ALL[name].__doc__}", flush=True)
            ALL[name](bench)
    except clients.Failed as failed:
        print(f"bench-aws: {failed}", file=sys.stderr)
        return 1
    finally:
        figures.table()
    return 0


if __name__ == "__main__":
    sys.exit(main())
