# SPDX-License-Identifier: Apache-2.0
"""The filter patterns of CloudWatch Logs; moto knows one term, and lets everything else through.

Terms that must all be there (`ERROR "out of memory"`), of which one suffices (`?ERROR ?FATAL`),
that must not be there (`-debug`), regular expressions (`%4[0-9]{2}%`), and comparisons of one field
of a JSON line (`{ $.level = "ERROR" }`), joined by && or ||.
"""

import json
import re

import moto.logs.models

TERM = re.compile(r'([?-]?)(?:"((?:[^"\\]|\\.)*)"|%([^%]*)%|(\S+))')
COMPARISON = re.compile(r'\$\.([\w.]+)\s*(>=|<=|!=|=|>|<)\s*(?:"([^"]*)"|([^\s"&|)]+))')


def field_of(line, path):
    for part in path.split("."):
        line = line.get(part) if isinstance(line, dict) else None
    return line


def compares(line, comparison):
    path, sign, quoted, bare = comparison.groups()
    have, want = field_of(line, path), quoted if quoted is not None else bare
    if sign in ("=", "!="):
        text = "true" if have is True else "false" if have is False else str(have)
        same = re.fullmatch(re.escape(want).replace(r"\*", ".*"), text) is not None
        return have is not None and same == (sign == "=")
    try:
        have, want = float(have), float(want)
    except (TypeError, ValueError):
        return False
    return {">": have > want, "<": have < want, ">=": have >= want, "<=": have <= want}[sign]


class Filter:
    """In the place of moto's EventMessageFilter."""

    def __init__(self, pattern):
        self.pattern = (pattern or "").strip()

    def matches(self, message):
        if self.pattern.startswith("{"):
            return self.matches_json(message)
        some = []
        for sign, quoted, expression, bare in TERM.findall(self.pattern):
            there = re.search(expression, message) is not None if expression else \
                (quoted.replace('\\"', '"') or bare) in message
            if sign == "?":
                some.append(there)
            elif there == (sign == "-"):
                return False
        return any(some) if some else True

    def matches_json(self, message):
        try:
            line = json.loads(message)
        except ValueError:
            return False
        inner = self.pattern.strip("{} ")
        return any(all(compares(line, each) for each in COMPARISON.finditer(part))
                   for part in inner.split("||"))


moto.logs.models.EventMessageFilter = Filter
