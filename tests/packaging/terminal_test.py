#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What a person sees, in a real terminal under tmux: 80 and 120 columns, without colour, in a pipe.
A demo runs once for all of it, in a home of its own."""

import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import time
import unittest

BINARY = pathlib.Path(os.environ["STEPBACK_BINARY"]).resolve()
PATIENCE = 60
LOOK = 0.1


class Terminal:
    """A window of tmux, on a server of its own."""

    def __init__(self, folder, env, columns, rows=40):
        self.base = ["tmux", "-S", str(folder / f"tmux-{columns}"), "-f", "/dev/null"]
        self.env = env
        subprocess.run([*self.base, "new-session", "-d", "-x", str(columns), "-y", str(rows),
                        "bash --norc --noprofile"], env=env, check=True)
        self.tmux("set-option", "-g", "history-limit", "5000")
        self.type("PS1='ready$ '; clear")
        self.wait_for(lambda text: text.strip() == "ready$")

    def tmux(self, *words):
        return subprocess.run([*self.base, *words], env=self.env, check=True, capture_output=True,
                              text=True).stdout

    def type(self, line):
        self.tmux("send-keys", "-l", line)
        self.tmux("send-keys", "Enter")

    def screen(self, colours=False):
        return self.tmux("capture-pane", "-p", *(["-e"] if colours else []))

    def scrolled(self):
        return self.tmux("capture-pane", "-p", "-S", "-")

    def wait_for(self, seen):
        ends = time.monotonic() + PATIENCE
        while True:
            text = self.screen()
            if seen(text):
                return text
            if time.monotonic() > ends:
                raise AssertionError(f"it was not seen within {PATIENCE} s:\n{text}")
            time.sleep(LOOK)

    def run(self, line):
        """Types it on an empty screen; what is there when it has ended."""
        self.tmux("send-keys", "-R")
        self.tmux("clear-history")
        self.type(f"clear; {line}; echo over:$?")
        return self.wait_for(lambda text: re.search(r"^over:\d+$", text, re.MULTILINE))

    def end(self):
        subprocess.run([*self.base, "kill-server"], env=self.env, check=False, capture_output=True)


@unittest.skipUnless(shutil.which("tmux"), "tmux is not installed: no terminal was tried")
class InATerminal(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = pathlib.Path(tempfile.mkdtemp(prefix="terminal-"))
        (cls.folder / "bin").mkdir()
        (cls.folder / "bin/stepback").symlink_to(BINARY)
        cls.env = {"PATH": f"{cls.folder}/bin:{os.environ['PATH']}", "HOME": str(cls.folder),
                   "LANG": "C.UTF-8", "TERM": "xterm-256color"}
        cls.stepback("demo")
        cls.terminals = {columns: Terminal(cls.folder, cls.env, columns) for columns in (80, 120)}

    @classmethod
    def tearDownClass(cls):
        for terminal in cls.terminals.values():
            terminal.end()
        cls.stepback("demo", "stop")
        shutil.rmtree(cls.folder)

    @classmethod
    def stepback(cls, *words, **more):
        done = subprocess.run([str(BINARY), *words], env={**cls.env, **more}, cwd=cls.folder,
                              capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr
        return done

    def assert_fits(self, text, columns):
        for line in text.splitlines():
            self.assertLessEqual(len(line), columns, line)

    def test_status_stands_on_one_screen_at_either_width(self):
        for columns, terminal in self.terminals.items():
            text = terminal.run("stepback status")
            self.assert_fits(text, columns)
            self.assertRegex(text, r"ENVIRONMENT +RELEASE +SINCE +STATE +ALARMS")
            for name in ("test", "staging", "production"):
                self.assertRegex(text, rf"(?m)^{name} +v\d+ ")
            self.assertIn("over:0", text)

    def test_the_first_page_is_seen_whole_on_24_rows(self):
        text = self.terminals[80].run("stepback")
        self.assertLessEqual(len(text.strip().splitlines()), 25)
        self.assertIn("Stepback brings an environment back", text.splitlines()[0])

    def test_colour_is_there_and_gone_when_asked(self):
        terminal = self.terminals[80]
        terminal.run("stepback status --color always")
        self.assertIn("\x1b[3", terminal.screen(colours=True))
        for line in ("NO_COLOR=1 stepback status", "stepback status --color never",
                     "TERM=dumb stepback status"):
            terminal.run(line)
            self.assertNotIn("\x1b[3", terminal.screen(colours=True), line)

    def test_without_unicode_every_sign_is_plain(self):
        text = self.terminals[80].run("LANG=C stepback status")
        self.assertTrue(text.isascii(), text)

    def test_in_a_pipe_there_is_neither_colour_nor_a_cut(self):
        out = self.stepback("status").stdout
        self.assertNotIn("\x1b", out)
        self.assertEqual(out.count("\n"), len(out.splitlines()))
        self.assertNotIn("…", out)

    def test_a_rollback_is_followed_in_place_with_its_plan_before_it(self):
        wide, narrow = self.terminals[120], self.terminals[80]
        narrow.tmux("send-keys", "-R")
        narrow.tmux("clear-history")
        narrow.type("clear; stepback demo break production; echo over:$?")
        live = narrow.wait_for(lambda text: re.search(r"budget ▕", text))
        self.assert_fits(live, 80)
        self.assertRegex(live, r"production · rolling back v\d+ → v1")
        for step in ("stop", "application", "settle", "check"):
            self.assertRegex(live, rf"(?m)^  . {step} ")
        ended = narrow.wait_for(lambda text: "over:" in text)
        self.assertIn("✔ production runs v1", ended)
        self.assertIn("over:0", ended)
        # In place: however often it was painted, its title stands there once.
        self.assertEqual(len(re.findall(r"rolling back v\d+ → v1", narrow.scrolled())), 1)
        rollback = re.search(r"rb-[0-9A-Z]{10,}", narrow.scrolled())[0]
        for columns, terminal in ((120, wide), (80, narrow)):
            text = terminal.run("stepback plan test")
            self.assert_fits(text, columns)
            self.assertIn(rollback, terminal.run(f"stepback explain {rollback} | cat"))
        piped = self.stepback("history", "production").stdout
        self.assertIn(rollback[:10], piped + self.stepback("history", "-o", "id").stdout)


if __name__ == "__main__":
    sys.exit(unittest.main())
