// SPDX-License-Identifier: Apache-2.0
import assert from "node:assert/strict";
import { test } from "node:test";
import { about, ago, clock, instant, moment, round, short } from "../../src/model/time";

test("a span is said in the units in which people think of it", () => {
  assert.equal(short(0), "0s");
  assert.equal(short(340), "340ms");
  assert.equal(short(12_000), "12s");
  assert.equal(short(282_000), "4m42s");
  assert.equal(short(3_720_000), "1h02m");
  assert.equal(short(273_600_000), "3d04h");
  assert.equal(short(-5), "0s");
});

test("a round span has no trailing zeroes", () => {
  assert.equal(round(900_000), "15m");
  assert.equal(round(3_600_000), "1h");
  assert.equal(round(282_000), "4m42s");
});

test("about how long takes one unit", () => {
  assert.equal(about(40), "1s");
  assert.equal(about(75_000), "75s");
  assert.equal(about(300_000), "5m");
  assert.equal(ago(1_000_000, 1_000_500), "just now");
  assert.equal(ago(0, 240_000), "4m ago");
});

test("never is no instant, and neither is what is no time at all", () => {
  assert.equal(instant("never"), undefined);
  assert.equal(instant(undefined), undefined);
  assert.equal(instant("soon"), undefined);
  assert.equal(instant("2026-01-27T10:18:06.000Z"), 1769509086000);
});

test("a moment is told in UTC", () => {
  assert.equal(moment(1769509086000), "27 Jan 2026 10:18:06 UTC");
  assert.equal(clock(1769509086000, false), "10:18");
});
