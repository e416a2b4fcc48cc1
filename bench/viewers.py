# SPDX-License-Identifier: Apache-2.0
"""Five hundred live views and fifty requests a second while a rollback runs, beside the same
rollback with nobody looking: what people look at must not hold up what they look at."""

import selectors
import socket
import statistics
import threading
import time

from measuring import figure
import stage as stages
import storms

VIEWERS = 500
REQUESTS_A_SECOND = 50
ROUNDS = 3
PATHS = ("/api/v1/environments", "/api/v1/rollbacks?active=true", "/api/v1/deployments?limit=20")


class Audience:
    """Reads whatever comes, of many connections, in one thread; and asks, in another."""

    def __init__(self, port):
        self.port = port
        self.stopping = threading.Event()
        self.bytes = 0
        self.answers = 0
        self.selector = selectors.DefaultSelector()
        self.sockets = [self.follow() for _ in range(VIEWERS)]
        self.threads = [threading.Thread(target=each, daemon=True)
                        for each in (self.read, self.ask)]
        for each in self.threads:
            each.start()

    def follow(self):
        connection = socket.create_connection(("127.0.0.1", self.port))
        connection.sendall(b"GET /api/v1/events HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n")
        connection.setblocking(False)
        self.selector.register(connection, selectors.EVENT_READ)
        return connection

    def read(self):
        while not self.stopping.is_set():
            for key, _ in self.selector.select(0.1):
                self.bytes += len(key.fileobj.recv(65536))

    def ask(self):
        begin = time.monotonic()
        while not self.stopping.wait(max(0.0, begin + self.answers / REQUESTS_A_SECOND
                                         - time.monotonic())):
            status, _ = stages.ask(self.port, PATHS[self.answers % len(PATHS)])
            if status != 200:
                raise ValueError(f"a request was answered with {status}")
            self.answers += 1

    def end(self):
        self.stopping.set()
        for each in self.threads:
            each.join()
        for each in self.sockets:
            each.close()


def seconds_of_a_rollback(watched):
    with stages.Stage(environments=["production"], policy={"settle": "3s"}) as stage:
        storms.good_and_new(stage)
        audience = Audience(stage.port) if watched else None
        done = stage.run("rollback", "production", "--yes", "--reason", "a benchmark")
        if done.returncode != 0:
            raise ChildProcessError(done.stderr)
        took = stage.document("history", "production", "--limit", "1")["rollbacks"][0]
        if audience:
            audience.end()
            if audience.bytes < VIEWERS * 1000:
                raise ValueError(f"{VIEWERS} viewers were told {audience.bytes} bytes")
        return moment(took["finishedAt"]) - moment(took["startedAt"])


def moment(text):
    return stages.datetime.datetime.fromisoformat(text.replace("Z", "+00:00")).timestamp()


def watched():
    alone, together = [], []
    for _ in range(ROUNDS):
        alone.append(seconds_of_a_rollback(False))
        together.append(seconds_of_a_rollback(True))
    ratio = statistics.median(together) / statistics.median(alone)
    figure(f"a rollback with {VIEWERS} viewers and {REQUESTS_A_SECOND} requests/s",
           f"{statistics.median(together):.2f} s")
    figure("  to the same with nobody looking", f"{ratio:.3f}", "<= 1.05", ratio <= 1.05)
