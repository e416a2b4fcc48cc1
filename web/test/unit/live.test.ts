// SPDX-License-Identifier: Apache-2.0
import assert from "node:assert/strict";
import { test } from "node:test";
import { freshness, pauseBefore, staleSince } from "../../src/live/connection";
import { EventReader } from "../../src/live/events";

test("events come whole however the stream is cut", () => {
  const text =
    'id: 7\nevent: rollback\ndata: {"id":"rb-1"}\n\n: still here\n\n' +
    "id: 8\r\nevent: notice\r\ndata: a\r\ndata: b\r\n\r\n";
  for (const size of [1, 2, 5, 1000]) {
    const reader = new EventReader();
    const found = [];
    for (let at = 0; at < text.length; at += size)
      found.push(...reader.read(text.slice(at, at + size)));
    assert.deepEqual(
      found,
      [
        { id: "7", event: "rollback", data: '{"id":"rb-1"}' },
        { id: "8", event: "notice", data: "a\nb" },
      ],
      `in pieces of ${size}`,
    );
    assert.equal(reader.lastId, "8");
  }
});

test("a comment is no event", () => {
  assert.deepEqual(new EventReader().read(": still here\n\n"), []);
});

test("what is shown is stale once the stream was broken for ten seconds", () => {
  assert.equal(freshness({}, 0), "connecting");
  assert.equal(freshness({ openedAt: 1, heardAt: 1 }, 100_000), "live");
  const broken = { openedAt: 1, heardAt: 5_000, brokenAt: 6_000 };
  assert.equal(freshness(broken, 15_999), "reconnecting");
  assert.equal(freshness(broken, 16_000), "stale");
  assert.equal(staleSince(broken), 5_000);
});

test("a page that never had a stream is not called live", () => {
  assert.equal(freshness({ brokenAt: 0 }, 500), "connecting");
  assert.equal(freshness({ brokenAt: 0 }, 10_000), "stale");
});

test("the next try is soon at first, and never far", () => {
  assert.equal(pauseBefore(0), 250);
  assert.ok(pauseBefore(3) > pauseBefore(1));
  assert.equal(pauseBefore(50), 5000);
});
