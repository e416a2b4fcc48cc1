// SPDX-License-Identifier: Apache-2.0
// What the stream says, put where the page looks: progress of rollbacks at hand, a word to those
// who listen rather than look, and which answers must be asked for again.
import { batch, signal } from "@preact/signals";
import type { NoticeEvent, Progress } from "../api/types";
import { refreshAll } from "./resource";
import { Stream } from "./stream";

export const progress = signal<Record<string, Progress>>({});
export const notices = signal<NoticeEvent[]>([]);
// For screen readers: steps politely, an end at once.
export const said = signal("");
export const exclaimed = signal("");

const mostNotices = 50;
let pending = new Set<string>();
let timer: ReturnType<typeof setTimeout> | undefined;

// A turn of the machine writes several records: they are asked for once, together.
function soon(...paths: string[]): void {
  for (const path of paths) pending.add(path);
  timer ??= setTimeout(() => {
    const asked = [...pending];
    pending = new Set();
    timer = undefined;
    refreshAll(...asked);
  }, 120);
}

export function phaseText(it: Progress): string {
  const lane = it.lanes.find((each) => each.environment === it.environment) ?? it.lanes[0];
  const step = lane?.steps.find((each) => each.state === "under_way");
  return `${it.environment} is rolling back: ${step ? step.name : (lane?.phase ?? "begins")}`;
}

function takeProgress(it: Progress): void {
  const before = progress.value[it.id];
  if (before && before.revision > it.revision) return;
  batch(() => {
    progress.value = { ...progress.value, [it.id]: it };
    if (it.state === "active") {
      said.value = phaseText(it);
    } else if (before?.state === "active") {
      const to = it.lanes[0]?.target;
      exclaimed.value =
        it.state === "succeeded"
          ? `${it.environment} was rolled back${to ? ` to ${to}` : ""} and verified`
          : `${it.environment}: ${it.state.replaceAll("_", " ")}. ${it.why ?? ""}`;
    }
  });
  soon(`/rollbacks/${it.id}`, "/rollbacks?", "/environments");
  if (it.state !== "active") soon("/measures", "/drills", "/readiness", "/deployments");
}

export function take(event: string, data: unknown): void {
  switch (event) {
    case "rollback":
      return takeProgress(data as Progress);
    case "deployment":
      return soon("/environments", "/deployments", "/measures", "/run");
    case "environment":
      return soon("/environments", "/holds", "/alarms", "/triggers");
    case "readiness":
      return soon("/readiness");
    case "notice": {
      const notice = data as NoticeEvent;
      notices.value = [notice, ...notices.value].slice(0, mostNotices);
      if (notice.rollbackId) soon(`/rollbacks/${notice.rollbackId}`);
      return soon("/triggers");
    }
    case "reset":
      progress.value = {};
      return soon("/");
  }
}

let stream: Stream | undefined;

export function follow(): void {
  if (stream) return;
  stream = new Stream(take);
  stream.start();
}

export function unfollow(): void {
  stream?.stop();
  stream = undefined;
}
