// SPDX-License-Identifier: Apache-2.0
// The smallest parts: a state, a version, a time, a command, a trouble.
import { signal } from "@preact/signals";
import type { ComponentChildren } from "preact";
import { useEffect } from "preact/hooks";
import type { Problem } from "../api/client";
import { now } from "../live/clock";
import { ago, here, instant, moment } from "../model/time";
import { type Word, shortVersion } from "../model/words";

export const toast = signal("");
let fading: ReturnType<typeof setTimeout> | undefined;

export async function copy(text: string, what: string): Promise<void> {
  try {
    await navigator.clipboard.writeText(text);
    toast.value = `Copied ${what}`;
  } catch {
    toast.value = "This browser does not let the page copy";
  }
  clearTimeout(fading);
  fading = setTimeout(() => (toast.value = ""), 2500);
}

// For those who listen: what others see from where it stands.
export function Unseen({ children }: { children: ComponentChildren }) {
  return <span class="hidden">{children}</span>;
}

// Sign, then word; the colour says nothing that they do not.
export function Sign({ of, children }: { of: Word; children?: ComponentChildren }) {
  return (
    <span class={`sign ${of.tone}`}>
      <i aria-hidden="true">{of.sign}</i>
      <span>{children ?? of.word}</span>
    </span>
  );
}

// Short where it is a commit; the whole of it is copied by a click.
export function Version({ of }: { of: string | undefined }) {
  if (!of) return <span class="muted">–</span>;
  const title = `Copy ${of}`;
  return (
    <button type="button" class="version" title={title} onClick={() => void copy(of, of)}>
      {shortVersion(of)}
      <Unseen> copy</Unseen>
    </button>
  );
}

export function VersionText({ of }: { of: string | undefined }) {
  return of ? (
    <span class="version" title={of}>
      {shortVersion(of)}
    </span>
  ) : (
    <span class="muted">–</span>
  );
}

// How long ago, and on demand when; `exact` the other way round.
export function When({ at, exact }: { at: string | number | undefined; exact?: boolean }) {
  const ms = typeof at === "number" ? at : instant(at);
  if (ms === undefined) return <span class="muted">–</span>;
  const both = [moment(ms), here(ms)].filter((each) => each).join(", ");
  return (
    <time
      dateTime={new Date(ms).toISOString()}
      title={exact ? ago(ms, now.value) : both}
      class="nowrap"
    >
      {exact ? moment(ms) : ago(ms, now.value)}
    </time>
  );
}

export function Command({ text, label }: { text: string; label?: string }) {
  return (
    <div class="command">
      <code>{text}</code>
      <button
        type="button"
        class="tiny"
        aria-label={`Copy: ${text}`}
        onClick={() => void copy(text, label ?? "the command")}
      >
        Copy
      </button>
    </div>
  );
}

export function Trouble({ problem, again }: { problem: Problem; again?: () => void }) {
  return (
    <div class="note bad-note" role="alert">
      <strong>{problem.document.title ?? "It did not work"}</strong>
      {problem.message !== problem.document.title && <p>{problem.message}</p>}
      {problem.command && <Command text={problem.command} />}
      {again && (
        <p>
          <button type="button" class="tiny" onClick={again}>
            Try again
          </button>
        </p>
      )}
    </div>
  );
}

export function Empty({
  title,
  children,
  command,
}: {
  title: string;
  children?: ComponentChildren;
  command?: string;
}) {
  return (
    <div class="empty">
      <strong>{title}</strong>
      {children}
      {command && <Command text={command} />}
    </div>
  );
}

export function Loading({ what }: { what: string }) {
  return <p class="loading">Reading {what} …</p>;
}

export function useTitle(text: string): void {
  useEffect(() => {
    document.title = `${text} – Stepback`;
  }, [text]);
}

export function PageHead({
  title,
  children,
  actions,
}: {
  title: ComponentChildren;
  children?: ComponentChildren;
  actions?: ComponentChildren;
}) {
  return (
    <div class="page-head">
      <div>
        <h1 tabIndex={-1}>{title}</h1>
        {children && <p>{children}</p>}
      </div>
      {actions && <div class="actions">{actions}</div>}
    </div>
  );
}

// A table may be wider than the screen: then it moves within itself, by keyboard too.
export function Wide({ label, children }: { label: string; children: ComponentChildren }) {
  return (
    <div class="wide" tabIndex={0} role="region" aria-label={label}>
      {children}
    </div>
  );
}
