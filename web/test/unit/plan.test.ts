// SPDX-License-Identifier: Apache-2.0
import assert from "node:assert/strict";
import { test } from "node:test";
import type { Plan } from "../../src/api/types";
import { command, flag, quoted } from "../../src/model/commands";
import { consequences, costOf, rowsOf, wishOf } from "../../src/model/plan";
import { hasActed, rollbackCommand } from "../../src/model/rollback";
import { lane, rollback, step } from "./builders";

const it = rollback({
  lanes: [
    lane({
      steps: [
        step({ name: "stop" }),
        step({ name: "infrastructure", state: "skipped", detail: "unchanged" }),
        step(),
      ],
    }),
  ],
});
const plan = (more: Partial<Plan> = {}): Plan => ({
  schema: "stepback/v1/plan",
  hash: "7c1e09",
  request: { environment: "production", level: "stage", reason: "", wish: it.wish },
  currentVersion: "v2",
  targetVersion: "v1",
  predictedSeconds: 300,
  predictedSlowSeconds: 1000,
  rollback: it,
  ...more,
});

test("what a shell would take for something else is quoted", () => {
  assert.equal(quoted("abc-1.2"), "abc-1.2");
  assert.equal(quoted("it's $(bad)"), `'it'\\''s $(bad)'`);
  assert.equal(
    command("hold add", "production", flag("version", "v 1"), false, flag("reason", "")),
    "stepback hold add production --version 'v 1'",
  );
});

test("the command asks for all that the rollback was asked for", () => {
  const wish = {
    ...it.wish,
    infrastructure: false,
    dataRiskAccepted: true,
    acceptedAlarms: ["a-b"],
  };
  assert.equal(
    rollbackCommand({ environment: "production", level: "full", wish, reason: "it hurts" }, "v1"),
    "stepback rollback production --to v1 --scope full --component app --accept-data-risk " +
      "--accept-alarm a-b --reason 'it hurts'",
  );
});

test("a plan's rows end with settling, checking and keeping the bad one out", () => {
  assert.deepEqual(
    rowsOf(it, it.lanes[0]!).map((each) => each.name),
    ["stop", "infrastructure", "application", "settle", "check", "finish"],
  );
});

test("a plan that nine in ten times is slower than its budget says so", () => {
  assert.equal(costOf(plan()).mayMiss, true);
  assert.equal(costOf(plan({ predictedSlowSeconds: 800 })).mayMiss, false);
});

test("what the address asks for becomes the wish", () => {
  const query = new URLSearchParams(
    "to=v1&scope=full&component=app&data-risk=accepted&accept-alarm=x",
  );
  assert.deepEqual(wishOf("production", query), {
    environment: "production",
    target: "v1",
    level: "full",
    components: ["application"],
    acceptDataRisk: true,
    acceptAlarms: ["x"],
  });
  assert.deepEqual(wishOf("production", new URLSearchParams("component=all")), {
    environment: "production",
  });
});

test("a severe act says what it may cost", () => {
  const severe = plan({
    confirm: "production",
    request: { ...plan().request, wish: { ...it.wish, dataRiskAccepted: true } },
  });
  assert.match(consequences(severe).join(), /data written since may be lost/);
  assert.deepEqual(consequences(plan()), []);
});

test("a rollback whose steps only wait has changed nothing", () => {
  assert.equal(hasActed(it), false);
  assert.equal(
    hasActed(rollback({ lanes: [lane({ steps: [step({ state: "under_way" })] })] })),
    true,
  );
});
