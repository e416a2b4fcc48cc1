// SPDX-License-Identifier: Apache-2.0
// Deployments and rollbacks as one history, filtered as the address says. Pure.
import type { Deployment, Rollback } from "../api/types";
import { targetOf } from "./rollback";
import { instant, short } from "./time";
import { type Word, deploymentWords, rollbackWords, wordOf } from "./words";

export interface Entry {
  id: string;
  at: number;
  environment: string;
  kind: "deploy" | "rollback" | "drill";
  version: string; // what was deployed, or gone back to
  from?: string; // of a rollback: what had to go
  result: string;
  word: Word;
  took?: number;
  trigger: string; // automatic, manual, drill, pipeline
  by: string;
  why: string;
  deployment?: Deployment;
  rollback?: Rollback;
}

function ofDeployment(it: Deployment): Entry {
  const at = instant(it.startTime) ?? 0;
  const end = instant(it.endTime);
  return {
    id: it.deploymentId,
    at,
    environment: it.environment,
    kind: "deploy",
    version: it.version,
    result: it.status,
    word: wordOf(deploymentWords, it.status),
    took: end === undefined ? undefined : end - at,
    trigger: "pipeline",
    by: it.startedBy ?? "",
    why: it.failure || it.rollbackReason || "",
    deployment: it,
  };
}

function ofRollback(it: Rollback): Entry {
  const at = instant(it.startedAt) ?? 0;
  const end = instant(it.finishedAt);
  return {
    id: it.id,
    at,
    environment: it.environment,
    kind: it.origin === "drill" ? "drill" : "rollback",
    version: targetOf(it) ?? "",
    from: it.rejected.version,
    result: it.state,
    word: wordOf(rollbackWords, it.state),
    took: end === undefined ? undefined : end - at,
    trigger: it.origin,
    by: it.operator ?? "",
    why: it.reason ?? "",
    rollback: it,
  };
}

// A rollback's own record says more than the deployment that it wrote, so that one is left out.
export function entries(deployments: Deployment[], rollbacks: Rollback[]): Entry[] {
  const deployed = deployments.filter((each) => each.kind === "deploy").map(ofDeployment);
  return [...deployed, ...rollbacks.map(ofRollback)].sort((a, b) => b.at - a.at);
}

export const filterNames = [
  "environment",
  "kind",
  "result",
  "trigger",
  "operator",
  "text",
  "since",
  "until",
] as const;

// A day in the address is a whole one, in UTC.
export function within(entry: Entry, since: string | null, until: string | null): boolean {
  const from = since ? Date.parse(`${since}T00:00:00Z`) : NaN;
  const to = until ? Date.parse(`${until}T23:59:59.999Z`) : NaN;
  return (Number.isNaN(from) || entry.at >= from) && (Number.isNaN(to) || entry.at <= to);
}

export function filtered(all: Entry[], query: URLSearchParams): Entry[] {
  const same = (name: string, value: string) => !query.get(name) || query.get(name) === value;
  const text = (query.get("text") ?? "").trim().toLowerCase();
  const operator = (query.get("operator") ?? "").trim().toLowerCase();
  return all.filter(
    (each) =>
      same("environment", each.environment) &&
      same("kind", each.kind) &&
      same("result", each.result) &&
      same("trigger", each.trigger) &&
      each.by.toLowerCase().includes(operator) &&
      within(each, query.get("since"), query.get("until")) &&
      (!text ||
        [each.id, each.version, each.from ?? "", each.why, each.by].some((one) =>
          one.toLowerCase().includes(text),
        )),
  );
}

export const csvColumns = [
  "time",
  "environment",
  "kind",
  "result",
  "version",
  "from",
  "took",
  "trigger",
  "by",
  "why",
  "id",
];
export function csvRow(each: Entry): string[] {
  const took = each.took === undefined ? "" : short(each.took);
  return [
    new Date(each.at).toISOString(),
    each.environment,
    each.kind,
    each.result,
    each.version,
    each.from ?? "",
    took,
    each.trigger,
    each.by,
    each.why,
    each.id,
  ];
}

// What differs between two deployments, field by field.
export function comparison(
  a: Deployment,
  b: Deployment,
): { name: string; a: string; b: string; differs: boolean }[] {
  const gates = (it: Deployment) =>
    it.gates.map((each) => `${each.kind} ${each.result}`).join(", ");
  const row = (name: string, of: (it: Deployment) => string | undefined) => {
    const [left, right] = [of(a) ?? "", of(b) ?? ""];
    return { name, a: left, b: right, differs: left !== right };
  };
  return [
    row("version", (it) => it.version),
    row("environment", (it) => it.environment),
    row("digest", (it) => it.digest),
    row("status", (it) => it.status.replaceAll("_", " ")),
    row("started", (it) => it.startTime),
    row("good since", (it) => it.goodTime),
    row("by", (it) => it.startedBy),
    row("infrastructure", (it) => it.infrastructureVersion),
    row("infrastructure changed", (it) =>
      it.infrastructureChanged === undefined ? undefined : it.infrastructureChanged ? "yes" : "no",
    ),
    row("one-way change", (it) => it.oneWay),
    row("gates", gates),
    row("artifacts", (it) => it.artifactLocation),
    row("failure", (it) => it.failure),
  ];
}
