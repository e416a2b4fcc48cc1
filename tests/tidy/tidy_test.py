#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Tests the tidy test: what it must find is planted in a small tree, and it must be found."""

import pathlib
import tempfile
import unittest

import source
import tidy

LICENCE = "// SPDX-License-Identifier: Apache-2.0\n"
HEADER = LICENCE + "#pragma once\n\n// What it is.\n"
LONG_FUNCTION = "int f() {\n" + "  g();\n" * 69 + "}\n"

# (file, what is in it, what must be said of it)
PLANTED = [
    ("src/domain/a.cpp", LICENCE + '#include "http/client.hpp"\n', "domain may not include http/"),
    ("src/domain/a.cpp", LICENCE + '#include "base/json.hpp"\n', "may not include base/json"),
    ("src/domain/a.cpp", LICENCE + "void f(const Clock& clock);\n", "never a Clock"),
    ("src/domain/a.cpp", LICENCE + "auto seed = entropy();\n", "never a Clock or entropy"),
    ("src/engine/a.cpp", LICENCE + '#include "wire/codec.hpp"\n', "engine may not include wire/"),
    ("src/adapters/sim/a.cpp", LICENCE + '#include "adapters/sqlite/a.hpp"\n', "sim may not"),
    ("src/adapters/sim/a.cpp", LICENCE + '#include "engine/worker.hpp"\n', "adapters/sim may not"),
    ("src/entry/api/a.cpp", LICENCE + '#include "entry/cli/a.hpp"\n', "entry/api may not include"),
    ("src/entry/api/a.cpp", LICENCE + '#include "ports/store.hpp"\n', "entry/api may not include"),
    ("src/base/a.cpp", LICENCE + '#include "app/config.hpp"\n', "base may not include app/"),
    ("src/attic/a.cpp", LICENCE, "no room of the house"),
    ("src/engine/a.cpp", LICENCE + "#include <sqlite3.h>\n", "<sqlite3.h> is included in"),
    ("src/engine/a.cpp", LICENCE + "#include <boost/asio/ip/tcp.hpp>\n", "included in src/http/"),
    ("src/wire/a.cpp", LICENCE + "#include <boost/json.hpp>\n", "included in src/base/json."),
    ("src/wire/a.cpp", LICENCE + "#include <yaml-cpp/yaml.h>\n", "> is included in src/app/"),
    ("src/base/a.hpp", HEADER + "#include <fmt/core.h>\n", ".cpp files only"),
    ("src/base/a.cpp", LICENCE + "#include <zlib/zlib.h>\n", "without a place"),
    ("src/base/a.cpp", LICENCE + "void f() { std::this_thread::sleep_for(d); }\n", "sleep_for"),
    ("tests/unit/a.cpp", LICENCE + "void f() { usleep(5); }\n", "usleep"),
    ("src/base/a.cpp", LICENCE + 'int f() { return system("ls"); }\n', "system is not used"),
    ("src/base/a.cpp", LICENCE + 'int f() { return popen("ls", "r"); }\n', "popen is not used"),
    ("src/base/a.cpp", LICENCE + "std::regex r;\n", "std::regex is not used"),
    ("src/base/a.cpp", LICENCE + "int f() { return rand(); }\n", "rand is not used"),
    ("src/base/a.cpp", LICENCE + "auto f() { return time(nullptr); }\n", "be handed a Clock"),
    ("src/base/a.cpp", LICENCE + "auto t = std::chrono::system_clock::now();\n", "system_clock"),
    ("src/http/a.cpp", LICENCE + "auto t = std::chrono::steady_clock::now();\n", "steady_clock"),
    ("src/base/a.cpp", LICENCE + 'auto f() { return std::getenv("A"); }\n', "getenv is not used"),
    ("src/engine/a.cpp", LICENCE + 'void f() { std::printf("a"); }\n', "printf is not used"),
    ("src/engine/a.cpp", LICENCE + "void f() { std::cerr << 1; }\n", "std::cerr is not used"),
    ("src/base/a.cpp", LICENCE + "void f() { assert(true); }\n", "assert is not used"),
    ("src/base/a.cpp", LICENCE + "void f() { std::async(g); }\n", "std::async is not used"),
    ("src/base/a.cpp", LICENCE + "std::thread t;\n", "std::thread is not used"),
    ("src/base/a.cpp", LICENCE + "int f(char* a) { return atoi(a); }\n", "atoi is not used"),
    ("src/base/a.cpp", LICENCE + "A f() { return {.a = b(), .c = d(TRY(e()))}; }\n", "leaks that"),
    ("src/base/a.cpp", LICENCE + "A f() { return {b(), {TRY(c()), 1}}; }\n", "leaks that"),
    ("src/base/a.cpp", LICENCE + "\n" * 500, "501 lines, at most 500"),
    ("scripts/a", "#!/bin/sh\n" + ":\n" * 500, "501 lines, at most 500"),
    ("src/base/a.cpp", LICENCE + "//" + "-" * 99 + "\n", "101 columns, at most 100"),
    ("src/base/a.cpp", LICENCE + LONG_FUNCTION, "a function of 71 lines"),
    ("scripts/a.py", "def f():\n" + "    g()\n" * 70, "a function of 71 lines"),
    ("src/base/a.cpp", "int a;\n", "the first line is"),
    ("src/base/a.hpp", LICENCE + "\n\n// What it is.\n", "#pragma once"),
    ("src/base/a.hpp", LICENCE + "#pragma once\n\nint a();\n\n\n", "says what it is"),
    ("src/base/a.hpp", HEADER + "using namespace std;\n", "using namespace"),
    ("src/base/a.cpp", LICENCE + "int a;", "without a newline"),
    ("src/base/a.cpp", LICENCE + "int a;\r\n", "carriage returns"),
    ("docs/a.md", "text \n", "ends with white space"),
    ("docs/a.md", "TO" + "DO: write this\n", "finish it"),
    ("src/base/a.cpp", LICENCE + "// not " + "implemented yet\n", "finish it"),
    ("docs/a.md", "a place" + "holder\n", "finish it"),
    ("docs/a.md", "cd /wo" + "rk/tree\n", "a path of one machine"),
    ("scripts/a", "#!/bin/sh\nls /ho" + "me/me\n", "a path of one machine"),
    ("src/base/string_util.hpp", HEADER, "\"util\" may hold anything"),
    ("docs/a.md", "[b](b.md)\n", "the link leads nowhere: b.md"),
    ("docs/a.md", "# One\n\n[two](#two)\n", "no heading there is called so: #two"),
]

