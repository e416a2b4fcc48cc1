# SPDX-License-Identifier: Apache-2.0
"""The figures of a run: each on a line when it is known, and all of them as a table at the end.
One that misses its target says so and fails nothing: machines are shared, and a benchmark is no
test."""

import operator

ROWS = []
COLUMNS = ("figure", "ours", "peer", "ratio", "target", "")


def add(name, ours="", peer="", ratio="", target="", verdict=""):
    ROWS.append((name, ours, peer, ratio, target, verdict))
    print("  " + "  ".join(part for part in ROWS[-1] if part), flush=True)


def verdict_of(value, target):
    """"<= 0.28" or ">= 25", against a value."""
    sign, limit = target.split()[:2]
    holds = {"<=": operator.le, ">=": operator.ge, "<": operator.lt}[sign]
    return "met" if holds(value, float(limit)) else "MISSED"


def compare(name, ours, peer, form, target):
    """Ours beside a peer's, and their ratio against the target; None: that one was not measured."""
    shown = [form.format(value) if value is not None else "not measured" for value in (ours, peer)]
    if ours is None or peer is None:
        add(name, *shown, target=target)
        return
    add(name, *shown, f"{ours / peer:.3f}", target, verdict_of(ours / peer, target))


def hold(name, value, form, target):
    """A figure of ours with a limit of its own."""
    if value is None:
        add(name, "not measured", target=target)
    else:
        add(name, form.format(value), target=target, verdict=verdict_of(value, target))


def note(name, text):
    add(name, text)


def table():
    rows = [COLUMNS, *ROWS]
    # A long remark is not what a column's width goes by.
    widths = [max(len(row[i]) for row in rows if i == 0 or len(row[i]) <= 24)
              for i in range(len(COLUMNS))]
    print()
    for row in rows:
        print("  ".join(part.ljust(width) for part, width in zip(row, widths)).rstrip())
