// SPDX-License-Identifier: Apache-2.0
// The stream of what changes, kept open: it comes back by itself, and says how fresh the page is.
import { computed, signal } from "@preact/signals";
import { readSession } from "../api/client";
import { now, setServerTime } from "./clock";
import { type Connection, freshness, longestSilence, pauseBefore } from "./connection";
import { EventReader, type StreamEvent } from "./events";

export const connection = signal<Connection>({});
export const fresh = computed(() => freshness(connection.value, now.value));
export const isStale = computed(() => fresh.value === "stale" || fresh.value === "connecting");

export type Listener = (event: string, data: unknown) => void;

const heard = () => {
  connection.value = { ...connection.value, heardAt: Date.now(), brokenAt: undefined };
};
const broken = () => {
  if (connection.value.brokenAt !== undefined) return;
  connection.value = { ...connection.value, brokenAt: Date.now() };
};

export class Stream {
  private readonly reader = new EventReader();
  private stopped = false;
  private attempt = 0;
  private open?: AbortController;
  private watch?: ReturnType<typeof setTimeout>;
  private wake?: () => void;

  constructor(private readonly listener: Listener) {}

  start(): void {
    document.addEventListener("visibilitychange", this.hurry);
    window.addEventListener("online", this.hurry);
    void this.run();
  }

  stop(): void {
    this.stopped = true;
    document.removeEventListener("visibilitychange", this.hurry);
    window.removeEventListener("online", this.hurry);
    this.open?.abort();
    this.wake?.();
  }

  // Somebody looks again, or there is a network again: no reason to wait any longer.
  private readonly hurry = () => {
    if (!document.hidden) this.wake?.();
  };

  private async run(): Promise<void> {
    while (!this.stopped) {
      try {
        await this.follow();
      } catch {
        // Said below, like an end that nobody asked for.
      }
      if (this.stopped) return;
      broken();
      await this.pause(pauseBefore(this.attempt++));
    }
  }

  private pause(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, ms);
      this.wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }

  private silence(): void {
    clearTimeout(this.watch);
    this.watch = setTimeout(() => this.open?.abort(), longestSilence);
  }

  private async follow(): Promise<void> {
    this.open = new AbortController();
    this.silence();
    const headers: Record<string, string> = { Accept: "text/event-stream" };
    if (this.reader.lastId) headers["Last-Event-ID"] = this.reader.lastId;
    try {
      const options = { headers, signal: this.open.signal, cache: "no-store" as const };
      const response = await fetch("/api/v1/events", options);
      if (response.status === 401) void readSession();
      if (!response.ok || !response.body) throw new Error(`the stream answered ${response.status}`);
      connection.value = { openedAt: Date.now(), heardAt: Date.now() };
      this.attempt = 0;
      await this.read(response.body.getReader());
    } finally {
      clearTimeout(this.watch);
    }
  }

  private async read(body: ReadableStreamDefaultReader<Uint8Array>): Promise<void> {
    const decoder = new TextDecoder();
    for (;;) {
      const { done, value } = await body.read();
      if (done) return;
      heard();
      this.silence();
      for (const event of this.reader.read(decoder.decode(value, { stream: true })))
        this.tell(event);
    }
  }

  private tell({ event, data }: StreamEvent): void {
    let value: { asOf?: string } | undefined;
    try {
      value = JSON.parse(data) as { asOf?: string };
    } catch {
      return; // not ours
    }
    if (event === "hello") setServerTime(Date.parse(value?.asOf ?? ""));
    this.listener(event, value);
  }
}
