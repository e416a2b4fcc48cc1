# SPDX-License-Identifier: Apache-2.0
"""The real program, from its command line and over its sockets, with sample services that fail."""

import concurrent.futures
import datetime
import json
import os
import shutil
import signal
import socket
import sqlite3
import subprocess
import threading
import time
import unittest

import stage as stages

ENVIRONMENT = "production"
PLENTY = 20.0  # seconds; what is held up by something that never ends takes longer


def alarm_event(name="kiro-worker-production-errors", at=None):
    """An alarm as EventBridge delivers it, with the fields that a reader needs."""
    now = datetime.datetime.now(datetime.timezone.utc)
    at = at or now.strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3] + "+0000"
    return json.dumps({"version": "0", "source": "aws.cloudwatch",
                       "time": now.strftime("%Y-%m-%dT%H:%M:%SZ"),
                       "id": "0b6c0f3e-5a39-4c8e-9f0e-3f1f5f0c7a11", "resources": [],
                       "detail-type": "CloudWatch Alarm State Change",
                       "account": "111122223333", "region": "eu-west-1",
                       "detail": {"alarmName": name,
                                  "state": {"value": "ALARM", "reason": "a test",
                                            "timestamp": at}}})


class OnStage(unittest.TestCase):
    """Each test has a stage of its own, whose one environment runs v1, and v1 is good."""

    environments = (ENVIRONMENT,)
    options = {}
    good = ("v1",)

    def setUp(self):
        self.stage = stages.Stage(self.environments, **self.options)
        self.addCleanup(self.stage.__exit__, None, None, None)
        self.stage.configure(bake="300ms", maxEventAge="300ms")
        for version in self.good:
            self.assert_exit(0, self.stage.deploy(ENVIRONMENT, version, "--wait-bake"))
        self.stage.configure(bake="30s", maxEventAge="30s")

    def assert_exit(self, status, done):
        self.assertEqual(done.returncode, status, done.stdout + done.stderr)

    def assert_three_lines(self, done):
        lines = done.stderr.splitlines()
        self.assertEqual(len(lines), 3, done.stderr)
        self.assertTrue(lines[0].startswith("stepback: "), done.stderr)
        self.assertTrue(lines[2].startswith("    try: "), done.stderr)

    def assert_runs(self, version):
        self.assertEqual(self.stage.runs(ENVIRONMENT)[0], version)
        self.assertEqual(self.stage.head(ENVIRONMENT)["live"]["version"], version)

    def rolled_back(self, count=1):
        """The rollbacks, once all have ended, whatever still bakes or is still to be told."""
        stages.wait_until(lambda: sum("finishedAt" in each for each in self.stage.rollbacks())
                          >= count, f"the end of {count} rollbacks")
        return self.stage.rollbacks()

    def break_when_it_runs(self, version="v2"):
        self.assert_exit(0, self.stage.deploy(ENVIRONMENT, version))
        self.stage.break_versions(ENVIRONMENT, version)


