# SPDX-License-Identifier: Apache-2.0
"""The stub as a process, what is put into it and read from it beside AWS's own calls, and a cpu
share like a small function's."""

import atexit
import collections
import contextlib
import http.client
import json
import os
import pathlib
import subprocess
import tempfile
import urllib.parse

TREE = pathlib.Path(__file__).resolve().parents[2]
BUILD = TREE / "build/release"
Object = collections.namedtuple("Object", "etag size writes")


def tool(name):
    return str(BUILD / "bench/aws" / f"bench-{name}")


def certificate():
    """A folder with cert.pem and key.pem for 127.0.0.1, made once for each run."""
    if not hasattr(certificate, "folder"):
        certificate.folder = tempfile.TemporaryDirectory(prefix="stepback-bench-")
        atexit.register(certificate.folder.cleanup)
        folder = certificate.folder.name
        subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt",
                        "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2",
                        "-keyout", f"{folder}/key.pem", "-out", f"{folder}/cert.pem",
                        "-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1"],
                       check=True, capture_output=True)
    return pathlib.Path(certificate.folder.name)


class Stub:
    """Use it in a `with`, or close() it."""

    def __init__(self, delay_ms=0, rate=0, tls=False):
        command = [tool("awsstub"), "--delay-ms", str(delay_ms), "--rate", str(rate)]
        self.authority = None
        if tls:
            self.authority = str(certificate() / "cert.pem")
            command += ["--tls", self.authority, str(certificate() / "key.pem")]
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                        text=True)
        port, admin = self.process.stdout.readline().split()
        self.endpoint = f"{'https' if tls else 'http'}://127.0.0.1:{port}"
        self.admin_port = int(admin)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        self.process.stdin.close()
        self.process.wait()
        self.process.stdout.close()

    def tell(self, method, path, body=b"", headers=None):
        connection = http.client.HTTPConnection("127.0.0.1", self.admin_port, timeout=60)
        try:
            connection.request(method, path, body, headers or {})
            answer = connection.getresponse()
            text = answer.read().decode()
            if answer.status >= 300:
                raise ValueError(f"{method} {path}: {text}")
            return text
        finally:
            connection.close()

    def call(self, target, **parameters):
        """One call of a JSON service, as AWS: call("DynamoDB_20120810.PutItem", ...)."""
        return json.loads(self.tell("POST", "/", json.dumps(parameters), {"X-Amz-Target": target}))

    def put(self, bucket, key, body="", metadata=None):
        """One object as a client would put it, metadata and all."""
        headers = {f"x-amz-meta-{name}": value for name, value in (metadata or {}).items()}
        self.tell("PUT", urllib.parse.quote(f"/{bucket}/{key}"), body, headers)

    def fill(self, bucket, objects):
        """Many at once: pairs of key and text, neither with a TAB or a line's end."""
        self.tell("PUT", f"/{bucket}")
        lines = "".join(f"{key}\t{text}\n" for key, text in objects)
        self.tell("PUT", f"/-/objects?bucket={bucket}", lines.encode())

    def alarm(self, name, state="OK"):
        self.call("GraniteServiceVersion20100801.PutMetricAlarm", AlarmName=name)
        self.call("GraniteServiceVersion20100801.SetAlarmState", AlarmName=name, StateValue=state)

    def objects(self, bucket, prefix=""):
        query = urllib.parse.urlencode({"bucket": bucket, "prefix": prefix})
        lines = self.tell("GET", f"/-/objects?{query}").splitlines()
        rows = (line.rsplit("\t", 3) for line in lines)
        return {key: Object(etag, int(size), int(writes)) for key, etag, size, writes in rows}

    def counts(self):
        return json.loads(self.tell("GET", "/-/counts"))

    def messages(self):
        return [json.loads(line) for line in self.tell("GET", "/-/messages").splitlines()]

    def keep(self):
        self.tell("POST", "/-/keep")

    def restore(self):
        self.tell("POST", "/-/restore")

    def forget(self):
        self.tell("POST", "/-/forget")


def item(**attributes):
    """An item of DynamoDB from plain values."""
    def typed(value):
        if isinstance(value, bool):
            return {"BOOL": value}
        return {"N": str(value)} if isinstance(value, int) else {"S": value}
    return {name: typed(value) for name, value in attributes.items()}


@contextlib.contextmanager
def cpu_share(share):
    """A cgroup with so much of one CPU, in periods of 20 ms; None where one cannot be made."""
    period = 20000
    quota = round(period * share)
    old = pathlib.Path("/sys/fs/cgroup/cpu")
    root = old if old.is_dir() else pathlib.Path("/sys/fs/cgroup")
    folder = root / f"stepback-bench-{os.getpid()}"
    try:
        folder.mkdir()
        if old.is_dir():
            (folder / "cpu.cfs_period_us").write_text(str(period))
            (folder / "cpu.cfs_quota_us").write_text(str(quota))
        else:
            (folder / "cpu.max").write_text(f"{quota} {period}")
    except OSError:
        with contextlib.suppress(OSError):
            folder.rmdir()
        yield None
        return
    try:
        yield folder
    finally:
        folder.rmdir()
