// SPDX-License-Identifier: Apache-2.0
// Times as the program writes them, and as people read them. The same words as on the command line:
// UTC unless it is said.

const second = 1000;
const minute = 60 * second;
const hour = 60 * minute;
const day = 24 * hour;

export function instant(text: string | undefined): number | undefined {
  if (!text || text === "never") return undefined;
  const value = Date.parse(text);
  return Number.isNaN(value) ? undefined : value;
}

const two = (value: number) => String(value).padStart(2, "0");

// 340 ms, 12 s, 4m42s, 1h02m, 3d04h
export function short(ms: number): string {
  const span = Math.max(0, Math.round(ms));
  if (span < second) return span === 0 ? "0s" : `${span}ms`;
  const seconds = Math.round(span / second);
  if (seconds < 60) return `${seconds}s`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)}m${two(seconds % 60)}s`;
  if (span < day) return `${Math.floor(seconds / 3600)}h${two(Math.floor((seconds % 3600) / 60))}m`;
  return `${Math.floor(span / day)}d${two(Math.floor((span % day) / hour))}h`;
}

// Whole units without the trailing zeroes: 15m rather than 15m00s.
export function round(ms: number): string {
  return short(ms).replace(/m00s$/, "m").replace(/h00m$/, "h").replace(/d00h$/, "d");
}

// About how long: one unit is enough.
export function about(ms: number): string {
  if (ms < 90 * second) return `${Math.max(1, Math.round(ms / second))}s`;
  if (ms < 90 * minute) return `${Math.round(ms / minute)}m`;
  if (ms < 36 * hour) return `${Math.round(ms / hour)}h`;
  return `${Math.round(ms / day)}d`;
}

export function ago(then: number, now: number): string {
  const span = now - then;
  return span < 2 * second ? "just now" : `${about(span)} ago`;
}

const months = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split(" ");

export function clock(ms: number, seconds = true): string {
  return new Date(ms).toISOString().slice(11, seconds ? 19 : 16);
}

export function date(ms: number): string {
  const at = new Date(ms);
  return `${at.getUTCDate()} ${months[at.getUTCMonth()]} ${at.getUTCFullYear()}`;
}

export function moment(ms: number): string {
  return `${date(ms)} ${clock(ms)} UTC`;
}

// The same moment on the reader's own clock; empty where that is UTC as well.
export function here(ms: number): string {
  if (new Date(ms).getTimezoneOffset() === 0) return "";
  const at = new Date(ms);
  return `${two(at.getHours())}:${two(at.getMinutes())}:${two(at.getSeconds())} here`;
}
