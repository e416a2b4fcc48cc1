# SPDX-License-Identifier: Apache-2.0
"""The real server by its API, as a page and a machine use it: a token, a plan, the order to carry
it out, and what is told while it goes.

The description is checked by another reader than ours where Python has one (jsonschema).
"""

import http.client
import json
import threading
import unittest

import stage as stages

ENVIRONMENT = "test"


class Viewer(threading.Thread):
    """Follows the server's events until the rollback it waits for is over."""

    def __init__(self, port, token):
        super().__init__(daemon=True)
        self.events = []
        self.connection = http.client.HTTPConnection("127.0.0.1", port, timeout=stages.PATIENCE)
        self.connection.request("GET", "/api/v1/events",
                                headers={"Authorization": f"Bearer {token}"})
        self.answer = self.connection.getresponse()
        self.ended = threading.Event()
        self.greeted = threading.Event()

    def run(self):
        event = {}
        for line in self.answer:
            line = line.decode().rstrip("\n")
            if line:
                name, _, value = line.partition(": ")
                event[name] = value
                continue
            if "event" in event:
                self.note(event["event"], json.loads(event["data"]))
            event = {}
            if self.ended.is_set():
                return

    def note(self, name, data):
        self.events.append((name, data))
        if name == "hello":
            self.greeted.set()
        if name == "rollback" and data["state"] != "active":
            self.ended.set()


