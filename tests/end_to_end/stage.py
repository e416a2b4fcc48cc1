# SPDX-License-Identifier: Apache-2.0
"""A stage for the real program: folders, ports, a configuration with short waits, sample services.

The tests beside this file put the program on it and look at what it leaves behind. Everything of a
stage lies in one directory and ends with it; nothing is shared between two stages.
"""

import datetime
import http.client
import json
import os
import pathlib
import select
import shutil
import signal
import socket
import sqlite3
import subprocess
import tempfile
import time
import urllib.parse

TREE = pathlib.Path(__file__).resolve().parents[2]
PROGRAM = os.environ.get("STEPBACK_BINARY", str(TREE / "build/dev/stepback"))
WORKER = os.environ.get("STEPBACK_WORKER",
                        str(TREE / "build/dev/examples/worker/stepback-worker"))
PATIENCE = 60.0

# Everything that the program would wait for in earnest, in the time that a test has.
SHORT = {"budget": "60s", "handOverReserve": "1s", "settle": "300ms", "lookEvery": "50ms",
         "quiet": "200ms", "alarmGrace": "3s", "retryPause": "100ms", "pollEvery": "50ms",
         "bake": "3s", "maxEventAge": "3s", "brakeCount": "100", "brakeWindow": "1m"}


def pause(seconds):
    select.select([], [], [], seconds)


def wait_until(holds, what, patience=PATIENCE, every=0.03):
    """What `holds` returns once it is true; it is asked again until then, or until it is late."""
    until = time.monotonic() + patience
    while True:
        answer = holds()
        if answer:
            return answer
        if time.monotonic() > until:
            raise TimeoutError(f"{what} did not happen within {patience:.0f} s")
        pause(every)


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def ask(port, path, method="GET", body=None, timeout=10):
    """(status, body) of one request."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=timeout)
    try:
        try:
            connection.request(method, urllib.parse.quote(path, safe="/?=&"), body)
        except (BrokenPipeError, ConnectionResetError):
            pass  # it may refuse before it has read everything; its answer says so
        answer = connection.getresponse()
        return answer.status, answer.read().decode()
    finally:
        connection.close()


class Stage:
    """Use it in a `with`; `keep = True` leaves its folder for whoever looks into a failure."""

    def __init__(self, environments=("test", "staging", "production"), policy=None, notify="",
                 health_port=None, alarm_period="200ms"):
        self.environments = list(environments)
        self.policy = {**SHORT, **(policy or {})}
        self.notify = notify
        self.alarm_period = alarm_period
        self.keep = False
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="stepback-stage-"))
        self.configuration = self.folder / "stepback.yaml"
        self.database = self.folder / "state" / "stepback.db"
        self.notices_file = self.folder / "notices.jsonl"
        self.port = free_port()
        self.ports = {each: free_port() for each in self.environments}
        self.health_port = health_port
        self.servers = []
        for each in self.environments:
            self.root(each).mkdir(parents=True)
        self.configuration.write_text(self.configuration_text())

    def __enter__(self):
        return self

    def __exit__(self, *_):
        for server in list(self.servers):
            self.kill_server(server)
        for each in self.environments:
            subprocess.run([WORKER, "stop", *self.worker_options(each)], check=False)
        if not self.keep:
            shutil.rmtree(self.folder, ignore_errors=True)

    def root(self, environment):
        return self.folder / "srv" / environment

    def worker_options(self, environment):
        return ["--root", str(self.root(environment)), "--environment", environment,
                "--port", str(self.ports[environment])]

    # --- what is written for the program -------------------------------------------------------

    def configuration_text(self):
        lines = ["version: 1", "service: stage", f"state: {self.folder}/state",
                 f'server: {{ listen: "127.0.0.1:{self.port}" }}', "policy:"]
        lines += [f"  {key}: {value}" for key, value in self.policy.items()]
        lines += ["notify:", f"  - {{ kind: file, path: {self.notices_file} }}"]
        lines += [self.notify] if self.notify else []
        lines += ["environments:"]
        return "\n".join(lines) + "\n" + "".join(map(self.section, self.environments))

    def section(self, name):
        root, port = self.root(name), self.ports[name]
        health = self.health_port or port
        switched = ", ".join(json.dumps(each) for each in
                             [WORKER, "restart", *self.worker_options(name)])
        return f"""  - name: {name}
    application:
      kind: symlink
      releases: {root}/releases
      current: {root}/current
      afterSwitch: [{switched}]
    health:
      - name: worker
        url: "http://127.0.0.1:{health}/health"
        attempts: 2
        required: 2
        timeout: 1s
    version: {{ url: "http://127.0.0.1:{port}/version", digestPointer: /digest }}
    alarms:
      - name: kiro-worker-{name}-health
        url: "http://127.0.0.1:{port}/health"
        timeout: 1s
        period: {self.alarm_period}
        evaluationPeriods: 3
        datapointsToAlarm: 2
