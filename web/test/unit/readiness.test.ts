// SPDX-License-Identifier: Apache-2.0
import assert from "node:assert/strict";
import { test } from "node:test";
import type { Readiness } from "../../src/api/types";
import { readyWord } from "../../src/model/readiness";
import { at, environment } from "./builders";

const looked = (verdict: Readiness["verdict"], seconds: number): Readiness[] => [
  {
    schema: "stepback/v1/readiness",
    environment: "production",
    verdict,
    unproven: ["proof"],
    checks: [],
    asOf: at(seconds),
  },
];

test("what was looked at before this release ran is not held against it", () => {
  const production = environment("production", "v2"); // since ten minutes
  assert.equal(readyWord(production, looked("failed", -700)).word.tone, "ok");
  assert.match(readyWord(production, looked("failed", -700)).more, /not looked at/);
  assert.equal(readyWord(production, looked("failed", -10)).word.tone, "bad");
  assert.equal(readyWord(production, looked("inconclusive", -10)).word.tone, "warn");
  assert.equal(readyWord(production, looked("passed", -10)).more, "unproven: proof");
});

test("without a target nothing else counts", () => {
  const stuck = environment("production", "v2", { rollbackReadiness: { ready: false } });
  assert.equal(readyWord(stuck, looked("passed", 0)).word.word, "nothing to go back to");
});
