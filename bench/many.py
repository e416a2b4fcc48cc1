# SPDX-License-Identifier: Apache-2.0
"""A thousand environments on one server: all rolled back at once, and resumed after SIGKILL."""

import datetime
import json
import pathlib
import shutil
import statistics
import subprocess
import time

from measuring import PEERS, figure, memory_peak
import stage as stages

COUNT = 1000
WAIT = 5.0  # seconds that a rollback must wait for by its policy
POLICY = {"quiet": "100ms", "budget": "5m", "lookEvery": "1s",
          "maxEventAge": "5m"}


def instant(text):
    return datetime.datetime.fromisoformat(text.replace("Z", "+00:00")).timestamp()


def alarm_event(environment, now):
    state = {"value": "ALARM", "reason": "measured", "timestamp": now}
    return {"version": "0", "id": environment, "detail-type": "CloudWatch Alarm State Change",
            "source": "aws.cloudwatch", "account": "111122223333", "region": "eu-west-1",
            "time": now, "detail": {"alarmName": f"kiro-worker-{environment}-errors",
                                    "state": state, "previousState": {"value": "OK"}}}


class Many(stages.Stage):
    """Environments that are a directory each; one process answers for what runs in all of them."""

    def __init__(self, count, wait=WAIT):
        self.versions_port = stages.free_port()
        super().__init__([f"e{number:04}" for number in range(count)],
                         {**POLICY, "settle": f"{wait:.0f}s"})
        self.versions = subprocess.Popen(["node", str(PEERS / "versions.mjs"),
                                          str(self.versions_port), str(self.folder / "srv")])

    def configuration_text(self):
        head = super().configuration_text().split("environments:")[0]
        root = f"{self.folder}/srv/{{environment}}"
        lines = ["defaults:", f"  application: {{ kind: symlink, releases: '{root}/releases',"
                 f" current: '{root}/current' }}", "  version:"
                 f" {{ url: 'http://127.0.0.1:{self.versions_port}/{{environment}}' }}",
                 "environments:", *(f"  - name: {each}" for each in self.environments)]
        return head + "\n".join(lines) + "\n"

    def __exit__(self, *_):
        self.versions.kill()
        self.versions.wait()
        for server in list(self.servers):
            self.kill_server(server)
        if not self.keep:
            shutil.rmtree(self.folder, ignore_errors=True)

    def deploy_all(self):
        """v1 has been judged good everywhere, v2 is new; the server that runs then."""
        self.configure(bake="100ms", maxEventAge="100ms")
        server = self.start_server()
        self.deploy_version("v1")
        stages.wait_until(self.is_all_good, "v1 being good everywhere")
        self.kill_server(server)
        self.configure(bake="1h", maxEventAge="5m")
        self.deploy_version("v2")
        return self.start_server()

    def is_all_good(self):
        return self.query("SELECT count(*) FROM deployments WHERE"
                          " json_extract(document, '$.goodTime') IS NULL")[0][0] == 0

    def deploy_version(self, version):
        directory = self.build(version)
        under_way = []
        for each in self.environments:
            under_way.append(self.begin("deploy", each, "--version", version, "--from",
                                        directory, "--quiet"))
            if len(under_way) >= 4:
                self.ended(under_way.pop(0))
        for each in under_way:
            self.ended(each)

    @staticmethod
    def ended(command):
        if command.wait(stages.PATIENCE) != 0:
            raise ChildProcessError("a deployment failed")

    def ask_for_all(self):
        """One alarm for each, one request after the other."""
        for each in self.environments:
            now = datetime.datetime.now(datetime.timezone.utc).isoformat(timespec="milliseconds")
            status, said = stages.ask(self.port, "/api/v1/events", "POST",
                                      json.dumps(alarm_event(each, now.replace("+00:00", "Z"))))
            if status not in (200, 202):
                raise ValueError(said)

    def epochs(self):
        """Of the rollbacks under way: how often each was taken up."""
        return self.query("SELECT id, lease_epoch FROM rollbacks WHERE active = 1")

    def active(self):
        return self.query("SELECT count(*) FROM rollbacks WHERE active = 1")[0][0]

    def wait_for_all(self):
        stages.wait_until(lambda: self.active() == 0, "the end of every rollback", 300, 0.1)
        done = self.rollbacks()
        bad = [each for each in done if each["state"] != "succeeded"]
        if bad:
            raise ValueError(f"{len(bad)} did not succeed, the first: {bad[0]}")
        return [instant(each["finishedAt"]) - instant(each["startedAt"]) for each in done]

    def see_that_all_run(self, version):
        for each in self.environments:
            link = pathlib.Path(self.root(each) / "current").resolve()
            if link.name != version:
                raise ValueError(f"{each} runs {link.name}")


def roll_back(count):
    with Many(count) as stage:
        server = stage.deploy_all()
        stage.ask_for_all()
        took = stage.wait_for_all()
        stage.see_that_all_run("v1")
        return took, memory_peak(server.pid)


def overhead():
    """A local rollback without commands: everything that is not waiting."""
    took = [roll_back(1)[0][0] for _ in range(5)]
    ours = statistics.median(took) - WAIT
    figure("a rollback's wall time beyond its waits", f"{ours * 1000:.0f} ms", "<= 50 ms",
           ours <= 0.05)
    figure("  of all its time", f"{ours / (WAIT + ours) * 100:.1f} %", "<= 5 %",
           ours <= 0.05 * WAIT)


def at_once():
    """1,000 environments rolled back at once on one server."""
    alone = roll_back(1)[0][0]
    took, memory = roll_back(COUNT)
    middle, last = statistics.median(took), max(took)
    figure("one alone / the median / the slowest of 1,000",
           f"{alone:.2f} / {middle:.2f} / {last:.2f} s")
    figure("  slowest over alone", f"{last / alone:.2f}", "<= 1.10", last <= 1.1 * alone)
    figure("  memory", f"{memory:.0f} MB", "<= 100 MB", memory <= 100)


def resumed():
    """P8 (b): SIGKILL with 1,000 rollbacks under way, and all of them due when the next starts."""
    with Many(COUNT, wait=25) as stage:  # so that the first has not ended when the last begins
        server = stage.deploy_all()
        stage.ask_for_all()
        stages.wait_until(lambda: stage.active() == COUNT, "all under way")
        stage.kill_server(server)
        before = dict(stage.epochs())
        stages.pause(25)
        begin = time.time()
        stage.start_server(ready=False)
        # A lease is free again between two turns, so who took one up shows by its number.
        while any(epoch <= before[each] for each, epoch in stage.epochs()):
            stages.pause(0.005)
        took = time.time() - begin
        stage.wait_for_all()
        stage.see_that_all_run("v1")
        figure("all 1,000 in hand after the start", f"{took * 1000:.0f} ms", "<= 100 ms",
               took <= 0.1)