"""

    def build(self, version, **facts):
        """The directory of a build; facts as the sample service knows them: bad_after_ms=500."""
        directory = self.folder / "builds" / version
        directory.mkdir(parents=True)
        conf = {"version": version, **facts}
        (directory / "release.conf").write_text(
            "".join(f"{key}={value}\n" for key, value in conf.items()))
        (directory / "page.html").write_text(f"<p>This is {version}.</p>\n")
        return directory

    def configure(self, **policy):
        """The configuration anew, with these parts of the policy changed."""
        self.policy.update(policy)
        self.configuration.write_text(self.configuration_text())

    def break_versions(self, environment, *versions):
        """From now on these fail there, and no others: the sample service looks at each request."""
        (self.root(environment) / "broken").write_text("".join(f"{each}\n" for each in versions))

    # --- the program ---------------------------------------------------------------------------

    def run(self, *arguments, timeout=PATIENCE, stdin=""):
        return subprocess.run([PROGRAM, *map(str, arguments), "--config", str(self.configuration)],
                              input=stdin, capture_output=True, text=True, timeout=timeout,
                              check=False)

    def begin(self, *arguments):
        """The same without waiting for its end."""
        with open(self.folder / "commands.log", "a") as log:
            return subprocess.Popen([PROGRAM, *map(str, arguments), "--config",
                                     str(self.configuration)],
                                    stdin=subprocess.DEVNULL, stdout=log, stderr=log)

    def deploy(self, environment, version, *flags, **facts):
        return self.run("deploy", environment, "--version", version, "--from",
                        self.build(version, **facts), "--check-limit", "1500ms", *flags)

    def document(self, *arguments):
        """The document that a command prints with -o json."""
        done = self.run(*arguments, "-o", "json")
        return json.loads(done.stdout)

    def start_server(self, listen=None, ready=True):
        arguments = [PROGRAM, "serve", "--config", str(self.configuration)]
        arguments += ["--listen", f"127.0.0.1:{listen}"] if listen else []
        with open(self.folder / "server.log", "a") as log:
            server = subprocess.Popen(arguments, stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        self.servers.append(server)
        if ready:
            wait_until(lambda: self.answers(listen or self.port) or server.poll() is not None,
                       "an answer of the server")
        if ready and server.poll() is not None:
            raise ChildProcessError(f"the server ended with {server.returncode}")
        return server

    def answers(self, port):
        try:
            return ask(port, "/healthz")[0] == 200
        except OSError:
            return False

    def kill_server(self, server, how=signal.SIGKILL):
        server.send_signal(how)
        status = server.wait(PATIENCE)
        self.servers.remove(server)
        return status

    # --- what is seen from outside -------------------------------------------------------------

    def runs(self, environment):
        """(version, digest) as the process itself tells them; None: nothing answers."""
        try:
            said = json.loads(ask(self.ports[environment], "/version")[1])
        except (OSError, http.client.HTTPException):
            return None
        return said["version"], said["digest"]

    def notices(self):
        if not self.notices_file.exists():
            return []
        return [json.loads(line) for line in self.notices_file.read_text().splitlines()]

    def stamp(self, environment):
        return json.loads((self.root(environment) / "current.stamp").read_text())

    def query(self, statement, *values):
        """Rows of the program's own database, which is opened for reading."""
        with_it = sqlite3.connect(f"file:{self.database}?mode=ro", uri=True, timeout=10)
        try:
            return with_it.execute(statement, values).fetchall()
        finally:
            with_it.close()

    def documents(self, table):
        return [json.loads(row[0]) for row in self.query(f"SELECT document FROM {table}")]

    def rollbacks(self):
        return self.documents("rollbacks")

    def head(self, environment):
        rows = self.query("SELECT document FROM heads WHERE environment = ?", environment)
        return json.loads(rows[0][0]) if rows else {}

    def is_settled(self):
        """Nothing is under way, nothing is left to tell, and nothing bakes."""
        waiting = self.query("SELECT (SELECT count(*) FROM rollbacks WHERE active = 1)"
                             " + (SELECT count(*) FROM deployments WHERE status = 'in_progress')"
                             " + (SELECT count(*) FROM outbox WHERE closed = 0)")
        return waiting[0][0] == 0 and not any(map(self.is_baking, self.environments))

    def is_baking(self, environment):
        rows = self.query("SELECT d.document FROM deployments d JOIN heads h"
                          " ON d.id = json_extract(h.document, '$.current')"
                          " WHERE h.environment = ?", environment)
        return any(self.may_become_good(json.loads(row[0])) for row in rows)

    def may_become_good(self, deployment):
        """What was ill when its time was over bakes no more, and never becomes good."""
        if deployment["status"] != "succeeded" or "goodTime" in deployment:
            return False
        ended = datetime.datetime.fromisoformat(deployment["endTime"])
        late = datetime.timedelta(seconds=deployment["bake_ms"] / 1000 + 1)
        return datetime.datetime.now(datetime.timezone.utc) < ended + late

    def wait_until_settled(self, patience=PATIENCE):
        wait_until(self.is_settled, "the end of every rollback, deployment and notice", patience)

    def wait_for_rollback(self, count=1):
        """Until so many rollbacks have ended and been told of; then all of them."""
        wait_until(lambda: len(self.rollbacks()) >= count, f"rollback number {count}")
        self.wait_until_settled()
        return self.rollbacks()