class Deploying(OnStage):
    def test_a_good_version_runs_and_is_recorded(self):
        self.assert_exit(0, self.stage.deploy(ENVIRONMENT, "v2"))
        self.assert_runs("v2")
        newest = self.stage.documents("deployments")[-1]
        self.assertEqual((newest["version"], newest["status"]), ("v2", "succeeded"))

    def test_a_version_that_is_never_well_goes_back_to_the_last_good_one(self):
        done = self.stage.deploy(ENVIRONMENT, "v2", bad_after_ms=0)
        self.assert_exit(1, done)
        self.assert_runs("v1")
        self.assertEqual([each["state"] for each in self.stage.rollbacks()], ["succeeded"])

    def test_a_service_that_ignores_sigterm_is_replaced_all_the_same(self):
        self.assert_exit(0, self.stage.deploy(ENVIRONMENT, "v2", ignores_sigterm="yes"))
        self.assert_exit(1, self.stage.deploy(ENVIRONMENT, "v3", bad_after_ms=0,
                                              ignores_sigterm="yes"))
        self.assert_runs("v1")

    def test_a_name_that_could_do_harm_is_no_version(self):
        releases = self.stage.root(ENVIRONMENT) / "releases"
        before = sorted(releases.iterdir())
        build = self.stage.build("v2")
        for name in ("$(reboot)", "../../etc", "-rf", "", "v" * 129, "a b", "v2\n", "."):
            with self.subTest(name=name):
                done = self.stage.run("deploy", ENVIRONMENT, f"--version={name}", "--from", build)
                self.assert_exit(2, done)
        self.assertEqual(sorted(releases.iterdir()), before)
        self.assertEqual(len(self.stage.documents("deployments")), len(self.good))
        self.assert_runs("v1")

    def test_a_held_version_stays_out_until_people_let_it_in(self):
        self.stage.break_versions(ENVIRONMENT, "v2")
        self.assert_exit(1, self.stage.deploy(ENVIRONMENT, "v2"))
        self.stage.break_versions(ENVIRONMENT)
        again = ("deploy", ENVIRONMENT, "--version", "v2", "--from",
                 self.stage.folder / "builds/v2")
        refused = self.stage.run(*again)
        self.assert_exit(3, refused)
        self.assertIn("v2", refused.stderr)
        self.assert_runs("v1")
        self.assert_exit(0, self.stage.run("hold", "release", ENVIRONMENT, "--version", "v2",
                                           "--reason", "mended"))
        self.assert_exit(0, self.stage.run(*again))
        self.assert_runs("v2")


class Choosing(OnStage):
    good = ("v0", "v1")

    def test_a_release_with_one_changed_byte_is_refused_before_the_switch(self):
        page = self.stage.root(ENVIRONMENT) / "releases/v1/page.html"
        page.chmod(0o644)
        content = bytearray(page.read_bytes())
        content[0] ^= 1
        page.write_bytes(content)
        self.assert_exit(1, self.stage.deploy(ENVIRONMENT, "v2", bad_after_ms=0))
        self.assert_runs("v0")
        switched = [row[0] for row in self.stage.query(
            "SELECT body FROM journal WHERE body LIKE '%step.done%application: switched to%'")]
        self.assertEqual(len(switched), 1, switched)


class Serving(OnStage):
    def setUp(self):
        super().setUp()
        self.server = self.stage.start_server()

    def post(self, body):
        status, answer = stages.ask(self.stage.port, "/api/v1/events", "POST", body)
        return status, json.loads(answer)

    def test_an_alarm_after_success_takes_the_version_back(self):
        self.break_when_it_runs()
        rollbacks = self.rolled_back()
        self.assertEqual([each["state"] for each in rollbacks], ["succeeded"])
        self.assert_runs("v1")
        told = stages.wait_until(
            lambda: [each["notice"]["event"] for each in self.stage.notices()
                     if each["notice"]["event"] == "rollback_completed"], "the notice")
        self.assertEqual(len(told), 1)

    def test_the_same_event_is_answered_with_the_same_id(self):
        self.assert_exit(0, self.stage.deploy(ENVIRONMENT, "v2"))
        event = alarm_event()
        first, again = self.post(event), self.post(event)
        self.assertEqual((first[0], again[0]), (202, 200), (first, again))
        self.assertEqual(first[1], again[1])
        self.assertEqual(first[1]["decision"], "opened", first)
        self.rolled_back()
        self.assert_runs("v1")

    def test_a_thousand_copies_open_one_rollback(self):
        self.assert_exit(0, self.stage.deploy(ENVIRONMENT, "v2"))
        event = alarm_event()
        with concurrent.futures.ThreadPoolExecutor(64) as many:
            answers = list(many.map(lambda _: self.post(event), range(1000)))
        statuses = [status for status, _ in answers]
        self.assertEqual((statuses.count(202), statuses.count(200)), (1, 999), set(statuses))
        self.assertEqual(len({answer["id"] for _, answer in answers}), 1)
        self.assertEqual(len(self.rolled_back()), 1)
        self.assert_runs("v1")

    def test_what_is_no_event_is_refused_by_its_kind(self):
        port = self.stage.port
        self.assertEqual(self.post("{\"detail\":")[0], 400)
        self.assertEqual(self.post("[]")[0], 400)
        self.assertEqual(self.post(" " * (300 * 1024))[0], 413)
        self.assertEqual(stages.ask(port, "/api/v1/nowhere")[0], 404)
        self.assertEqual(stages.ask(port, "/api/v1/environments/nowhere")[0], 404)
        self.assertEqual(stages.ask(port, "/api/v1/sns")[0], 405)
        self.assertEqual(stages.ask(port, "/healthz", "DELETE")[0], 405)
        self.assertEqual(self.stage.rollbacks(), [])

    def test_two_servers_on_one_record_open_one_rollback(self):
        self.stage.start_server(listen=stages.free_port())
        self.break_when_it_runs()
        self.assertEqual([each["state"] for each in self.rolled_back()], ["succeeded"])
        stages.pause(0.5)  # a second one would have begun by now
        self.assertEqual(len(self.stage.rollbacks()), 1)
        self.assert_runs("v1")
        started = [each["key"] for each in self.stage.notices()
                   if each["notice"]["event"] == "rollback_started"]
        self.assertEqual(len(set(started)), 1)

    def test_sigterm_ends_it_in_order(self):
        self.break_when_it_runs()
        stages.wait_until(self.stage.rollbacks, "a rollback")
        began = time.monotonic()
        self.assertEqual(self.stage.kill_server(self.server, signal.SIGTERM), 0)
        self.assertLess(time.monotonic() - began, 5)
        self.stage.start_server()
        self.assertEqual([each["state"] for each in self.rolled_back()], ["succeeded"])
        self.assert_runs("v1")


