// SPDX-License-Identifier: Apache-2.0
// How much of the budget is gone, and whether the rest will do.
import type { Progress } from "../api/types";
import { now } from "../live/clock";
import { clock, instant, round, short } from "../model/time";

export function budgetText(
  it: Progress,
  at: number,
): { text: string; share: number; isLate: boolean } {
  const from = instant(it.startedAt) ?? at;
  const until = instant(it.deadlineAt) ?? at;
  const gone = (instant(it.finishedAt) ?? at) - from;
  const slow = instant(it.predictedSlowAt);
  return {
    text: `${short(gone)} of ${round(until - from)}`,
    share: Math.min(1, Math.max(0, gone / Math.max(1, until - from))),
    isLate: it.state === "active" && slow !== undefined && slow > until,
  };
}

export function predicted(it: Progress): string {
  const usual = instant(it.predictedAt);
  if (it.state !== "active" || usual === undefined) return "";
  const slow = instant(it.predictedSlowAt);
  const late = slow !== undefined && slow - usual > 1000 ? `, ${clock(slow)} at worst` : "";
  return `done about ${clock(usual)} UTC${late}`;
}

export function Budget({ of }: { of: Progress }) {
  const { text, share, isLate } = budgetText(of, now.value);
  const tone = isLate ? "var(--warn)" : of.state === "active" ? "var(--accent)" : "var(--muted)";
  return (
    <div class="budget" role="group" aria-label="budget">
      <svg preserveAspectRatio="none" viewBox="0 0 100 8" aria-hidden="true">
        <rect width="100" height="8" rx="1" fill="var(--expected)" />
        <rect width={share * 100} height="8" rx="1" fill={tone} />
      </svg>
      <span>{text}</span>
      {isLate && <span class="warn">⚠ may miss it</span>}
    </div>
  );
}
