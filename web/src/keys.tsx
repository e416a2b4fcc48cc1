// SPDX-License-Identifier: Apache-2.0
// Shortcuts: single letters, which can be switched off for those whose hands or software press them
// by accident.
import { signal } from "@preact/signals";
import { Dialog } from "./parts/dialog";
import { go } from "./router";
import { nextTheme, recall, remember } from "./theme";

const stored = "stepback-keys";
export const areOn = signal(recall(stored) !== "off");
export const helpIsOpen = signal(false);

export const places: [key: string, path: string, name: string][] = [
  ["n", "/", "Now"],
  ["h", "/history", "History"],
  ["a", "/alarms", "Alarms"],
  ["r", "/ready", "Readiness"],
  ["d", "/drills", "Drills"],
  ["m", "/measures", "Measures"],
  ["o", "/doctor", "Doctor"],
];
// The environments in their order, for "p" and a number; set by whoever knows them.
export const environmentNames = signal<string[]>([]);

let first = "";
let forgetting: ReturnType<typeof setTimeout> | undefined;

function begin(key: string): void {
  first = key;
  clearTimeout(forgetting);
  forgetting = setTimeout(() => (first = ""), 1500);
}

function isTyping(target: EventTarget | null): boolean {
  const element = target as HTMLElement | null;
  return !!element?.closest?.("input, textarea, select, [contenteditable], dialog");
}

function second(key: string): boolean {
  const before = first;
  first = "";
  if (before === "g") {
    const place = places.find(([letter]) => letter === key);
    if (place) go(place[1]);
    return place !== undefined;
  }
  const name = before === "p" ? environmentNames.value[Number(key) - 1] : undefined;
  if (name) go(`/plan/${encodeURIComponent(name)}`);
  return name !== undefined;
}

function onKey(event: KeyboardEvent): void {
  if (event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target)) return;
  if (event.key === "?") {
    helpIsOpen.value = true;
    event.preventDefault();
    return;
  }
  if (!areOn.value) return;
  if (first && second(event.key)) return event.preventDefault();
  if (event.key === "g" || event.key === "p") begin(event.key);
  if (event.key === "t") nextTheme();
  if (event.key === "w") document.querySelector<HTMLElement>("[data-watch]")?.click();
  if (event.key === "/") {
    const search = document.querySelector<HTMLElement>("[data-search]");
    search?.focus();
    if (search) event.preventDefault();
  }
}

export function startKeys(): void {
  document.addEventListener("keydown", onKey);
}

function Row({ keys, what }: { keys: string[]; what: string }) {
  return (
    <>
      <dt>
        {keys.map((each) => (
          <>
            <kbd>{each}</kbd>{" "}
          </>
        ))}
      </dt>
      <dd>{what}</dd>
    </>
  );
}

export function KeysHelp() {
  if (!helpIsOpen.value) return null;
  const close = () => (helpIsOpen.value = false);
  const flip = () => {
    areOn.value = !areOn.value;
    remember(stored, areOn.value ? "on" : "off");
  };
  return (
    <Dialog title="Keyboard" onClose={close}>
      <dl class="keys">
        {places.map(([key, , name]) => (
          <Row key={key} keys={["g", key]} what={`go to ${name}`} />
        ))}
        {environmentNames.value.map((name, at) => (
          <Row key={name} keys={["p", String(at + 1)]} what={`plan a rollback of ${name}`} />
        ))}
        <Row keys={["w"]} what="watch the rollback that is under way" />
        <Row keys={["/"]} what="search, in History" />
        <Row keys={["t"]} what="light or dark" />
        <Row keys={["?"]} what="this" />
      </dl>
      <label class="check" style={{ marginTop: "16px" }}>
        <input type="checkbox" checked={areOn.value} onChange={flip} />
        <span>single-letter shortcuts are on</span>
      </label>
      <div class="dialog-foot">
        <button type="button" onClick={close}>
          Close
        </button>
      </div>
    </Dialog>
  );
}
