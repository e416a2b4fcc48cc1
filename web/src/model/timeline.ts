// SPDX-License-Identifier: Apache-2.0
// A lane of a rollback as rows of a timeline: what was expected of each part, and what it took.
// The parts are those of the command line's live view. Pure.
import type { Lane, Rollback, Step } from "../api/types";
import { instant, round, short } from "./time";
import { count, shortVersion } from "./words";

export type StageState = "pending" | "running" | "done" | "skipped" | "failed";

// In milliseconds since the rollback began.
export interface Span {
  from: number;
  to: number;
}
export interface Stage {
  name: string;
  state: StageState;
  detail: string;
  usual: number;
  planned?: Span & { slow: number };
  actual?: Span;
}

const begun = (rollback: Rollback) => instant(rollback.startedAt) ?? 0;
const isOver = (lane: Lane) => lane.phase === "done";
const endedWell = (lane: Lane) => lane.end === "passed" || lane.end === "verified";

function decide(rollback: Rollback, lane: Lane, now: number): Stage {
  const start = begun(rollback);
  const first = lane.steps.map((each) => instant(each.startedAt)).find((at) => at !== undefined);
  const until = first ?? instant(lane.cutoverAt) ?? instant(rollback.finishedAt) ?? now;
  const stage: Stage = {
    name: "decide",
    state: "done",
    detail: "",
    usual: 0,
    actual: { from: 0, to: until - start },
  };
  if (lane.phase === "claiming" || lane.phase === "planning") {
    stage.state = "running";
    stage.detail =
      lane.phase === "claiming"
        ? "waits until the environment is free"
        : "looks for a version to go back to";
    stage.actual = { from: 0, to: now - start };
  } else if (lane.target) {
    const refused =
      lane.refused.length > 0 ? `; ${count(lane.refused.length, "candidate")} refused` : "";
    stage.detail = `target ${shortVersion(lane.target.release.version ?? "")}${refused}`;
  } else if (!lane.acts) {
    stage.detail = lane.from.version
      ? `${shortVersion(lane.from.version)} is not what must go`
      : "nothing runs here";
  } else {
    stage.state = isOver(lane) && !endedWell(lane) ? "failed" : "done";
    stage.detail = lane.why ?? "";
  }
  return stage;
}

const stepStates: Record<Step["state"], StageState> = {
  waiting: "pending",
  under_way: "running",
  done: "done",
  skipped: "skipped",
  failed: "failed",
};

function purpose(step: Step, lane: Lane): string {
  if (step.state === "skipped") return `${step.detail ?? "not needed"}: nothing to do`;
  if (step.detail) return step.detail;
  const target = lane.target;
  switch (step.name) {
    case "stop":
      return "whatever still deploys here";
    case "barrier":
      return "nothing older can land after this";
    case "infrastructure":
      return target?.infrastructureVersion
        ? `back to ${target.infrastructureVersion}`
        : "back to what the target had";
    case "application": {
      const files = target && target.files > 0 ? ` (${count(target.files, "file")})` : "";
      return target ? `switch to ${shortVersion(target.release.version ?? "")}${files}` : "switch";
    }
  }
}

function stepStage(rollback: Rollback, lane: Lane, step: Step, now: number): Stage {
  let state = stepStates[step.state];
  if (isOver(lane) && state === "running") state = "failed";
  if (isOver(lane) && state === "pending") state = "skipped";
  const tries = step.attempt > 1 ? ` (try ${step.attempt})` : "";
  const stage: Stage = {
    name: step.name,
    state,
    detail: purpose(step, lane) + tries,
    usual: step.expected_ms,
  };
  const from = instant(step.startedAt);
  if (from !== undefined) {
    const to = instant(step.finishedAt) ?? instant(rollback.finishedAt) ?? now;
    stage.actual = { from: from - begun(rollback), to: to - begun(rollback) };
  }
  return stage;
}

function settle(rollback: Rollback, lane: Lane, now: number): Stage {
  const usual = rollback.policy.settle_ms;
  const stage: Stage = {
    name: "settle",
    state: "pending",
    detail: "alarms are watched, nothing may pass yet",
    usual,
  };
  const cutover = instant(lane.cutoverAt);
  if (cutover === undefined) {
    if (isOver(lane)) stage.state = "skipped";
    return stage;
  }
  const end = Math.min(cutover + usual, instant(rollback.finishedAt) ?? now);
  stage.actual = { from: cutover - begun(rollback), to: end - begun(rollback) };
  stage.state =
    lane.phase === "settling"
      ? "running"
      : lane.phase === "judging" || isOver(lane)
        ? "done"
        : "pending";
  return stage;
}

