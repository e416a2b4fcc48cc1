# SPDX-License-Identifier: Apache-2.0
"""An HTTP/1.1 server on loopback for one WSGI application, a thread for each connection.

Three things that the usual servers lack: connections stay open between requests, as AWS keeps them;
the request's target reaches the application as it was on the wire (REQUEST_URI), which signatures
need; and the application may raise `Dropped` to close the connection without an answer.
"""

import io
import socket
import sys
import traceback
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import unquote_to_bytes

NO_BODY = (204, 304)


class Dropped(Exception):
    """The client gets no answer, but the end of the connection."""


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    wbufsize = -1  # one packet for a short answer
    timeout = 300

    def log_message(self, format, *arguments):  # the tests' output is enough to read
        pass

    def handle_expect_100(self):
        going_on = super().handle_expect_100()
        self.wfile.flush()
        return going_on

    def body(self):
        if "chunked" not in self.headers.get("Transfer-Encoding", ""):
            return self.rfile.read(int(self.headers.get("Content-Length") or 0))
        parts = []
        while size := int(self.rfile.readline().split(b";")[0], 16):
            parts.append(self.rfile.read(size))
            self.rfile.readline()
        while self.rfile.readline().strip():
            pass
        return b"".join(parts)

    def environment(self, body):
        path, _, query = self.path.partition("?")
        environment = {
            "REQUEST_METHOD": self.command, "SCRIPT_NAME": "", "QUERY_STRING": query,
            "PATH_INFO": unquote_to_bytes(path).decode("latin-1"),
            "REQUEST_URI": self.path, "RAW_URI": self.path,
            "SERVER_NAME": "127.0.0.1", "SERVER_PORT": str(self.server.server_port),
            "SERVER_PROTOCOL": "HTTP/1.1", "REMOTE_ADDR": "127.0.0.1",
            "CONTENT_LENGTH": str(len(body)), "CONTENT_TYPE": self.headers.get("Content-Type", ""),
            "wsgi.version": (1, 0), "wsgi.url_scheme": "http", "wsgi.input": io.BytesIO(body),
            "wsgi.errors": sys.stderr, "wsgi.multithread": True, "wsgi.multiprocess": False,
            "wsgi.run_once": False, "emulator.headers": self.headers.items()}
        for name in set(self.headers):
            key = name.upper().replace("-", "_")
            if key not in ("CONTENT_TYPE", "CONTENT_LENGTH", "TRANSFER_ENCODING"):
                environment["HTTP_" + key] = ",".join(self.headers.get_all(name))
        return environment

    def answer(self):
        """(status, headers, body) from the application; what it throws becomes a 500."""
        try:
            started = []
            parts = self.server.application(
                self.environment(self.body()),
                lambda status, headers, exc_info=None: started.append((status, headers)))
            body = b"".join(parts)
            return int(started[-1][0].split()[0]), started[-1][1], body
        except Dropped:
            raise
        except Exception:
            traceback.print_exc()
            sys.stderr.flush()
            return 500, [("Content-Type", "text/plain")], traceback.format_exc().encode()

    def serve(self):
        try:
            status, headers, body = self.answer()
        except Dropped:
            self.close_connection = True
            self.connection.shutdown(socket.SHUT_RDWR)
            return
        self.send_response(status)
        length = None
        for name, value in headers:
            if name.lower() == "content-length":
                length = value  # a HEAD says how long the thing is, without sending it
            elif name.lower() not in ("connection", "transfer-encoding", "date", "server"):
                self.send_header(name, value)
        if self.command != "HEAD" or length is None:
            length = len(body)
        if status not in NO_BODY:
            self.send_header("Content-Length", str(length))
        self.end_headers()
        if self.command != "HEAD" and status not in NO_BODY:
            self.wfile.write(body)

    def handle(self):
        try:
            super().handle()
        except OSError:  # the client went away
            self.close_connection = True

    do_GET = do_POST = do_PUT = do_HEAD = do_DELETE = do_PATCH = do_OPTIONS = serve


class Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128

    def __init__(self, port, application):
        super().__init__(("127.0.0.1", port), Handler)
        self.application = application

    def handle_error(self, request, client_address):
        traceback.print_exc()
