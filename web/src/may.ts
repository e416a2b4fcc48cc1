// SPDX-License-Identifier: Apache-2.0
// Why nobody may act from here right now; nothing: they may. An action is never taken on an old
// picture, nor by somebody who may only look.
import { computed } from "@preact/signals";
import { session } from "./api/client";
import { now } from "./live/clock";
import { connection, fresh } from "./live/stream";
import { staleSince } from "./live/connection";
import { ago } from "./model/time";

export const whyNoAction = computed((): string | undefined => {
  if (fresh.value === "connecting") return "the page waits for the server";
  if (fresh.value === "stale") {
    const since = staleSince(connection.value);
    const age = since ? `, from ${ago(since, now.value)}` : "";
    return `what is shown is old${age}: nothing is done on an old picture`;
  }
  const it = session.value;
  if (!it) return "the page waits for the server";
  if (!it.may.act)
    return it.name ? `${it.name} may look, not act` : "sign in as an operator to act";
  return undefined;
});
export const whyNoApproval = computed((): string | undefined => {
  if (fresh.value === "connecting" || fresh.value === "stale") return whyNoAction.value;
  return session.value?.may.approve ? undefined : "only an approver may answer";
});
