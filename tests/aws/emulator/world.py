# SPDX-License-Identifier: Apache-2.0
"""What every part of the emulator knows: account, region, its own address, how to start anew.

The parts beside this file change moto in place, in the process that serves it. What a part keeps
besides moto's own state it gives up on a reset, so that `POST /moto-api/reset` makes a clean world.
"""

import sys
import threading

try:
    import moto
except ImportError:
    sys.exit("moto is missing: pip install 'moto[server]==5.2.1'")

ACCOUNT = "123456789012"
REGION = "us-east-1"
MOTO = "5.2."

if not moto.__version__.startswith(MOTO):
    sys.exit(f"this emulator leans on the inside of moto {MOTO}x, and this is moto "
             f"{moto.__version__}: pip install 'moto[server]==5.2.1'")

_address = {"port": 0}
_on_reset = []


def arn(service, resource):
    return f"arn:aws:{service}:{REGION}:{ACCOUNT}:{resource}"


def listen_on(port):
    _address["port"] = port


def endpoint():
    return f"http://127.0.0.1:{_address['port']}"


def on_reset(forget):
    """`forget` is called when the world is made anew; usable as a decorator."""
    _on_reset.append(forget)
    return forget


def reset():
    for forget in _on_reset:
        forget()


def pause(seconds):
    threading.Event().wait(seconds)


def in_background(what, *arguments):
    """A thread that the emulator does not wait for at its end."""
    thread = threading.Thread(target=what, args=arguments, daemon=True)
    thread.start()
    return thread