class Receiver:
    """A port that takes connections and hands each to a thread of its own."""

    def __init__(self, serve):
        self.listener = socket.create_server(("127.0.0.1", 0), backlog=64)
        self.port = self.listener.getsockname()[1]
        self.serve = serve
        self.connections = []
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        while True:
            try:
                connection = self.listener.accept()[0]
            except OSError:
                return
            self.connections.append(connection)
            threading.Thread(target=self.answer, args=(connection,), daemon=True).start()

    def answer(self, connection):
        try:
            self.serve(connection)
        except OSError:
            pass  # the client has gone

    def close(self):
        self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()
        for connection in self.connections:
            connection.close()


class HealthThatDrips(OnStage):
    def setUp(self):
        receiver = Receiver(self.serve)
        self.addCleanup(receiver.close)
        self.options = {"health_port": receiver.port}
        super().setUp()

    def serve(self, connection):
        connection.recv(4096)
        current = self.stage.root(ENVIRONMENT) / "current"
        if os.readlink(current).endswith("v1"):
            connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n"
                               b"Connection: close\r\n\r\nok")
            connection.close()
            return
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n")
        while True:
            connection.sendall(b".")
            stages.pause(0.05)

    def test_an_answer_that_never_ends_is_no_health(self):
        began = time.monotonic()
        self.assert_exit(1, self.stage.deploy(ENVIRONMENT, "v2"))
        self.assertLess(time.monotonic() - began, PLENTY)
        self.assert_runs("v1")


class NoticesThatNobodyTakes(OnStage):
    def setUp(self):
        receiver = Receiver(lambda connection: connection.recv(1))
        self.addCleanup(receiver.close)
        self.options = {"notify": f"  - {{ kind: webhook, timeout: 30s, "
                                  f"url: \"http://127.0.0.1:{receiver.port}/hook\" }}"}
        self.good = ()
        super().setUp()

    def test_they_hold_up_neither_a_rollback_nor_the_end(self):
        server = self.stage.start_server()
        self.stage.configure(bake="300ms", maxEventAge="300ms")
        self.assert_exit(0, self.stage.deploy(ENVIRONMENT, "v1", "--wait-bake"))
        self.stage.configure(bake="30s", maxEventAge="30s")
        began = time.monotonic()
        self.break_when_it_runs()
        self.assertEqual([each["state"] for each in self.rolled_back()], ["succeeded"])
        self.assertLess(time.monotonic() - began, PLENTY)
        self.assert_runs("v1")
        began = time.monotonic()
        self.assertEqual(self.stage.kill_server(server, signal.SIGTERM), 0)
        self.assertLess(time.monotonic() - began, 6)  # it has 5


