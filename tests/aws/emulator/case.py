# SPDX-License-Identifier: Apache-2.0
"""What the emulator's own tests stand on: one emulator for all, and a clean world for each."""

import atexit
import pathlib
import sys
import threading
import time
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
import with_emulator  # noqa: E402

if status := with_emulator.missing():
    sys.exit(status)

import botocore.session  # noqa: E402
import resources  # noqa: E402
from botocore.config import Config  # noqa: E402
from botocore.exceptions import ClientError  # noqa: E402

SESSION = botocore.session.Session()
ROLE = f"arn:aws:iam::{resources.ACCOUNT}:role/kiro-pipeline-test"
TABLE = "kiro-pipeline-test-deployments"


def wait_for(holds, what, patience=15.0):
    until = time.monotonic() + patience
    while True:
        if value := holds():
            return value
        if time.monotonic() > until:
            raise AssertionError(f"{what} did not happen")
        threading.Event().wait(0.03)


class EmulatorTest(unittest.TestCase):
    """One emulator for all, and a clean world for each test."""

    emulator = None
    clients = {}

    @classmethod
    def setUpClass(cls):
        if EmulatorTest.emulator is None:
            EmulatorTest.emulator = with_emulator.Emulator()
            atexit.register(EmulatorTest.emulator.__exit__)

    def setUp(self):
        self.tell("/moto-api/reset", {})
        self.tell("/emu/wire", method="DELETE")

    def tell(self, path, value=None, method=None):
        return self.emulator.tell(path, value, method)

    def client(self, service, secret="testing"):
        key = (service, secret)
        if key not in self.clients:
            self.clients[key] = SESSION.create_client(
                service, endpoint_url=self.emulator.endpoint, region_name=resources.REGION,
                aws_access_key_id="testing", aws_secret_access_key=secret,
                config=Config(retries={"total_max_attempts": 1}, max_pool_connections=32,
                              s3={"addressing_style": "path"}))
        return self.clients[key]

    def refused(self, code, call, **parameters):
        with self.assertRaises(ClientError) as refusal:
            call(**parameters)
        self.assertEqual(refusal.exception.response["Error"]["Code"], code)
        return refusal.exception.response

    def assert_nothing_wrong_on_the_wire(self):
        wire = self.tell("/emu/wire")
        self.assertGreater(wire["requests"], 0)
        self.assertEqual(wire["problems"], [])
