# SPDX-License-Identifier: Apache-2.0
"""The rules of the house as data. docs/STYLE.md gives the reasons."""

import re

LONGEST_FILE = 500
LONGEST_FUNCTION = 70
LONGEST_LINE = 100

# What a room may include besides itself; a name like base/time is that header alone.
LAYERS = {
    "base": [],
    "http": ["base"],
    "jmespath": ["base/json", "base/result", "base/names"],
    "domain": ["base/result", "base/ensure", "base/id", "base/names", "base/random", "base/time"],
    "ports": ["domain", "base"],
    "wire": ["domain", "base"],
    "reports": ["domain", "base"],
    "signals": ["wire", "domain", "base"],
    "engine": ["ports", "domain", "base"],
    "documents": ["engine", "wire", "domain", "base"],
    "adapters": ["ports", "wire", "reports", "domain", "base", "http"],
    "entry": ["documents", "engine", "signals", "wire", "reports", "domain", "base", "http",
              "jmespath"],
    "app": ["adapters", "entry", "documents", "engine", "ports", "signals", "wire", "reports",
            "domain", "base", "http", "jmespath"],
}

# A third-party header lives in one place, so that the library can be replaced there.
LIBRARIES = {
    "sqlite3.h": ["src/adapters/sqlite/"],
    "SQLiteCpp/": ["src/adapters/sqlite/"],
    "boost/beast": ["src/http/"],
    "boost/asio": ["src/http/"],
    "boost/url": ["src/http/"],
    "boost/json": ["src/base/json."],
    "ares.h": ["src/http/"],
    "openssl/": ["src/base/digest.", "src/base/secret.", "src/base/signature.", "src/http/"],
    "CLI/": ["src/entry/cli/"],
    "yaml-cpp/": ["src/app/", "src/entry/cli/"],
    "valijson/": ["src/app/"],
    "pugixml.hpp": ["src/base/xml."],
    "spdlog/": ["src/base/"],
    "fmt/": ["src/"],
}
# The domain is handed the time and a seed; it reads neither.
IMPURE = r"\b(?:(?:System)?Clock\b|entropy\s*\()"
SYSTEM_FOLDERS = ("sys/", "netinet/", "arpa/", "net/", "linux/")

# What no code calls, where it may be called after all, and what to do instead.
BANNED = [
    (r"\bsleep_(?:for|until)\b|\b(?:u|nano)?sleep\s*\(", [], "a wait is a wake_at with a deadline"),
    (r"(?<![\w.>])system\s*\(|\bpopen\s*\(", [], "a command is an argument list, never a shell"),
    (r"\bstd::w?regex\b|\bregex_(?:match|search)\b", [], "its recursion can be driven too deep"),
    (r"(?<![\w.>])s?rand\s*\(|\bmt19937|\brandom_device\b", ["src/base/random."], "base/random"),
    (r"(?<![\w.>])time\s*\(\s*(?:nullptr|NULL|0)\s*\)|\bsystem_clock\b"
     r"|\bgettimeofday\b", ["src/base/time.cpp"], "be handed a Clock"),
    # A benchmark reads the CPU clock of the process that it measures.
    (r"\bclock_gettime\b", ["src/base/time.cpp", "bench/"], "be handed a Clock"),
    (r"\bsteady_clock::now\b", ["src/base/", "tests/", "bench/", "examples/"], "be handed a Clock"),
    (r"(?<!\w)(?:secure_)?getenv\s*\(|\benviron\b", ["src/app/", "tests/", "bench/", "examples/"],
     "settings come through the configuration"),
    (r"(?<!\w)v?[fs]?n?printf\s*\(|(?<![\w.>])f?puts\s*\(|\bstd::c(?:out|err)\b",
     ["src/base/ensure.cpp", "src/entry/", "src/app/main.cpp", "tests/", "bench/", "examples/"],
     "log it, or return it"),
    (r"(?<!\w)assert\s*\(", [], "ENSURE stays on in release builds"),
    (r"\bstd::(?:async|future|promise)\b", ["tests/", "bench/"], "threads meet in the store"),
    (r"\bstd::thread\b(?!::)", ["tests/", "bench/"], "std::jthread joins by itself"),
    (r"(?<![\w.>])(?:strcpy|strcat|strtok|gets|ato[ilf]|tmpnam)\s*\(", [],
     "it cannot say that it failed"),
]

# Words that say that something is unfinished, and roads that lead nowhere on another machine.
# Spelt in halves, so that this file has none of them.
UNFINISHED = re.compile("|".join([
    r"\b(?:TO" r"DO|FIX" r"ME|XX" r"X|HA" r"CK)\b", r"(?i:\bplace" r"holders?\b)",
    r"\b[Nn]ot " r"implemented\b", r"(?i:\blorem " r"ipsum\b)"]))
MACHINE = re.compile("|".join([
    r"(?<![\w.-])/wo" r"rk/", r"/tm" r"p/w/", r"(?<![\w.])/ho" r"me/\w", r"(?<![\w.])/ro" r"ot/",
    r"/Us" r"ers/\w", r"\.\./sha" r"red\b"]))
# An attribute of HTML, the only thing in the tree that may be called so.
WEB_ATTRIBUTE = re.compile(r"\bplace" r"holder=")

VAGUE = {"util", "utils", "utility", "helper", "helpers", "manager", "common", "misc"}

CODE = (".cpp", ".hpp", ".py", ".sh", ".ts", ".tsx", ".css")
TEXT = CODE + (".md", ".txt", ".cmake", ".yaml", ".yml", ".json", ".pml", ".sql", ".html", ".svg",
               ".service", ".in")
SCRIPT_FOLDERS = ("scripts", "spec", ".ci")
SIZED_FOLDERS = ("src/", "tests/", "scripts/", "bench/", "examples/", "web/", "spec/")
SKIPPED_FOLDERS = {".git", "build", "node_modules", "__pycache__", ".cache"}
