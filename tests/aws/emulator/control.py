# SPDX-License-Identifier: Apache-2.0
"""The front of the emulator: what a test tells it under /emu/, and then moto.

POST /emu/stage {"pipeline", "stage", "status"[, "execution"]}   ends a stage of an execution
POST /emu/build {"id" or "project", "status"[, "always"]}        ends a build
POST /emu/tick {["rule"]}                                        fires scheduled rules
POST /emu/event {"source", "detail-type", "detail", ["resources"]}   an event of any source
POST /emu/fault {"match", ...}, DELETE /emu/fault                faults.py says what they do
POST /moto-api/reset                                             a clean world
GET/DELETE /emu/wire, GET /emu/calls                             with --check: wire_check.py
"""

import importlib
import json
import traceback

import alarms  # noqa: F401  (these change moto when they are imported)
import builds
import events
import faults
import functions  # noqa: F401
import log_filters  # noqa: F401
import pipelines
import queues  # noqa: F401
import tables
import world
from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app


def answer(start_response, status, value):
    body = json.dumps(value).encode()
    start_response(f"{status} .", [("Content-Type", "application/json"),
                                   ("Content-Length", str(len(body)))])
    return [body]


class Control:
    """The WSGI application."""

    def __init__(self):
        self.moto = DomainDispatcherApplication(create_backend_app)
        self.told = {
            ("POST", "/emu/stage"): pipelines.told,
            ("POST", "/emu/build"): builds.told,
            ("POST", "/emu/tick"): events.tick,
            ("POST", "/emu/event"): events.told,
            ("POST", "/emu/fault"): faults.add,
            ("DELETE", "/emu/fault"): faults.forget,
        }

    def __call__(self, environ, start_response):
        path = environ["PATH_INFO"]
        if path.startswith("/emu/"):
            return self.tell(environ["REQUEST_METHOD"], path, environ["wsgi.input"].read(),
                             start_response)
        if path == "/moto-api/reset":
            world.reset()
        return faults.through(self.serve, environ, start_response)

    def serve(self, environ, start_response):
        if "/cloudformation/" in environ.get("HTTP_AUTHORIZATION", ""):
            importlib.import_module("stacks")  # late: it takes half of the time to start
        if environ.get("HTTP_X_AMZ_TARGET", "").startswith("DynamoDB_"):
            return tables.serve(self.moto, environ, start_response)
        return self.moto(environ, start_response)

    def tell(self, method, path, body, start_response):
        act = self.told.get((method, path))
        if act is None:
            return answer(start_response, 404, {"error": f"nothing to {method} at {path}"})
        try:
            return answer(start_response, 200, act(json.loads(body or b"{}")) or {})
        except Exception as error:  # a test told it something wrong: say what
            traceback.print_exc()
            return answer(start_response, 400, {"error": f"{type(error).__name__}: {error}"})
