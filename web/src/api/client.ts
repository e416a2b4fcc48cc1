// SPDX-License-Identifier: Apache-2.0
// Asks the server, and makes of every refusal a Problem that says what, why and what to try.
import { signal } from "@preact/signals";
import type { ProblemDocument, Session } from "./types";

export const session = signal<Session | undefined>(undefined);

export class Problem extends Error {
  constructor(
    readonly status: number,
    readonly document: Partial<ProblemDocument>,
  ) {
    super(document.detail || document.title || `the server answered ${status}`);
  }
  get command(): string | undefined {
    return this.document.try;
  }
}

export const unreachable = new Problem(0, {
  title: "no answer",
  detail: "The server does not answer.",
  try: "stepback serve",
});

async function problemOf(response: Response): Promise<Problem> {
  try {
    return new Problem(response.status, (await response.json()) as ProblemDocument);
  } catch {
    return new Problem(response.status, {});
  }
}

interface Asking {
  method?: string;
  body?: unknown;
  key?: string; // of the gesture: a repeated one is the same
  signal?: AbortSignal;
}

export async function ask<T>(path: string, asking: Asking = {}): Promise<T> {
  const headers: Record<string, string> = { Accept: "application/json" };
  const method = asking.method ?? "GET";
  if (method !== "GET") headers["X-Stepback-CSRF"] = session.value?.csrf ?? "1";
  if (asking.body !== undefined) headers["Content-Type"] = "application/json";
  if (asking.key) headers["Idempotency-Key"] = asking.key;
  let response: Response;
  try {
    response = await fetch(`/api/v1${path}`, {
      method,
      headers,
      body: asking.body === undefined ? undefined : JSON.stringify(asking.body),
      credentials: "same-origin",
      cache: "no-cache",
      signal: asking.signal,
    });
  } catch (error) {
    if (asking.signal?.aborted) throw error;
    throw unreachable;
  }
  if (!response.ok) {
    const problem = await problemOf(response);
    if (response.status === 401 && session.value?.may.read) void readSession();
    throw problem;
  }
  return response.status === 204 ? (undefined as T) : ((await response.json()) as T);
}

export async function readSession(): Promise<void> {
  session.value = await ask<Session>("/session");
}

export async function signIn(token: string): Promise<void> {
  session.value = await ask<Session>("/session", { method: "POST", body: { token } });
}

export async function signOut(): Promise<void> {
  await ask("/session", { method: "DELETE" });
  await readSession();
}

// A name for one gesture, so that a double click or a repeated request starts one thing.
export function gestureKey(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
