// SPDX-License-Identifier: Apache-2.0
// Where everything is: releases down, environments across. Pure: made of the environments' status
// and of the recent deployments.
import type { Deployment, Environment, Lane, Rollback } from "../api/types";
import { about, instant } from "./time";
import { type Word, environmentWords, wordOf } from "./words";

export interface Cell {
  word?: Word; // absent: it was never here
  more: string[];
  isTarget: boolean;
  isActive: boolean; // being gone back to right now
  runs: boolean;
  isBad: boolean;
  isHeld: boolean;
  deployment?: Deployment;
}
export interface Release {
  version: string;
  by: string;
  at?: number;
  cells: Cell[]; // one for each environment
}

const laneOf = (rollback: Rollback | undefined, environment: string): Lane | undefined =>
  rollback?.lanes.find((each) => each.environment === environment);

export const isActive = (environment: Environment): boolean =>
  environment.rollback?.state === "active";

export function stateOf(environment: Environment): Word {
  return wordOf(environmentWords, environment.condition);
}

function since(deployment: Deployment | undefined, now: number): string {
  const at = instant(deployment?.cutoverTime ?? deployment?.startTime);
  return at === undefined ? "" : about(now - at);
}

// The one that is shown for a version in an environment: what was there last.
function newest(deployments: Deployment[], version: string, environment: string) {
  return deployments.find((each) => each.version === version && each.environment === environment);
}

function past(deployment: Deployment): Word {
  switch (deployment.status) {
    case "in_progress":
      return { sign: "◌", word: "deploying", tone: "running" };
    case "failed":
      return { sign: "✖", word: "failed", tone: "bad" };
    case "rolled_back":
      return { sign: "↩", word: "rolled back", tone: "warn" };
    case "succeeded":
      return deployment.goodTime
        ? { sign: "○", word: "was here, good", tone: "quiet" }
        : { sign: "○", word: "was here, never baked", tone: "quiet" };
  }
}

function cellOf(
  environment: Environment,
  version: string,
  deployments: Deployment[],
  now: number,
): Cell {
  const deployment = newest(deployments, version, environment.environment);
  const live = environment.head.live?.version ?? environment.version;
  const hold = environment.head.holds.find((each) => each.version === version);
  const cell: Cell = {
    more: [],
    isTarget: false,
    isActive: false,
    runs: live === version,
    isBad: false,
    isHeld: !!hold,
    deployment,
  };
  const active = isActive(environment) ? environment.rollback : undefined;
  const lane = laneOf(active, environment.environment);
  const isRejected = active?.rejected.version === version;
  if (lane?.target?.release.version === version) {
    cell.word = { sign: "◌", word: "rolling back to this", tone: "running" };
    cell.isTarget = true;
    cell.isActive = true;
  } else if (cell.runs) {
    const state = stateOf(environment);
    const age = since(environment.deployment, now);
    cell.word =
      active && isRejected
        ? { sign: "●", word: "must go", tone: "bad" }
        : { ...state, sign: "●", word: age ? `runs ${age}` : "runs" };
    cell.isBad = state.tone === "bad" || (!!active && isRejected);
    if (!active) cell.more.push(`${state.sign} ${state.word}`);
  } else if (deployment) {
    cell.word = past(deployment);
  }
  if (hold) {
    cell.word = cell.runs ? cell.word : { sign: "⊘", word: "held", tone: "held" };
    if (cell.runs) cell.more.push("⊘ held");
    if (hold.reason) cell.more.push(hold.reason);
  }
  if (!active && environment.rollbackReadiness.targetVersion === version) {
    cell.isTarget = true;
    cell.word ??= { sign: "○", word: "was here", tone: "quiet" };
  }
  return cell;
}

// Newest first; what runs anywhere, or would be gone back to, is never left out.
export function matrix(
  environments: Environment[],
  deployments: Deployment[],
  now: number,
  most = 8,
): Release[] {
  const seen = new Map<string, Deployment | undefined>();
  for (const each of deployments)
    if (each.kind === "deploy" && !seen.has(each.version)) seen.set(each.version, each);
  const needed = new Set<string>();
  for (const each of environments) {
    for (const version of [
      each.head.live?.version ?? each.version,
      each.rollbackReadiness.targetVersion,
      laneOf(isActive(each) ? each.rollback : undefined, each.environment)?.target?.release.version,
    ]) {
      if (version) needed.add(version);
    }
  }
  for (const version of needed)
    if (!seen.has(version))
      seen.set(
        version,
        deployments.find((each) => each.version === version),
      );
  const listed = [...seen].filter(([version], at) => at < most || needed.has(version));
  return listed.map(([version, first]) => ({
    version,
    by: first?.startedBy ?? "",
    at: instant(first?.startTime),
    cells: environments.map((each) => cellOf(each, version, deployments, now)),
  }));
}

// What the page's title says: the worst of all that is going on.
export function headline(environments: Environment[], service: string): string {
  const by = (test: (each: Environment) => boolean) => environments.find(test);
  const rolling = by(isActive);
  if (rolling) return `◌ ${rolling.environment} rolling back`;
  const bad = by((each) => stateOf(each).tone === "bad");
  if (bad) return `✖ ${bad.environment}`;
  const warn = by((each) => stateOf(each).tone === "warn");
  if (warn) return `⚠ ${warn.environment}`;
  const busy = by((each) => each.condition === "deploying");
  if (busy) return `◌ ${busy.environment} deploying`;
  return `✔ ${service}`;
}
