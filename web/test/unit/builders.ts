// SPDX-License-Identifier: Apache-2.0
// Records for tests, with what a test does not care about filled in.
import type { Deployment, Environment, Lane, Rollback, Step } from "../../src/api/types";

export const start = Date.parse("2026-01-27T10:18:00.000Z");
export const at = (seconds: number): string => new Date(start + seconds * 1000).toISOString();

export const release = (version: string) => ({
  deploymentId: `dep-${version}`,
  version,
  digest: "ab",
});

export function step(more: Partial<Step> = {}): Step {
  return {
    name: "application",
    state: "waiting",
    attempt: 1,
    operation: 1,
    expected_ms: 10_000,
    expectedSlow_ms: 15_000,
    ...more,
  };
}

export function lane(more: Partial<Lane> = {}): Lane {
  return {
    environment: "production",
    acts: true,
    deploymentId: "dep-v2",
    from: release("v2"),
    refused: [],
    excluded: [],
    alarms: [],
    target: {
      release: release("v1"),
      status: "succeeded",
      artifacts: "present",
      files: 3,
      findings: [],
    },
    phase: "performing",
    steps: [],
    operation: 1,
    validationUsual_ms: 20_000,
    validationSlow_ms: 30_000,
    ...more,
  };
}

// Records grow: what no test here looks at is left out.
const policy = { budget_ms: 900_000, settle_ms: 60_000, quiet_ms: 60_000 } as Rollback["policy"];
const wish = { application: true, infrastructure: true, acceptedAlarms: [] as string[] };

export function rollback(more: Partial<Rollback> = {}): Rollback {
  return {
    id: "rb-1",
    environment: "production",
    level: "stage",
    origin: "automatic",
    state: "active",
    rejected: release("v2"),
    reason: "alarm failures",
    operator: "automation",
    startedAt: at(0),
    deadlineAt: at(900),
    findings: [],
    evidence: [],
    wish: wish as Rollback["wish"],
    lanes: [lane()],
    tookOver: [],
    lease: { epoch: 1 },
    policy,
    warnedOfBudget: false,
    journaled: 1,
    revision: 1,
    ...more,
  };
}

export function deployment(
  environment: string,
  version: string,
  more: Partial<Deployment> = {},
): Deployment {
  return {
    deploymentId: `dep-${environment}-${version}`,
    environment,
    version,
    status: "succeeded",
    kind: "deploy",
    startTime: at(-600),
    bake_ms: 1,
    baseline: [],
    gates: [],
    amendments: [],
    revision: 1,
    startedBy: "alice",
    ...more,
  };
}

export function environment(
  name: string,
  version: string,
  more: Partial<Environment> = {},
): Environment {
  return {
    schema: "stepback/v1/environment",
    environment: name,
    state: "healthy",
    condition: "healthy",
    protected: false,
    version,
    deployment: deployment(name, version),
    rollbackReadiness: { ready: true, targetVersion: "v1" },
    head: {
      environment: name,
      live: release(version),
      operations: 1,
      holds: [],
      automatic: [],
      gates: [],
      alerts: [],
      revision: 1,
    } as unknown as Environment["head"],
    asOf: at(0),
    ...more,
  };
}
