// SPDX-License-Identifier: Apache-2.0
import assert from "node:assert/strict";
import { test } from "node:test";
import { csv } from "../../src/model/csv";
import { comparison, entries, filtered } from "../../src/model/history";
import { at, deployment, rollback } from "./builders";

const all = entries(
  [
    deployment("production", "v2", { startTime: at(-100) }),
    deployment("production", "v1", { kind: "rollback", startTime: at(1) }),
  ],
  [
    rollback(),
    rollback({
      id: "rb-2",
      origin: "drill",
      environment: "test",
      state: "succeeded",
      startedAt: at(-500),
      finishedAt: at(-480),
      operator: "bob",
    }),
  ],
);
const ids = (query: string) => filtered(all, new URLSearchParams(query)).map((each) => each.id);

test("a rollback stands there once, not again as what it deployed; newest first", () => {
  assert.deepEqual(
    all.map((each) => each.id),
    ["rb-1", "dep-production-v2", "rb-2"],
  );
});

test("each filter of the address leaves out what is not like that", () => {
  assert.deepEqual(ids("kind=drill"), ["rb-2"]);
  assert.deepEqual(ids("environment=production"), ["rb-1", "dep-production-v2"]);
  assert.deepEqual(ids("result=succeeded&trigger=drill"), ["rb-2"]);
  assert.deepEqual(ids("operator=BO"), ["rb-2"]);
  assert.deepEqual(ids("text=failures"), ["rb-1", "rb-2"]);
  assert.deepEqual(ids("since=2026-01-28"), []);
  assert.equal(ids("until=2026-01-27").length, 3);
});

test("a field of a table is quoted where it must be and is never a formula", () => {
  assert.equal(
    csv(["a"], [["x,y"], ['say "no"'], ["=1+1"], [undefined]]),
    'a\r\n"x,y"\r\n"say ""no"""\r\n\'=1+1\r\n\r\n',
  );
});

test("two releases are compared field by field", () => {
  const rows = comparison(
    deployment("production", "v2"),
    deployment("production", "v1", { infrastructureChanged: true }),
  );
  const differing = rows.filter((each) => each.differs).map((each) => each.name);
  assert.deepEqual(differing, ["version", "infrastructure changed"]);
});
