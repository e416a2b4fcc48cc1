// SPDX-License-Identifier: Apache-2.0
// A plan in rows, and what it would take. Pure.
import type { Lane, Plan, PlanWish, Rollback } from "../api/types";
import { about, instant, round } from "./time";
import { count, shortVersion } from "./words";

export interface PlanRow {
  name: string;
  what: string;
  time: string;
  isSkipped: boolean;
}

function purpose(step: Lane["steps"][number], lane: Lane): string {
  if (step.state === "skipped") return `${step.detail || "not needed"}: nothing to do`;
  switch (step.name) {
    case "stop":
      return "whatever still deploys here";
    case "barrier":
      return "nothing older can land after this";
    case "infrastructure":
      return lane.target?.infrastructureVersion
        ? `back to ${lane.target.infrastructureVersion}`
        : "back to what the target had";
    case "application": {
      const files =
        lane.target && lane.target.files > 0 ? ` (${count(lane.target.files, "file")})` : "";
      return `switch to ${shortVersion(lane.target?.release.version ?? "the target")}${files}`;
    }
  }
}

export function rowsOf(rollback: Rollback, lane: Lane): PlanRow[] {
  const { policy } = rollback;
  const alarms = count(lane.alarms.length, "alarm");
  const rows: PlanRow[] = [];
  for (const step of lane.steps) {
    const isSkipped = step.state === "skipped";
    if (isSkipped && step.name === "barrier") continue; // it goes with the infrastructure
    const time = isSkipped
      ? "–"
      : step.expected_ms > 0
        ? `about ${about(step.expected_ms)}`
        : "no history";
    rows.push({ name: step.name, what: purpose(step, lane), time, isSkipped });
  }
  rows.push({
    name: "settle",
    what: "alarms are watched, nothing may pass yet",
    time: round(policy.settle_ms),
    isSkipped: false,
  });
  rows.push({
    name: "check",
    what: `${alarms}, health, version, logs quiet for ${round(policy.quiet_ms)}`,
    time: lane.validationUsual_ms > 0 ? `about ${about(lane.validationUsual_ms)}` : "no history",
    isSkipped: false,
  });
  rows.push({
    name: "finish",
    what: `record, notices; keep ${shortVersion(rollback.rejected.version ?? "")} out`,
    time: "",
    isSkipped: false,
  });
  return rows;
}

export interface Cost {
  usual: number;
  slow: number;
  budget: number;
  mayMiss: boolean;
}

export function costOf(plan: Plan): Cost {
  const from = instant(plan.rollback.startedAt) ?? 0;
  const budget =
    (instant(plan.rollback.deadlineAt) ?? from + plan.rollback.policy.budget_ms) - from;
  const usual = plan.predictedSeconds * 1000;
  const slow = plan.predictedSlowSeconds * 1000;
  return { usual, slow, budget, mayMiss: slow > budget };
}

// What the address asks for, and back: a plan can be linked to.
export function wishOf(environment: string, query: URLSearchParams): PlanWish {
  const wish: PlanWish = { environment };
  const to = query.get("to");
  if (to) wish.target = to;
  if (query.get("scope") === "full") wish.level = "full";
  const component = query.get("component");
  if (component === "app") wish.components = ["application"];
  if (component === "infra") wish.components = ["infrastructure"];
  if (query.get("data-risk") === "accepted") wish.acceptDataRisk = true;
  if (query.get("further") === "accepted") wish.further = true;
  if (query.get("unbaked") === "accepted") wish.acceptUnbaked = true;
  const alarms = query.getAll("accept-alarm").filter((each) => each);
  if (alarms.length > 0) wish.acceptAlarms = alarms;
  return wish;
}

// Said in the warning of a severe act: what it may cost.
export function consequences(plan: Plan): string[] {
  const { wish, environment, level } = plan.request;
  const lanes = plan.rollback.lanes.filter((each) => each.acts).map((each) => each.environment);
  return [
    level === "full"
      ? `It changes ${lanes.join(", ")}: all that run ${shortVersion(plan.currentVersion)}.`
      : "",
    wish.dataRiskAccepted
      ? "A one-way change may lie between the two releases: data written since may be lost."
      : "",
    ...wish.acceptedAlarms.map((each) => `${each} may stay red, and it will be called a success.`),
    wish.unbakedAllowed ? "The target may never have been watched for its whole bake time." : "",
    plan.confirm && level !== "full" && !wish.dataRiskAccepted
      ? `People are served by ${environment}.`
      : "",
  ].filter((each) => each);
}