FINE = {
    "src/base/time.cpp": LICENCE + '#include "base/time.hpp"\n\nauto t = clock_gettime(a, b);\n',
    "src/base/time.hpp": HEADER,
    "src/adapters/sqlite/a.cpp": LICENCE + "#include <sqlite3.h>\n#include <sys/stat.h>\n",
    "src/entry/cli/a.cpp": LICENCE + '#include "entry/cli/b.hpp"\nvoid f() { std::printf("a"); }\n',
    "src/engine/a.cpp": LICENCE + '// system("ls") in a comment\nauto s = "rand() in a text";\n',
    "src/engine/d.cpp": LICENCE + "A f() { if (a) { g(1, 2, TRY(b())); } return {TRY(c()), 1}; }\n",
    "src/engine/b.cpp": LICENCE + "auto n = 1'000'000; auto t = store.time(nullptr); // don't\n",
    "src/engine/c.cpp": LICENCE + "// clang-format off\n//" + "-" * 99 + "\n// clang-format on\n",
    "docs/a.md": "# One two\n\n[one](#one-two) [b](b.md) [web](https://example.com/x) `[no](x)`\n",
    "docs/b.md": "text\n",
    "build/a.md": "[nowhere](nowhere.md)\n",
}


def findings_with(files):
    with tempfile.TemporaryDirectory() as folder:
        for name, content in files.items():
            path = pathlib.Path(folder) / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content.encode())
        return list(tidy.findings_in(folder))


class Tidy(unittest.TestCase):
    def test_finds_each_planted_violation(self):
        for name, content, expected in PLANTED:
            with self.subTest(expected=expected, file=name):
                found = findings_with({name: content})
                self.assertTrue(any(f.startswith(name) and expected in f for f in found), found)

    def test_finds_nothing_in_a_tree_that_keeps_the_rules(self):
        self.assertEqual(findings_with(FINE), [])

    def test_finds_a_source_that_does_not_include_its_own_header_first(self):
        files = {"src/base/a.hpp": HEADER, "src/base/a.cpp": LICENCE + "#include <string>\n"}
        self.assertEqual(findings_with(files),
                         ["src/base/a.cpp:2: the first include is base/a.hpp"])

    def test_says_the_line_of_what_it_found(self):
        found = findings_with({"src/base/a.cpp": LICENCE + "\n\nint f() { return rand(); }\n"})
        self.assertEqual(found, ["src/base/a.cpp:4: rand is not used here: base/random"])


class Source(unittest.TestCase):
    def test_blanks_comments_and_literals_and_keeps_the_lines(self):
        code = source.code_of('a("x//y"); // b\n/* c\n d */ e = R"(f\n")" + \'"\';\n')
        self.assertEqual(code.count("\n"), 4)
        self.assertEqual(code.split(), ["a(", ");", "e", "=", "+", ";"])

    def test_measures_functions_in_namespaces_and_classes_and_templates(self):
        text = ("namespace n {\nclass C : public D<int> {\n  int f() const {\n    if (a) {\n"
                "    }\n  }\n  enum class E { x };\n};\ntemplate <class T>\nvoid g(T t) {\n"
                "  auto l = [&](int i) {\n    return i;\n  };\n}\n"
                "const A table[] = {\n  {1}, {2},\n};\n}\n")
        self.assertEqual(list(source.cpp_functions(text)), [(3, 4), (9, 6)])


if __name__ == "__main__":
    unittest.main()
