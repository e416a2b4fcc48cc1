// SPDX-License-Identifier: Apache-2.0
// What is around every page: the bar with the ways and the state of the connection, the strip of
// what is under way, and what is only heard.
import { useEffect } from "preact/hooks";
import type { ComponentChildren } from "preact";
import { session, signOut } from "./api/client";
import type { Progress, Rollbacks } from "./api/types";
import { helpIsOpen, places } from "./keys";
import { now } from "./live/clock";
import { staleSince } from "./live/connection";
import { exclaimed, phaseText, progress, said } from "./live/live";
import { useResource } from "./live/resource";
import { connection, fresh } from "./live/stream";
import { clock, ago } from "./model/time";
import type { Word } from "./model/words";
import { shortVersion } from "./model/words";
import { Budget, predicted } from "./parts/budget";
import { Sign, toast } from "./parts/small";
import { arrivals, path } from "./router";
import { nextTheme, theme } from "./theme";

const freshWords: Record<string, Word> = {
  connecting: { sign: "◌", word: "connecting", tone: "running" },
  live: { sign: "●", word: "live", tone: "ok" },
  reconnecting: { sign: "◌", word: "reconnecting", tone: "warn" },
  stale: { sign: "⚠", word: "stale", tone: "warn" },
};

function Mark() {
  return (
    <svg viewBox="0 0 32 32" aria-hidden="true">
      <rect width="32" height="32" rx="7" fill="var(--accent)" />
      <path
        d="M15 8 7 16l8 8M25 8l-8 8 8 8"
        fill="none"
        stroke="var(--on-accent)"
        stroke-width="3.4"
        stroke-linecap="round"
        stroke-linejoin="round"
      />
    </svg>
  );
}

function Bar() {
  const it = session.value;
  const here = path.value;
  return (
    <header class="bar">
      <a class="brand" href="/">
        <Mark />
        Stepback <span>{it?.service}</span>
      </a>
      <nav class="nav" aria-label="Pages">
        {places.map(([, to, name]) => (
          <a key={to} href={to} aria-current={here === to ? "page" : undefined}>
            {name}
          </a>
        ))}
      </nav>
      <div class="side">
        <span class="badge" data-freshness={fresh.value}>
          <Sign of={freshWords[fresh.value]!} />
        </span>
        {it?.name && (
          <span class="muted small who-am-i">
            {it.name}, {it.role}
          </span>
        )}
        {it?.signInNeeded && it.name && (
          <button type="button" class="plain" onClick={() => void signOut()}>
            Sign out
          </button>
        )}
        <button
          type="button"
          class="plain key-hint"
          onClick={() => (helpIsOpen.value = true)}
          aria-label="Keyboard shortcuts"
        >
          ?
        </button>
        <button
          type="button"
          class="plain"
          onClick={nextTheme}
          aria-label={theme.value === "dark" ? "Use light colours" : "Use dark colours"}
        >
          <span aria-hidden="true">{theme.value === "dark" ? "☀" : "☾"}</span>
        </button>
      </div>
    </header>
  );
}

function StaleNote() {
  if (fresh.value !== "stale") return null;
  const since = staleSince(connection.value);
  return (
    <div class="stale-note" role="status">
      <span>
        ⚠ Stale since {since ? `${clock(since)} UTC, ${ago(since, now.value)}` : "the beginning"}:
        the server does not answer.
      </span>
      <span>Actions are off until it does.</span>
    </div>
  );
}

// Of the answer that was asked for and of the stream, whichever is newer.
function latest(it: { id: string; revision: number }): Progress | undefined {
  const seen = progress.value[it.id];
  return seen && seen.revision >= it.revision ? seen : undefined;
}

function StripOf({ of }: { of: Progress }) {
  const to = of.lanes.find((each) => each.environment === of.environment)?.target;
  const page = `/rollbacks/${of.id}`;
  const step = phaseText(of).replace(/^.*: /, "");
  return (
    <section class="strip" aria-label={`Rollback of ${of.environment}`}>
      <div class="strip-line">
        <Sign of={{ sign: "◌", word: "", tone: "running" }}>
          <strong>{of.environment}</strong> is rolling back{" "}
          <span class="route">
            {shortVersion(of.version)}
            {to && ` → ${shortVersion(to)}`}
          </span>
        </Sign>
        <span class="muted">
          {step}
          {predicted(of) && ` · ${predicted(of)}`}
        </span>
        <a class="button" href={page} data-watch>
          Watch
        </a>
      </div>
      <Budget of={of} />
    </section>
  );
}

export function activeProgress(rollbacks: Rollbacks | undefined): Progress[] {
  const known = (rollbacks?.items ?? []).filter((each) => each.state === "active");
  const told = Object.values(progress.value).filter((each) => each.state === "active");
  const rest = known
    .filter((each) => !told.some((one) => one.id === each.id))
    .map((each) => latest(each) ?? progressOf(each));
  return [...told, ...rest].filter((each) => each.state === "active");
}

// The record itself says as much, until the stream tells of it.
function progressOf(it: Rollbacks["items"][number]): Progress {
  return {
    schema: "stepback/v1/progress",
    id: it.id,
    environment: it.environment,
    level: it.level,
    origin: it.origin,
    state: it.state,
    version: it.rejected.version ?? "",
    startedAt: it.startedAt ?? "",
    deadlineAt: it.deadlineAt ?? "",
    revision: it.revision,
    asOf: "",
    lanes: it.lanes.map((lane) => ({
      environment: lane.environment,
      phase: lane.phase,
      from: lane.from.version ?? "",
      target: lane.target?.release.version,
      steps: lane.steps,
    })),
  };
}

function Strips() {
  const rollbacks = useResource<Rollbacks>("/rollbacks?active=true");
  const others = activeProgress(rollbacks.value.value).filter(
    (each) => path.value !== `/rollbacks/${each.id}`,
  );
  return (
    <>
      {others.map((each) => (
        <StripOf key={each.id} of={each} />
      ))}
    </>
  );
}

function Heard() {
  return (
    <>
      <div class="hidden" aria-live="polite" data-said>
        {said.value}
      </div>
      <div class="hidden" aria-live="assertive" data-exclaimed>
        {exclaimed.value}
      </div>
      <div role="status">{toast.value && <div class="toast">{toast.value}</div>}</div>
    </>
  );
}

export function Frame({ children }: { children: ComponentChildren }) {
  useEffect(() => {
    if (arrivals.value === 0) return;
    const main = document.querySelector<HTMLElement>("main");
    (main?.querySelector<HTMLElement>("h1") ?? main)?.focus({ preventScroll: true });
  }, [arrivals.value]);
  return (
    <>
      <a class="skip" href="#main">
        To the page
      </a>
      <Bar />
      <StaleNote />
      <Strips />
      <main id="main" tabIndex={-1}>
        {children}
      </main>
      <footer class="foot">
        <span>Stepback {session.value?.version}</span>
        <a href="/status.txt">status as text</a>
        <a href="/api/v1/openapi.json">API</a>
        <button type="button" class="plain tiny key-hint" onClick={() => (helpIsOpen.value = true)}>
          Keyboard: ?
        </button>
      </footer>
      <Heard />
    </>
  );
}
