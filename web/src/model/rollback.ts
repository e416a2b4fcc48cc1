// SPDX-License-Identifier: Apache-2.0
// A rollback in words: its headline, what comes next, and the command that asks for the same.
import type { Lane, Rollback } from "../api/types";
import { command, flag } from "./commands";
import { type Word, rollbackWords, shortVersion, wordOf } from "./words";

export function ownLane(rollback: Rollback): Lane | undefined {
  return (
    rollback.lanes.find((each) => each.environment === rollback.environment) ?? rollback.lanes[0]
  );
}

export function targetOf(rollback: Rollback): string | undefined {
  return ownLane(rollback)?.target?.release.version;
}

export function route(from: string | undefined, to: string | undefined): string {
  return `${shortVersion(from || "?")} → ${to ? shortVersion(to) : "nothing"}`;
}

export function outcomeOf(rollback: Rollback): Word {
  const word = wordOf(rollbackWords, rollback.state);
  return rollback.origin === "drill" && rollback.state === "succeeded"
    ? { ...word, word: "rehearsed" }
    : word;
}

export function headline(rollback: Rollback): string {
  const name = rollback.environment;
  switch (rollback.state) {
    case "active":
      return rollback.origin === "drill" ? `${name} is rehearsing` : `${name} is rolling back`;
    case "succeeded":
      return rollback.origin === "drill" ? `${name} rehearsed` : `${name} rolled back`;
    case "escalated":
      return `${name}: people must act`;
    case "handed_over":
      return `${name}: handed over to a wider rollback`;
    case "cancelled":
      return `${name}: cancelled`;
  }
}

// Whether anything of the world was changed: until then it may be cancelled.
export function hasActed(rollback: Rollback): boolean {
  return rollback.lanes.some((lane) =>
    lane.steps.some((each) => each.state !== "waiting" && each.state !== "skipped"),
  );
}

export function rollbackCommand(
  rollback: Pick<Rollback, "environment" | "level" | "wish" | "reason">,
  to?: string,
): string {
  const { wish } = rollback;
  return command(
    "rollback",
    rollback.environment,
    wish.further ? "--further" : flag("to", wish.target ?? to),
    rollback.level === "full" && "--scope full",
    !wish.infrastructure && "--component app",
    !wish.application && "--component infra",
    wish.dataRiskAccepted && "--accept-data-risk",
    wish.unbakedAllowed && "--accept-unbaked",
    ...wish.acceptedAlarms.map((each) => flag("accept-alarm", each)),
    flag("reason", rollback.reason),
  );
}