class Asking(OnStage):
    def test_every_document_says_what_it_is(self):
        self.assert_exit(1, self.stage.deploy(ENVIRONMENT, "v2", bad_after_ms=0))
        rollback = self.stage.rollbacks()[0]["id"]
        deployment = self.stage.documents("deployments")[0]["deploymentId"]
        for command in (("status",), ("status", ENVIRONMENT), ("history",),
                        ("targets", ENVIRONMENT), ("show", rollback), ("show", deployment),
                        ("hold", "list"),
                        ("explain", rollback), ("verify", ENVIRONMENT), ("alarms", "--all")):
            with self.subTest(command=command):
                self.assertTrue(self.stage.document(*command)["schema"].startswith("stepback/v1/"))

    def test_a_name_that_is_almost_right_is_offered(self):
        done = self.stage.run("status", "prodcution")
        self.assert_exit(4, done)
        self.assert_three_lines(done)
        self.assertIn("did you mean", done.stderr)
        self.assertIn(ENVIRONMENT, done.stderr)

    def test_a_rollback_in_a_pipe_needs_its_consent_beforehand(self):
        self.assert_exit(0, self.stage.deploy(ENVIRONMENT, "v2"))
        done = self.stage.run("rollback", ENVIRONMENT, stdin="yes\n")
        self.assert_exit(3, done)
        self.assert_runs("v2")
        self.assertEqual(self.stage.rollbacks(), [])
        self.assert_exit(0, self.stage.run("rollback", ENVIRONMENT, "--yes", "--reason", "a test"))
        self.assert_runs("v1")


class Damage(OnStage):
    def test_one_changed_byte_of_the_journal_is_found(self):
        self.assert_exit(0, self.stage.run("audit", "verify"))
        with sqlite3.connect(self.stage.database) as database:
            database.execute("DROP TRIGGER journal_is_never_changed")
            database.execute("UPDATE journal SET body = replace(body, 'v1 is live', 'v2 is live')"
                             " WHERE body LIKE '%v1 is live%'")
        database.close()
        done = self.stage.run("audit", "verify")
        self.assert_exit(1, done)

    def test_a_damaged_database_is_refused_in_three_lines(self):
        for each in self.stage.database.parent.glob("stepback.db*"):
            each.unlink()
        self.stage.database.write_bytes(os.urandom(64 * 1024))
        for command in (("status",), ("serve",)):
            with self.subTest(command=command):
                done = self.stage.run(*command)
                self.assertIn(done.returncode, (6, 7), done.stderr)
                self.assert_three_lines(done)

    def test_a_database_that_cannot_be_written_is_said_in_three_lines(self):
        program = self.stage.folder / "stepback"
        shutil.copy(stages.PROGRAM, program)
        nobody = {"user": 65534, "group": 65534, "extra_groups": []} if os.geteuid() == 0 else {}
        for directory, _, files in os.walk(self.stage.folder):
            os.chmod(directory, 0o555)
            for name in files:
                os.chmod(os.path.join(directory, name), 0o555)
        self.addCleanup(lambda: [os.chmod(directory, 0o755)
                                 for directory, _, _ in os.walk(self.stage.folder)])
        for command in (("deploy", ENVIRONMENT, "--version", "v2", "--from", "."), ("serve",)):
            with self.subTest(command=command):
                done = subprocess.run([program, *command, "--config", self.stage.configuration],
                                      stdin=subprocess.DEVNULL, capture_output=True, text=True,
                                      timeout=stages.PATIENCE, check=False, **nobody)
                self.assertIn(done.returncode, (6, 7), done.stdout + done.stderr)
                self.assert_three_lines(done)


if __name__ == "__main__":
    unittest.main(verbosity=2)
