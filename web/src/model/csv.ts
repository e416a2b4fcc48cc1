// SPDX-License-Identifier: Apache-2.0
// Rows as a file that a spreadsheet opens: quoted where it must be, and nothing that it would take
// for a formula.

function field(value: unknown): string {
  const text = value === undefined || value === null ? "" : String(value);
  const safe = /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

export function csv(columns: string[], rows: unknown[][]): string {
  return [columns, ...rows].map((each) => each.map(field).join(",")).join("\r\n") + "\r\n";
}