class Api(unittest.TestCase):
    def setUp(self):
        self.stage = stages.Stage((ENVIRONMENT,))
        self.addCleanup(self.stage.__exit__, None, None, None)
        self.stage.configure(bake="300ms", maxEventAge="300ms")
        for version in ("v1", "v2"):
            done = self.stage.deploy(ENVIRONMENT, version, "--wait-bake")
            self.assertEqual(done.returncode, 0, done.stderr)
        self.token = self.added("olga", "operator")
        self.stage.start_server()

    def added(self, name, role):
        done = self.stage.run("token", "add", name, "--role", role)
        self.assertEqual(done.returncode, 0, done.stderr)
        return done.stdout.strip()

    def ask(self, method, path, body=None, **headers):
        connection = http.client.HTTPConnection("127.0.0.1", self.stage.port, timeout=30)
        self.addCleanup(connection.close)
        known = {"Authorization": f"Bearer {self.token}"} if self.token else {}
        sent = {**known, **({"Content-Type": "application/json"} if body is not None else {}),
                **{name.replace("_", "-"): value for name, value in headers.items()}}
        connection.request(method, "/api/v1" + path,
                           None if body is None else json.dumps(body), sent)
        answer = connection.getresponse()
        text = answer.read().decode()
        return answer.status, json.loads(text) if text else None

    def test_a_plan_is_carried_out_once_and_followed_to_its_end(self):
        status, plan = self.ask("POST", "/plans", {"environment": ENVIRONMENT})
        self.assertEqual((status, plan["targetVersion"]), (200, "v1"))
        viewer = Viewer(self.stage.port, self.token)
        viewer.start()
        self.assertTrue(viewer.greeted.wait(stages.PATIENCE))

        order = {"environment": ENVIRONMENT, "planHash": "000000000000", "reason": "it is bad"}
        status, problem = self.ask("POST", "/rollbacks", order, Idempotency_Key="one")
        self.assertEqual((status, problem["plan"]["hash"]), (409, plan["hash"]))
        self.assertEqual(self.stage.rollbacks(), [])

        order["planHash"] = plan["hash"]
        answers = [self.ask("POST", "/rollbacks", order, Idempotency_Key="two") for _ in range(3)]
        self.assertEqual([status for status, _ in answers], [202] * 3)
        self.assertEqual(len({each["rollbackId"] for _, each in answers}), 1)
        order["reason"] = "another"
        self.assertEqual(self.ask("POST", "/rollbacks", order, Idempotency_Key="two")[0], 422)

        self.assertTrue(viewer.ended.wait(stages.PATIENCE), viewer.events)
        self.stage.wait_until_settled()
        self.assertEqual(len(self.stage.rollbacks()), 1)
        rollback = self.stage.rollbacks()[0]
        self.assertEqual((rollback["state"], rollback["operator"]), ("succeeded", "olga"))
        self.assertEqual(self.stage.runs(ENVIRONMENT)[0], "v1")
        told = [data for name, data in viewer.events if name == "rollback"]
        self.assertEqual((told[0]["state"], told[-1]["state"]), ("active", "succeeded"))
        kinds = {data["kind"] for name, data in viewer.events if name == "notice"}
        self.assertIn("rollback.opened", kinds)

    def test_who_has_no_token_or_the_wrong_role_does_nothing(self):
        order = {"environment": ENVIRONMENT, "version": "v1", "reason": "bad"}
        self.token = self.added("vera", "viewer")
        self.assertEqual(self.ask("GET", "/environments")[0], 200)
        status, problem = self.ask("POST", "/holds", order)
        self.assertEqual(status, 403)
        self.assertIn("viewer", problem["detail"])
        self.assertEqual(self.stage.run("token", "remove", "vera").returncode, 0)
        self.assertEqual(self.ask("GET", "/environments")[0], 401)
        self.token = ""
        self.assertEqual(self.ask("POST", "/holds", order)[0], 401)
        self.assertEqual(self.ask("GET", "/session")[1]["signInNeeded"], True)
        self.assertEqual(self.stage.head(ENVIRONMENT)["holds"], [])

    def test_says_the_same_as_the_command_line_and_as_its_description(self):
        _, described = self.ask("GET", "/openapi.json")
        pairs = {"/environments": ["status"], f"/environments/{ENVIRONMENT}/targets":
                 ["targets", ENVIRONMENT], "/holds": ["hold", "list"]}
        for path, command in pairs.items():
            status, answer = self.ask("GET", path)
            self.assertEqual(status, 200)
            self.hold_against(described, path, answer)
            printed = self.stage.document(*command)
            for either in (answer, printed):
                forget_when(either)
            self.assertEqual(answer, printed)

    def hold_against(self, described, path, answer):
        try:
            import jsonschema
        except ImportError:
            return
        template = path.replace(f"/{ENVIRONMENT}/", "/{environment}/")
        schema = described["paths"][template]["get"]["responses"]["200"]
        schema = {**schema["content"]["application/json"]["schema"],
                  "components": described["components"]}
        jsonschema.Draft202012Validator(schema).validate(answer)

    def test_a_page_of_another_name_or_site_gets_nothing(self):
        connection = http.client.HTTPConnection("127.0.0.1", self.stage.port, timeout=30)
        self.addCleanup(connection.close)
        connection.request("GET", "/api/v1/session", headers={"Host": "evil.example"})
        self.assertEqual(connection.getresponse().status, 421)
        self.assertEqual(self.ask("POST", "/holds", {"environment": ENVIRONMENT},
                                  Origin="http://evil.example")[0], 403)

    def test_shows_its_tables_to_whoever_has_no_use_for_json(self):
        for path in ("/status.txt", "/history.txt"):
            connection = http.client.HTTPConnection("127.0.0.1", self.stage.port, timeout=30)
            self.addCleanup(connection.close)
            connection.request("GET", path, headers={"Authorization": f"Bearer {self.token}"})
            answer = connection.getresponse()
            self.assertEqual(answer.status, 200)
            self.assertIn("v2", answer.read().decode())


def forget_when(value):
    """A document says when it was made; that is no part of what it says."""
    if isinstance(value, dict):
        value.pop("asOf", None)
        for each in value.values():
            forget_when(each)
    elif isinstance(value, list):
        for each in value:
            forget_when(each)


if __name__ == "__main__":
    unittest.main(verbosity=2)
