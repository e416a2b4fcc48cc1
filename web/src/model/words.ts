// SPDX-License-Identifier: Apache-2.0
// The sign, the word and the tone of everything that has a state, in that order of importance: no
// state is told by colour alone. The signs are those of the command line.

export type Tone = "ok" | "bad" | "warn" | "held" | "running" | "quiet";
export interface Word {
  sign: string;
  word: string;
  tone: Tone;
}

const word = (sign: string, text: string, tone: Tone): Word => ({ sign, word: text, tone });
const spelled = (name: string) => name.replaceAll("_", " ");

export const deploymentWords: Record<string, Word> = {
  in_progress: word("◌", "deploying", "running"),
  succeeded: word("✔", "succeeded", "ok"),
  failed: word("✖", "failed", "bad"),
  rolled_back: word("↩", "rolled back", "warn"),
};
export const rollbackWords: Record<string, Word> = {
  active: word("◌", "rolling back", "running"),
  succeeded: word("✔", "rolled back", "ok"),
  escalated: word("✖", "escalated to people", "bad"),
  handed_over: word("→", "handed over to a wider one", "warn"),
  cancelled: word("–", "cancelled", "quiet"),
};
export const verdictWords: Record<string, Word> = {
  passed: word("✔", "passed", "ok"),
  failed: word("✖", "failed", "bad"),
  inconclusive: word("?", "could not tell", "warn"),
};
export const alarmWords: Record<string, Word> = {
  OK: word("✔", "OK", "ok"),
  ALARM: word("✖", "ALARM", "bad"),
  INSUFFICIENT_DATA: word("?", "no data", "warn"),
};
export const stageWords: Record<string, Word> = {
  pending: word("·", "to come", "quiet"),
  running: word("◌", "under way", "running"),
  done: word("✔", "done", "ok"),
  skipped: word("–", "skipped", "quiet"),
  failed: word("✖", "failed", "bad"),
};
// Of an environment, by its condition.
export const environmentWords: Record<string, Word> = {
  healthy: word("✔", "healthy", "ok"),
  baking: word("◷", "baking", "ok"),
  deploying: word("◌", "deploying", "running"),
  alarm: word("✖", "alarm", "bad"),
  failed: word("✖", "failed", "bad"),
  rolling_back: word("◌", "rolling back", "running"),
  waiting_for_people: word("✖", "waits for people", "bad"),
  nothing_deployed: word("·", "nothing deployed", "quiet"),
  not_known: word("?", "not known", "warn"),
};
export const dispositionWords: Record<string, Word> = {
  opened: word("↩", "opened a rollback", "warn"),
  joined: word("→", "joined a rollback", "quiet"),
  held: word("⊘", "kept out", "held"),
  notified: word("✉", "people were told", "quiet"),
  recovered: word("✔", "recovered", "ok"),
};
export const severityWords: Record<string, Word> = {
  info: word("✉", "told", "quiet"),
  warning: word("⚠", "warned", "warn"),
  critical: word("✖", "paged", "bad"),
};

// What is not in the table is shown as it is called.
export function wordOf(words: Record<string, Word>, name: string | undefined): Word {
  if (name === undefined) return word("·", "unknown", "quiet");
  return words[name] ?? word("·", spelled(name).toLowerCase(), "quiet");
}

// A commit is shown short; any other name as it is.
export function shortVersion(version: string): string {
  return /^[0-9a-f]{12,64}$/.test(version) ? version.slice(0, 7) : version;
}

export function count(number: number, one: string): string {
  return `${number} ${one}${number === 1 ? "" : "s"}`;
}
