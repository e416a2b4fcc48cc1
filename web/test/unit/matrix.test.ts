// SPDX-License-Identifier: Apache-2.0
import assert from "node:assert/strict";
import { test } from "node:test";
import { headline, matrix } from "../../src/model/matrix";
import { deployment, environment, lane, release, rollback, start } from "./builders";

const deployments = [
  deployment("production", "v2"),
  deployment("test", "v2"),
  deployment("production", "v1", { goodTime: "2026-01-20T00:00:00.000Z" }),
  deployment("production", "v0", { status: "failed" }),
];
const words = (releases: ReturnType<typeof matrix>) =>
  releases.map((each) => [each.version, ...each.cells.map((cell) => cell.word?.word ?? "")]);

test("each release says where it runs, was, or failed", () => {
  const found = matrix(
    [environment("test", "v2"), environment("production", "v2")],
    deployments,
    start,
  );
  assert.deepEqual(words(found), [
    ["v2", "runs 10m", "runs 10m"],
    ["v1", "was here", "was here, good"],
    ["v0", "", "failed"],
  ]);
  assert.deepEqual(
    found[1]?.cells.map((each) => each.isTarget),
    [true, true],
  );
});

test("what is being gone back to is told from what must go", () => {
  const active = rollback({ rejected: release("v2"), lanes: [lane()] });
  const found = matrix(
    [environment("production", "v2", { condition: "rolling_back", rollback: active })],
    deployments,
    start,
  );
  assert.deepEqual(words(found).slice(0, 2), [
    ["v2", "must go"],
    ["v1", "rolling back to this"],
  ]);
  assert.equal(found[0]?.cells[0]?.isBad, true);
});

test("a hold is shown with its reason", () => {
  const held = environment("production", "v2");
  held.head.holds = [{ version: "v1", until: "fixed", reason: "alarm failures" }];
  const cell = matrix([held], deployments, start)[1]?.cells[0];
  assert.equal(cell?.word?.word, "held");
  assert.deepEqual(cell?.more, ["alarm failures"]);
});

test("what runs is listed however old it is", () => {
  const many = Array.from({ length: 20 }, (_, each) => deployment("test", `n${each}`));
  const found = matrix([environment("production", "v2")], [...many, ...deployments], start, 4);
  assert.ok(found.some((each) => each.version === "v2"));
  assert.ok(found.some((each) => each.version === "v1"));
  assert.equal(found.length, 6);
});

test("the title says the worst of what is going on", () => {
  const well = environment("test", "v2");
  const bad = environment("production", "v2", { condition: "alarm" });
  const rolling = environment("production", "v2", {
    condition: "rolling_back",
    rollback: rollback(),
  });
  assert.equal(headline([well], "shop"), "✔ shop");
  assert.equal(headline([well, bad], "shop"), "✖ production");
  assert.equal(headline([bad, rolling], "shop"), "◌ production rolling back");
});
