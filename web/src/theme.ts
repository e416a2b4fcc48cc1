// SPDX-License-Identifier: Apache-2.0
// Light or dark: what the system prefers, until somebody chooses.
import { computed, effect, signal } from "@preact/signals";

export type Choice = "auto" | "light" | "dark";
const stored = "stepback-theme";
const prefersDark = matchMedia("(prefers-color-scheme: dark)");

function read(name: string): string | null {
  try {
    return localStorage.getItem(name);
  } catch {
    return null; // a browser may keep nothing for us
  }
}
export function remember(name: string, value: string): void {
  try {
    localStorage.setItem(name, value);
  } catch {
    // then it is as it was next time
  }
}
export const recall = read;

const systemIsDark = signal(prefersDark.matches);
prefersDark.addEventListener("change", (event) => (systemIsDark.value = event.matches));
const first = read(stored);
export const choice = signal<Choice>(first === "light" || first === "dark" ? first : "auto");
export const theme = computed(() =>
  choice.value === "auto" ? (systemIsDark.value ? "dark" : "light") : choice.value,
);

effect(() => {
  document.documentElement.dataset.theme = theme.value;
});

export function nextTheme(): void {
  const other = theme.value === "dark" ? "light" : "dark";
  choice.value = other === (systemIsDark.value ? "dark" : "light") ? "auto" : other;
  remember(stored, choice.value);
}

const narrowScreen = matchMedia("(max-width: 719px)");
export const isNarrow = signal(narrowScreen.matches);
narrowScreen.addEventListener("change", (event) => (isNarrow.value = event.matches));
