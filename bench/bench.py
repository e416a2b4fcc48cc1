# SPDX-License-Identifier: Apache-2.0
"""bench.py [NAME...]: speed and memory beside a peer, in one run, as ratios. Without names: all."""

import re
import statistics
import sys
import tempfile

from measuring import (BUILD, PROGRAM, document_of, figure, heading, median_time, output_of, timed,
                       tool)
import many
import stage as stages
import storms
import viewers


def start():
    """`stepback --version` beside a C program that prints a line."""
    pairs = [(timed([PROGRAM, "--version"]), timed([tool("null")])) for _ in range(201)]
    ours, bare = (statistics.median(each) * 1000 for each in zip(*pairs))
    figure("--version against a bare C program", f"{ours:.2f} / {bare:.2f} ms", "", None)
    figure("  ratio", f"{ours / bare:.2f}", "<= 2", ours <= 2 * bare)


def durable():
    """P8 (a): a decision made durable, beside one fdatasync and bare SQLite on the same disk."""
    with tempfile.TemporaryDirectory(dir=BUILD) as folder:
        seen = document_of(tool("limits"), folder)
    disk, row, ours = seen["fdatasync_us"], seen["sqlite_row_us"], seen["decision_us"]
    figure("one durable decision, p50", f"{ours:.0f} us", "", None)
    figure("  over one fdatasync", f"{ours / disk:.2f}", "<= 1.3", ours <= 1.3 * disk)
    figure("  bare SQLite row over it", f"{row / ours:.2f}", ">= 0.9", row >= 0.9 * ours)
    many_ours, many_rows = seen["decisions_per_s"], seen["sqlite_rows_per_s"]
    figure("decisions in hundreds", f"{many_ours:.0f}/s", "", None)
    figure("  of bare SQLite's rows", f"{many_ours / many_rows:.2f}", ">= 0.7",
           many_ours >= 0.7 * many_rows)
    figure("  rollbacks they opened", str(seen["rollbacks"]), "1", seen["rollbacks"] == 1)


def lists():
    """`status` and `history` on a great store beside a small one."""
    took = {}
    for count in (1000, 1_000_000):
        with stages.Stage(environments=["production"]) as stage:
            stage.database.parent.mkdir(parents=True, exist_ok=True)
            output_of(tool("fill"), stage.database, count)
            config = ["--config", str(stage.configuration)]
            for name, command in (("status", ["status"]), ("history", ["history", "production"])):
                took[name, count] = median_time([PROGRAM, *command, *config], 31) * 1000
    for name in ("status", "history"):
        small, great = took[name, 1000], took[name, 1_000_000]
        figure(f"{name}: 1,000,000 / 1,000 deployments", f"{great:.1f} / {small:.1f} ms")
        figure("  ratio", f"{great / small:.2f}", "<= 3", great <= 3 * small)


def knowing():
    """P9: how soon a flip while settling is escalated, and how soon a success is told."""
    policy = {"settle": "6s", "lookEvery": "250ms", "fullAfterStage": "false"}
    late = []
    for flips in (False, True):
        with stages.Stage(environments=["production"], policy=policy) as stage:
            server = storms.good_and_new(stage)
            stage.run("rollback", "production", "--reason", "measured", "--yes", "--no-wait")
            stages.wait_until(lambda: lane_of(stage)["phase"] == "settling", "settling")
            if flips:
                stages.pause(2)
                stage.break_versions("production", "v1")
                flipped = stages.wait_until(lambda: red_since(stage), "a red alarm", every=0.01)
            stages.wait_until(lambda: "finishedAt" in stage.rollbacks()[0], "the end")
            rollback = stage.rollbacks()[0]
            late.append(many.instant(rollback["finishedAt"]) -
                        (flipped if flips else many.instant(lane_of(stage)["cutoverAt"]) + 6))
            if rollback["state"] != ("escalated" if flips else "succeeded"):
                raise ValueError(f"it ended as {rollback['state']}")
            stage.kill_server(server)
    success, escalated = late
    figure("success after the window has passed", f"{success * 1000:.0f} ms", "<= 500 ms",
           0 <= success <= 0.5)
    figure("escalated after the alarm flipped", f"{escalated * 1000:.0f} ms", "<= 1000 ms",
           escalated <= 1)


def lane_of(stage):
    return stage.rollbacks()[0]["lanes"][0]


def red_since(stage):
    """When the alarm went into ALARM; None: it has not."""
    for alarm in stage.document("alarms", "production")["alarms"]:
        if alarm["state"] == "ALARM":
            return many.instant(alarm["since"])
    return None


def simulated(seeds=20000):
    """Rollbacks of the real engine in a simulated world of crashes and lost answers; one core."""
    said = output_of(tool("simulate"), "--seeds", seeds, "--jobs", 1)
    rate = int(re.search(r"(\d+) rollbacks a second", said)[1])
    figure("rollbacks a second", str(rate), ">= 20000", rate >= 20000)
    figure("  violations", re.search(r"violations (\d+)", said)[1], "0", "violations 0" in said)


ALL = {"start": start, "durable": durable, "storm": storms.of_one_release, "tens": storms.in_tens,
       "wide": storms.over_many_environments, "parse": storms.parsed, "many": many.at_once,
       "viewers": viewers.watched, "resumed": many.resumed, "overhead": many.overhead,
       "lists": lists, "knowing": knowing, "simulated": simulated}


def main(names):
    unknown = [name for name in names if name not in ALL]
    if unknown:
        print(f"bench: there is no {unknown[0]}; there are {', '.join(ALL)}", file=sys.stderr)
        return 2
    for name in names or ALL:
        heading((ALL[name].__doc__ or name).splitlines()[0])
        ALL[name]()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
