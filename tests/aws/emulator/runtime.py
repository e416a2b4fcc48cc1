# SPDX-License-Identifier: Apache-2.0
"""One running instance of a Lambda function: its process and the Runtime API that it talks to.

A sandbox is what AWS starts for `provided.al2023`: the zip unpacked, `bootstrap` started with the
usual surroundings, and http://$AWS_LAMBDA_RUNTIME_API/2018-06-01/runtime/ to fetch events from and
post answers to. It serves one call at a time; functions.py has the pool. The process leads a
process group of its own and is ended with all of it.
"""

import io
import json
import os
import queue
import re
import select
import shutil
import signal
import socket
import subprocess
import tempfile
import time
import uuid
import zipfile
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import world

NEXT = "/2018-06-01/runtime/invocation/next"
POSTED = re.compile(r"/2018-06-01/runtime/(?:invocation/([^/]+)/(response|error)|init/error)")


class RuntimeApi(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    wbufsize = -1

    def log_message(self, format, *arguments):
        pass

    def reply(self, status, body=b"", **headers):
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()
        self.wfile.write(body)

    def handle(self):
        try:
            super().handle()
        except OSError:  # the process was ended
            self.close_connection = True

    def has_gone(self):
        """Whether who asked has closed the connection: the next call is not for it."""
        if not select.select([self.connection], [], [], 0)[0]:
            return False
        return not self.connection.recv(1, socket.MSG_PEEK)

    def do_GET(self):
        if self.path != NEXT:
            return self.reply(404)
        box = self.server.sandbox
        while True:
            try:
                identity, payload, deadline = box.calls.get(timeout=0.2)
                break
            except queue.Empty:
                if self.has_gone():
                    self.close_connection = True
                    return None
        return self.reply(
            200, payload, Lambda_Runtime_Aws_Request_Id=identity,
            Lambda_Runtime_Deadline_Ms=str(int(deadline * 1000)),
            Lambda_Runtime_Invoked_Function_Arn=box.arn,
            Lambda_Runtime_Trace_Id="Root=1-00000000-000000000000000000000000;Sampled=0")

    def do_POST(self):
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        posted = POSTED.fullmatch(self.path)
        if not posted:
            return self.reply(404)
        box = self.server.sandbox
        if posted[1] is None:
            box.broken = body
            box.results.put((None, body, True))
        elif posted[1] != box.current:
            return self.reply(400, b'{"errorType":"InvalidRequestID",'
                                   b'"errorMessage":"Invalid request ID"}')
        else:
            box.results.put((posted[1], body, posted[2] == "error"))
        self.reply(202, b'{"status":"OK"}')


class Sandbox:
    def __init__(self, function, log):
        self.arn = function.function_arn
        self.log = log  # called with each line that the process writes
        self.calls = queue.Queue()
        self.results = queue.Queue()
        self.current = None
        self.broken = None
        self.directory = tempfile.mkdtemp(prefix="emulator-function-")
        with zipfile.ZipFile(io.BytesIO(function.code_bytes)) as code:
            for entry in code.infolist():
                path = code.extract(entry, self.directory)
                os.chmod(path, (entry.external_attr >> 16) & 0o777 or 0o755)
        self.api = ThreadingHTTPServer(("127.0.0.1", 0), RuntimeApi)
        self.api.daemon_threads = True
        self.api.sandbox = self
        world.in_background(self.api.serve_forever, 0.1)
        try:
            self.process = subprocess.Popen(
                [self.directory + "/bootstrap"], cwd=self.directory,
                env=self.surroundings(function), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT, start_new_session=True)
        except OSError as error:
            self.process = None
            self.fail("Runtime.InvalidEntrypoint", f"bootstrap cannot be started: {error.strerror}")
            return
        world.in_background(self.read)
        world.in_background(self.watch)

    def surroundings(self, function):
        return {
            "AWS_ENDPOINT_URL": world.endpoint(), "AWS_EC2_METADATA_DISABLED": "true",
            "LANG": "en_US.UTF-8", "TZ": ":UTC", "PATH": "/usr/local/bin:/usr/bin/:/bin",
            **function.environment_vars,
            "AWS_LAMBDA_RUNTIME_API": f"127.0.0.1:{self.api.server_port}",
            "AWS_LAMBDA_FUNCTION_NAME": function.function_name,
            "AWS_LAMBDA_FUNCTION_VERSION": "$LATEST",
            "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": str(function.memory_size),
            "AWS_LAMBDA_LOG_GROUP_NAME": function.logs_group_name,
            "AWS_LAMBDA_INITIALIZATION_TYPE": "on-demand", "AWS_EXECUTION_ENV": "AWS_Lambda_custom",
            "AWS_REGION": world.REGION, "AWS_DEFAULT_REGION": world.REGION,
            "AWS_ACCESS_KEY_ID": "testing", "AWS_SECRET_ACCESS_KEY": "testing",
            "AWS_SESSION_TOKEN": "a-token-of-the-emulator",
            "LAMBDA_TASK_ROOT": self.directory, "LAMBDA_RUNTIME_DIR": "/var/runtime",
            "_HANDLER": function.handler or "bootstrap"}

    def read(self):
        for line in self.process.stdout:
            self.log(line.decode(errors="replace").rstrip("\n"))

    def watch(self):
        status = self.process.wait()
        how = f"exit status {status}" if status >= 0 else f"signal: {signal.Signals(-status).name}"
        self.fail("Runtime.ExitError", f"Runtime exited with error: {how}")

    def fail(self, kind, text):
        if self.broken is None:
            self.broken = json.dumps({"errorType": kind, "errorMessage": text}).encode()
        self.results.put((None, self.broken, True))

    def alive(self):
        return self.process is not None and self.process.poll() is None and self.broken is None

    def call(self, payload, seconds):
        """(body, failed) of one invocation; a process that is late is ended."""
        identity = self.current = str(uuid.uuid4())
        deadline = time.time() + seconds
        self.log(f"START RequestId: {identity} Version: $LATEST")
        self.calls.put((identity, payload, deadline))
        started = time.monotonic()
        body, failed = self.result(identity, deadline, seconds)
        world.pause(0.01)  # for the last lines to come through the pipe
        took = (time.monotonic() - started) * 1000
        self.current = None
        self.log(f"END RequestId: {identity}")
        self.log(f"REPORT RequestId: {identity}\tDuration: {took:.2f} ms\t"
                 f"Billed Duration: {int(took) + 1} ms")
        return body, failed

    def result(self, identity, deadline, seconds):
        while True:
            try:
                which, body, failed = self.results.get(timeout=max(0.0, deadline - time.time()))
            except queue.Empty:
                text = f"Task timed out after {float(seconds):.2f} seconds"
                self.log(f"{identity} {text}")
                self.end()
                return json.dumps({"errorType": "Sandbox.Timedout",
                                   "errorMessage": f"RequestId: {identity} Error: {text}"}
                                  ).encode(), True
            if which in (None, identity):  # else the late answer to an earlier call
                return body, failed

    def end(self):
        self.broken = self.broken or b"{}"
        if self.process is not None:
            try:
                os.killpg(self.process.pid, signal.SIGKILL)
            except ProcessLookupError:
                pass
            self.process.wait()
        self.api.shutdown()
        self.api.server_close()
        shutil.rmtree(self.directory, ignore_errors=True)
