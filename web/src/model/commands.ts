// SPDX-License-Identifier: Apache-2.0
// The command that does the same as the page: people learn it here, and auditors see what was done.

export function quoted(text: string): string {
  return /^[A-Za-z0-9._\/:@%+=,-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;
}

export function command(...parts: (string | undefined | false)[]): string {
  return ["stepback", ...parts.filter((each) => each)].join(" ");
}

export const flag = (name: string, value: string | undefined): string | undefined =>
  value ? `--${name} ${quoted(value)}` : undefined;
