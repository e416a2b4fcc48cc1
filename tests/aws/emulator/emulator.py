#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""AWS on loopback for tests: moto 5.2 in this process, mended and extended by the parts beside it.

Usage: emulator.py PORT [--check] [--until-input-ends]

PORT 0 takes a free one. The first line of output is `listening on http://127.0.0.1:PORT`. With
--check every request is held against AWS's published models and its signature (wire_check.py).
It ends on SIGTERM or, if told so, when its standard input does, and its functions with it.
control.py lists what a test can tell it.
"""

import argparse
import logging
import os
import signal
import sys
import threading

import world
from server import Server


def application(check):
    """The parts import moto's services, so they come after the address is known."""
    import control
    if check:
        import wire_check
        return wire_check.WireCheck(control.Control())
    return control.Control()


def end_with_input(server):
    while os.read(sys.stdin.fileno(), 4096):
        pass
    server.shutdown()


def main():
    arguments = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    arguments.add_argument("port", type=int)
    arguments.add_argument("--check", action="store_true")
    arguments.add_argument("--until-input-ends", action="store_true")
    given = arguments.parse_args()
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    try:
        server = Server(given.port, None)
    except OSError as error:
        sys.exit(f"port {given.port} cannot be had: {error.strerror}")
    world.listen_on(server.server_port)
    os.environ["MOTO_PORT"] = str(server.server_port)
    server.application = application(given.check)
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: threading.Thread(target=server.shutdown).start())
    if given.until_input_ends:  # whoever started it may be killed
        world.in_background(end_with_input, server)
    print(f"listening on {world.endpoint()}", flush=True)
    try:
        server.serve_forever(poll_interval=0.1)
    finally:
        world.reset()


if __name__ == "__main__":
    main()
