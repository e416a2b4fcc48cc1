# SPDX-License-Identifier: Apache-2.0
"""The AWS CLI without its second of start-up: loaded once, then forked for each command.

Usage: quick_cli.py serve SOCKET                 in the CLI's own Python, until its input ends
       quick_cli.py call SOCKET ARGUMENT...      as if it were `aws ARGUMENT...`

The fork has the caller's arguments, variables, folder, and standard input, output and errors.
"""

import json
import os
import select
import signal
import socket
import struct
import sys

MOST = 1 << 20


def call(path, arguments):
    with socket.socket(socket.AF_UNIX) as server:
        server.connect(path)
        what = json.dumps({"arguments": arguments, "folder": os.getcwd(),
                           "variables": dict(os.environ)}).encode()
        socket.send_fds(server, [struct.pack("<I", len(what))], [0, 1, 2])
        server.sendall(what)
        status = server.recv(1)
    return status[0] if status else 255


def receive(client):
    size, files, _, _ = socket.recv_fds(client, 4, 3)
    wanted, data = struct.unpack("<I", size)[0], b""
    while len(data) < min(wanted, MOST):
        data += client.recv(wanted - len(data))
    return json.loads(data), files


def run(main, set_by_cli, client):
    """In the fork: becomes the command."""
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    what, files = receive(client)
    for number, file in enumerate(files):
        os.dup2(file, number)
        os.close(file)
    os.chdir(what["folder"])
    os.environ.clear()
    os.environ.update({**what["variables"], **set_by_cli})
    sys.argv = ["aws", *what["arguments"]]
    try:
        status = main()
    except SystemExit as end:
        status = end.code if isinstance(end.code, int) else 0 if end.code is None else 1
    sys.stdout.flush()
    sys.stderr.flush()
    client.send(bytes([(status or 0) & 255]))


def serve(path):
    before = dict(os.environ)
    from awscli.clidriver import main
    set_by_cli = {name: value for name, value in os.environ.items() if before.get(name) != value}
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # nobody waits for the forks
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(path)
        listener.listen(16)
        print("ready", flush=True)
        while listener in select.select([listener, sys.stdin], [], [])[0]:
            client, _ = listener.accept()
            with client:
                if os.fork() == 0:
                    try:
                        run(main, set_by_cli, client)
                    finally:
                        os._exit(0)


if __name__ == "__main__":
    if sys.argv[1] == "serve":
        serve(sys.argv[2])
    else:
        sys.exit(call(sys.argv[2], sys.argv[3:]))
