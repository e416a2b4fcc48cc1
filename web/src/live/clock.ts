// SPDX-License-Identifier: Apache-2.0
// What time it is, to the second, for everything that says how long ago. It follows the server's
// clock as far as it is known: a phone that is wrong by minutes shows the right ages.
import { signal } from "@preact/signals";

let offset = 0;
export const now = signal(Date.now());

export function tick(): void {
  now.value = Date.now() + offset;
}

export function setServerTime(ms: number | undefined): void {
  if (ms === undefined || Number.isNaN(ms)) return;
  const seen = ms - Date.now();
  if (Math.abs(seen - offset) > 2000) offset = seen;
  tick();
}

export function startClock(every = 1000): () => void {
  const timer = setInterval(tick, every);
  return () => clearInterval(timer);
}
