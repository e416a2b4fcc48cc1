// SPDX-License-Identifier: Apache-2.0
// Whether an environment could be taken back right now, in a word. Pure.
import type { Environment, Readiness } from "../api/types";
import { isActive } from "./matrix";
import { about, instant } from "./time";
import { type Word, shortVersion } from "./words";

// What was looked at before this release ran says nothing about it.
function newest(of: Environment, looked: Readiness[] | undefined): Readiness | undefined {
  const found = looked?.find((each) => each.environment === of.environment);
  const since = instant(of.deployment?.cutoverTime ?? of.deployment?.startTime) ?? 0;
  return found && (instant(found.asOf) ?? 0) >= since ? found : undefined;
}

interface Told {
  word: Word;
  more: string;
}

export function readyWord(of: Environment, looked: Readiness[] | undefined): Told {
  const told = (sign: string, word: string, tone: Word["tone"], more = ""): Told => ({
    word: { sign, word, tone },
    more,
  });
  if (isActive(of)) return told("◌", "in progress", "running");
  const { ready, targetVersion, predictedSeconds } = of.rollbackReadiness;
  if (!ready) return told("✖", "nothing to go back to", "bad");
  const takes = predictedSeconds ? `, about ${about(predictedSeconds * 1000)}` : "";
  const text = `to ${shortVersion(targetVersion ?? "")}${takes}`;
  const it = newest(of, looked);
  if (!it) return told("✔", text, "ok", "not looked at since this release");
  if (it.verdict === "failed") return told("✖", text, "bad", "not ready: see Readiness");
  if (it.verdict === "inconclusive") return told("?", text, "warn", "not all could be seen");
  const unproven = it.unproven.length > 0 ? `unproven: ${it.unproven.join(", ")}` : "";
  return told("✔", text, "ok", unproven);
}
