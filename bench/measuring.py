# SPDX-License-Identifier: Apache-2.0
"""What the benchmarks share: the optimised programs, medians, and one line for each figure."""

import json
import os
import pathlib
import statistics
import subprocess
import sys
import time

TREE = pathlib.Path(__file__).resolve().parents[1]
BUILD = TREE / "build/release"
os.environ.setdefault("STEPBACK_BINARY", str(BUILD / "stepback"))
os.environ.setdefault("STEPBACK_WORKER", str(BUILD / "examples/worker/stepback-worker"))
sys.path.insert(0, str(TREE / "tests/end_to_end"))

PEERS = TREE / "bench/peers"
PROGRAM = os.environ["STEPBACK_BINARY"]


def tool(name):
    return str(BUILD / "bench" / f"bench-{name}")


def figure(name, value, target="", holds=None):
    """One line of the result. A figure that misses its target says so; it fails nothing: these
    machines are shared, and a benchmark is no test."""
    verdict = {None: "", True: "reached", False: "MISSED"}[holds]
    print(f"{name:<58} {value:>22}  {target:<16} {verdict}".rstrip(), flush=True)


def heading(text):
    print(f"\n{text}", flush=True)


def median_time(command, count):
    return statistics.median(timed(command) for _ in range(count))


def timed(command):
    """Seconds from the start of a process to its end."""
    begin = time.perf_counter()
    child = os.posix_spawn(command[0], command, os.environ, file_actions=[
        (os.POSIX_SPAWN_OPEN, 1, os.devnull, os.O_WRONLY, 0)])
    os.waitpid(child, 0)
    return time.perf_counter() - begin


def output_of(*command):
    return subprocess.run([str(part) for part in command], check=True, capture_output=True,
                          text=True).stdout


def document_of(*command):
    return json.loads(output_of(*command))


def memory_peak(pid):
    """The most that a process had in memory, in MB."""
    for line in pathlib.Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmHWM:"):
            return int(line.split()[1]) / 1024
    raise ValueError("no VmHWM")
