# SPDX-License-Identifier: Apache-2.0
"""Debian's Prometheus and Alertmanager watch the sample service; their webhook rolls it back.

Prometheus scrapes the service's own metrics; a rule fires when it fails; Alertmanager posts to the
server with a bearer token; the rollback runs, and its judgement waits for the alert's end.
"""

import json
import os
import shutil
import subprocess
import sys
import unittest

import stage as stages

PEERS = ("prometheus", "prometheus-alertmanager")
FETCHED = stages.TREE / "build/peers/usr/bin"  # by scripts/peers
TOKEN = "a-token-that-alertmanager-sends"

PROMETHEUS = """
global: {{ scrape_interval: 500ms, scrape_timeout: 400ms, evaluation_interval: 500ms }}
rule_files: [{folder}/rules.yml]
alerting:
  alertmanagers: [ {{ static_configs: [ {{ targets: ["127.0.0.1:{alertmanager}"] }} ] }} ]
scrape_configs:
  - job_name: worker
    static_configs:
      - targets: ["127.0.0.1:{worker}"]
        labels: {{ environment: production }}
"""
RULES = """
groups:
  - name: worker
    rules:
      - alert: WorkerUnhealthy
        expr: {expression}
        labels: {{ severity: critical }}
        annotations: {{ summary: "the sample service says that it fails" }}
"""
ALERTMANAGER = """
global: {{ resolve_timeout: 2s }}
route: {{ receiver: stepback, group_wait: 200ms, group_interval: 500ms, repeat_interval: 2s }}
receivers:
  - name: stepback
    webhook_configs:
      - url: "http://127.0.0.1:{server}/api/v1/events"
        send_resolved: true
        http_config: {{ authorization: {{ credentials: "{token}" }} }}
"""


def found(program):
    fetched = FETCHED / program
    return str(fetched) if fetched.exists() else shutil.which(program)


class Peers:
    """Both programs on free ports of loopback, with their data in the stage's folder."""

    def __init__(self, stage, expression):
        self.folder = stage.folder / "peers"
        self.folder.mkdir()
        self.ports = {each: stages.free_port() for each in PEERS}
        (self.folder / "rules.yml").write_text(RULES.format(expression=expression))
        (self.folder / "prometheus.yml").write_text(PROMETHEUS.format(
            folder=self.folder, alertmanager=self.ports[PEERS[1]],
            worker=stage.ports["production"]))
        (self.folder / "alertmanager.yml").write_text(
            ALERTMANAGER.format(server=stage.port, token=TOKEN))
        self.running = []

    def start(self):
        listen = {each: f"--web.listen-address=127.0.0.1:{port}"
                  for each, port in self.ports.items()}
        self.begin(found(PEERS[1]), listen[PEERS[1]], "--cluster.listen-address=",
                   f"--config.file={self.folder}/alertmanager.yml",
                   f"--storage.path={self.folder}/alerts")
        self.begin(found(PEERS[0]), listen[PEERS[0]], f"--config.file={self.folder}/prometheus.yml",
                   f"--storage.tsdb.path={self.folder}/data")
        for each, port in self.ports.items():
            stages.wait_until(lambda port=port: self.is_ready(port), f"{each} being ready")

    def begin(self, *command):
        with open(self.folder / "peers.log", "a") as log:
            self.running.append(subprocess.Popen(command, cwd=FETCHED.parents[1], stdout=log,
                                                 stdin=subprocess.DEVNULL, stderr=log))

    @staticmethod
    def is_ready(port):
        try:
            return stages.ask(port, "/-/ready")[0] == 200
        except OSError:
            return False

    def stop(self):
        for process in self.running:
            process.kill()
            process.wait()


class TheirWebhook(unittest.TestCase):

    def setUp(self):
        self.stage = stages.Stage(("production",))
        self.addCleanup(self.stage.__exit__, None, None, None)
        text = self.stage.configuration_text
        # Only what the peers say is to start anything: the service has no probe alarm of its own.
        def configured():
            lines = text().split("    alarms:\n")[0]
            return lines.replace("server: { listen:", "server: { ingest: { token: "
                                 f"file:{self.stage.folder}/token }}, listen:")
        self.stage.configuration_text = configured
        (self.stage.folder / "token").write_text(TOKEN)
        (self.stage.folder / "token").chmod(0o600)

    def deploy(self, version, *flags):
        done = self.stage.deploy("production", version, *flags)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)

    def triggers(self):
        return self.stage.documents("triggers")

    def test_an_alert_has_the_bad_version_rolled_back_and_its_end_is_waited_for(self):
        self.stage.configure(bake="300ms", maxEventAge="300ms")
        self.deploy("v1", "--wait-bake")
        self.stage.configure(bake="60s", maxEventAge="60s", budget="60s", alarmGrace="30s")
        self.deploy("v2")
        self.stage.start_server()
        peers = Peers(self.stage, "worker_healthy == 0")
        self.addCleanup(peers.stop)
        peers.start()
        stages.pause(1.0)
        self.assertEqual(self.triggers(), [], "nothing has fired while all is well")
        self.stage.break_versions("production", "v2")
        stages.wait_until(self.stage.rollbacks, "a rollback that the alert opened")
        stages.wait_until(lambda: self.stage.rollbacks()[0]["state"] == "succeeded",
                          "the end of the rollback")
        self.assertEqual(self.stage.runs("production")[0], "v1")
        self.tell_story()

    def tell_story(self):
        """What was decided, for whoever reads the log of this test."""
        for trigger in self.triggers():
            signal = trigger["signal"]
            print(f'{signal["source"]} {signal["name"]} {signal["state"]}: '
                  f'{trigger["disposition"]}, {trigger.get("why", "")}')
        resolved = [each for each in self.triggers() if each["signal"]["state"] == "OK"]
        self.assertTrue(resolved, "the end of the alert arrived")
        fired = [each for each in self.triggers() if each["disposition"] == "opened"]
        self.assertEqual(len(fired), 1, json.dumps(self.triggers()))
        self.assertEqual(fired[0]["signal"]["source"], "alertmanager")


if __name__ == "__main__":
    missing = [each for each in PEERS if not found(each)]
    if missing:
        print(f"missing: {', '.join(missing)}, which scripts/peers fetches: not tested")
        sys.exit(1 if os.environ.get("CI") else 77)
    unittest.main(verbosity=2)
