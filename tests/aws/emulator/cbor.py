# SPDX-License-Identifier: Apache-2.0
"""Reads the CBOR (RFC 8949) that newer clients send to CloudWatch."""

import datetime
import struct


def decode(data):
    value, end = item(data, 0)
    if end != len(data):
        raise ValueError("something follows the CBOR value")
    return value


def argument(data, at):
    """(the number that an initial byte carries, or None for an open end; where the rest begins)"""
    short = data[at] & 31
    at += 1
    if short < 24:
        return short, at
    if short == 31:
        return None, at
    size = 1 << (short - 24)
    if size > 8 or at + size > len(data):
        raise ValueError("broken CBOR")
    return int.from_bytes(data[at:at + size], "big"), at + size


def parts(data, at, count):
    """(`count` items, or all up to the break; where they end)"""
    found = []
    while len(found) != count:
        if count is None and data[at] == 0xFF:
            return found, at + 1
        value, at = item(data, at)
        found.append(value)
    return found, at


def special(data, at, number, start):
    if data[start] == 0xFB:
        return struct.unpack(">d", data[start + 1:at])[0]
    if data[start] == 0xFA:
        return struct.unpack(">f", data[start + 1:at])[0]
    if data[start] == 0xF9:
        return struct.unpack(">e", data[start + 1:at])[0]
    return {20: False, 21: True}.get(number)


def item(data, at):
    start, kind = at, data[at] >> 5
    number, at = argument(data, at)
    if kind == 0:
        return number, at
    if kind == 1:
        return -1 - number, at
    if kind in (2, 3):
        if number is None:
            pieces, at = parts(data, at, None)
            return (b"" if kind == 2 else "").join(pieces), at
        piece = data[at:at + number]
        return (piece if kind == 2 else piece.decode()), at + number
    if kind == 4:
        return parts(data, at, number)
    if kind == 5:
        flat, at = parts(data, at, None if number is None else 2 * number)
        return dict(zip(flat[::2], flat[1::2])), at
    if kind == 6:
        value, at = item(data, at)
        return (datetime.datetime.fromtimestamp(value, datetime.timezone.utc)
                if number == 1 else value), at
    return special(data, at, number, start), at
