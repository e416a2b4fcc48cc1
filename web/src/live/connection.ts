// SPDX-License-Identifier: Apache-2.0
// Whether what is shown is still so. Pure: what came from the stream and when, in; a word, out.

export interface Connection {
  openedAt?: number; // absent: never yet
  heardAt?: number; // the last sign of life
  brokenAt?: number; // since when it is broken; absent: it is not
}

// A stream that is silent for so long is as good as broken: the server says something every 15 s.
export const longestSilence = 25_000;
// Never act on an older picture than this.
export const staleAfter = 10_000;

export type Freshness = "connecting" | "live" | "reconnecting" | "stale";

export function freshness(connection: Connection, now: number): Freshness {
  if (connection.brokenAt === undefined) return connection.openedAt ? "live" : "connecting";
  if (now - connection.brokenAt >= staleAfter) return "stale";
  return connection.openedAt ? "reconnecting" : "connecting";
}

export function staleSince(connection: Connection): number | undefined {
  return connection.heardAt ?? connection.brokenAt;
}

// How long to wait before the next try: soon at first, and never for long, since somebody waits.
export function pauseBefore(attempt: number): number {
  return Math.min(5000, 250 * 2 ** Math.min(attempt, 5));
}