function checkText(lane: Lane): string {
  const checks = lane.validation?.checks;
  if (!checks || checks.length === 0) return "alarms, health, version, logs";
  const passed = checks.filter((each) => each.verdict === "passed").length;
  const first = checks.find((each) => each.verdict !== "passed");
  const rest = first ? `; ${first.name}: ${first.evidence ?? first.verdict}` : "";
  return `${passed} of ${checks.length} passed${rest}`;
}

function check(rollback: Rollback, lane: Lane, now: number): Stage {
  const stage: Stage = {
    name: "check",
    state: "pending",
    detail: checkText(lane),
    usual: lane.validationUsual_ms,
  };
  const from =
    (instant(lane.cutoverAt) ?? begun(rollback)) + (lane.acts ? rollback.policy.settle_ms : 0);
  const to = instant(rollback.finishedAt) ?? now;
  const looked = lane.validation !== undefined;
  if (lane.phase === "judging") stage.state = "running";
  if (isOver(lane)) stage.state = endedWell(lane) ? "done" : looked ? "failed" : "skipped";
  const shown = lane.phase === "judging" || (isOver(lane) && looked);
  if (shown && to > from) stage.actual = { from: from - begun(rollback), to: to - begun(rollback) };
  return stage;
}

// What was expected when it began, one after the other.
function lay(stages: Stage[], lane: Lane): void {
  const slow = new Map<string, number>(lane.steps.map((each) => [each.name, each.expectedSlow_ms]));
  slow.set("check", lane.validationSlow_ms);
  let at = 0;
  for (const stage of stages) {
    if (stage.state === "skipped" || stage.usual <= 0) continue;
    const most = Math.max(slow.get(stage.name) ?? 0, stage.usual);
    stage.planned = { from: at, to: at + stage.usual, slow: at + most };
    at += stage.usual;
  }
}

export function stagesOf(rollback: Rollback, lane: Lane, now: number): Stage[] {
  const steps = lane.steps.filter((each) => !(each.name === "barrier" && each.state === "skipped"));
  const stages = [
    decide(rollback, lane, now),
    ...steps.map((each) => stepStage(rollback, lane, each, now)),
    ...(lane.acts ? [settle(rollback, lane, now)] : []),
    check(rollback, lane, now),
  ];
  lay(stages, lane);
  return stages;
}

// How long the axis is, and whether the deadline is on it: where a rollback takes seconds of its
// quarter of an hour, an axis up to the deadline would show nothing.
export interface Scale {
  length: number;
  deadline?: number;
}

export function scaleOf(rollback: Rollback, stages: Stage[], now: number): Scale {
  const ends = stages.flatMap((each) => [each.planned?.slow ?? 0, each.actual?.to ?? 0]);
  const elapsed = (instant(rollback.finishedAt) ?? now) - begun(rollback);
  const needed = Math.max(1000, elapsed, ...ends) * 1.08;
  const deadline = (instant(rollback.deadlineAt) ?? Infinity) - begun(rollback);
  return deadline <= needed * 2
    ? { length: Math.max(needed, deadline * 1.04), deadline }
    : { length: needed };
}

// Round marks for an axis: at most `most` of them.
export function marks(length: number, most = 6): number[] {
  const steps = [
    100, 200, 500, 1000, 2000, 5000, 10_000, 15_000, 30_000, 60_000, 120_000, 300_000, 600_000,
    900_000, 1_800_000, 3_600_000,
  ];
  const step = steps.find((each) => length / each <= most) ?? 7_200_000;
  const found: number[] = [];
  for (let at = 0; at <= length; at += step) found.push(at);
  return found;
}

export function timing(stage: Stage): string {
  const took = stage.actual ? stage.actual.to - stage.actual.from : undefined;
  switch (stage.state) {
    case "pending":
      return stage.usual > 0 ? `usually ${round(stage.usual)}` : "";
    case "running": {
      const left =
        took !== undefined && stage.usual > took ? `, ${short(stage.usual - took)} left` : "";
      return took === undefined ? "" : short(took) + left;
    }
    case "skipped":
      return "";
    default:
      return took === undefined ? "" : short(took);
  }
}
