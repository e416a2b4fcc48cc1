// SPDX-License-Identifier: Apache-2.0
import assert from "node:assert/strict";
import { test } from "node:test";
import { marks, scaleOf, stagesOf, timing } from "../../src/model/timeline";
import { at, lane, rollback, start, step } from "./builders";

const steps = [
  step({
    name: "stop",
    state: "done",
    expected_ms: 5_000,
    expectedSlow_ms: 8_000,
    startedAt: at(1),
    finishedAt: at(4),
  }),
  step({ name: "barrier", state: "skipped" }),
  step({ name: "infrastructure", state: "skipped", detail: "unchanged since v1" }),
  step({ state: "under_way", startedAt: at(4), attempt: 2 }),
];
const after = (seconds: number) => start + seconds * 1000;

test("the parts are those of the command line", () => {
  const it = lane({ steps });
  const names = stagesOf(rollback({ lanes: [it] }), it, after(9)).map(
    (each) => `${each.name} ${each.state}`,
  );
  assert.deepEqual(names, [
    "decide done",
    "stop done",
    "infrastructure skipped",
    "application running",
    "settle pending",
    "check pending",
  ]);
});

test("a bar runs from the beginning of its step until now", () => {
  const it = lane({ steps });
  const application = stagesOf(rollback({ lanes: [it] }), it, after(9)).find(
    (each) => each.name === "application",
  );
  assert.deepEqual(application?.actual, { from: 4_000, to: 9_000 });
  assert.equal(timing(application!), "5s, 5s left");
  assert.match(application!.detail, /\(try 2\)$/);
});

test("what was expected lies one after the other, without what is skipped", () => {
  const it = lane({ steps });
  const planned = stagesOf(rollback({ lanes: [it] }), it, after(9)).map((each) => each.planned);
  assert.deepEqual(planned, [
    undefined,
    { from: 0, to: 5_000, slow: 8_000 },
    undefined,
    { from: 5_000, to: 15_000, slow: 20_000 },
    { from: 15_000, to: 75_000, slow: 75_000 },
    { from: 75_000, to: 95_000, slow: 105_000 },
  ]);
});

test("what was under way when its lane ended has failed, and what follows never began", () => {
  const it = lane({ steps, phase: "done", end: "failed", why: "no answer" });
  const ended = rollback({ lanes: [it], state: "escalated", finishedAt: at(20) });
  const states = stagesOf(ended, it, after(500)).map((each) => each.state);
  assert.deepEqual(states, ["done", "done", "skipped", "failed", "skipped", "skipped"]);
  const application = stagesOf(ended, it, after(500)).find((each) => each.name === "application");
  assert.deepEqual(application?.actual, { from: 4_000, to: 20_000 });
});

test("the first check that did not pass is named", () => {
  const checks = [
    { name: "version", verdict: "passed" as const, evidence: "v1" },
    { name: "health", verdict: "failed" as const, evidence: "503" },
  ];
  const it = lane({
    steps,
    phase: "judging",
    cutoverAt: at(10),
    validation: { verdict: "failed", success: false, failedAlarms: [], timestamp: 1, checks },
  });
  const check = stagesOf(rollback({ lanes: [it] }), it, after(80)).at(-1);
  assert.equal(check?.detail, "1 of 2 passed; health: 503");
  assert.equal(check?.state, "running");
  assert.deepEqual(check?.actual, { from: 70_000, to: 80_000 });
});

test("the deadline is on the axis only where it is near enough to be seen beside the rest", () => {
  const it = lane({ steps });
  const soon = rollback({ lanes: [it], deadlineAt: at(120) });
  assert.equal(scaleOf(soon, stagesOf(soon, it, after(9)), after(9)).deadline, 120_000);
  const far = rollback({ lanes: [it], deadlineAt: at(900) });
  const scale = scaleOf(far, stagesOf(far, it, after(9)), after(9));
  assert.equal(scale.deadline, undefined);
  assert.ok(scale.length > 105_000 && scale.length < 120_000);
});

test("an axis has few marks, at round times", () => {
  assert.deepEqual(marks(100_000, 5), [0, 30_000, 60_000, 90_000]);
  assert.deepEqual(marks(4_000, 5), [0, 1000, 2000, 3000, 4000]);
});
