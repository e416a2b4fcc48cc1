// SPDX-License-Identifier: Apache-2.0
// Resource: an answer of the server that a page shows. It is asked for once however many look at
// it, kept while somebody does, and asked for again when the stream says that it changed.
import { type Signal, signal } from "@preact/signals";
import { useEffect, useMemo } from "preact/hooks";
import { Problem, ask } from "../api/client";

export interface Resource<T> {
  path: string;
  value: Signal<T | undefined>;
  problem: Signal<Problem | undefined>;
  refresh: () => Promise<void>;
}

interface Kept extends Resource<unknown> {
  users: number;
  asking?: Promise<void>;
  again: boolean;
}

const kept = new Map<string, Kept>();
const mostUnused = 40;

function make(path: string): Kept {
  const it: Kept = {
    path,
    value: signal(undefined),
    problem: signal(undefined),
    users: 0,
    again: false,
    refresh: () => refresh(it),
  };
  return it;
}

// One request at a time; what changes meanwhile is asked for once more afterwards.
function refresh(it: Kept): Promise<void> {
  if (it.asking) {
    it.again = true;
    return it.asking;
  }
  it.asking = (async () => {
    do {
      it.again = false;
      try {
        it.value.value = await ask(it.path);
        it.problem.value = undefined;
      } catch (error) {
        it.problem.value =
          error instanceof Problem ? error : new Problem(0, { detail: String(error) });
      }
    } while (it.again);
    it.asking = undefined;
  })();
  return it.asking;
}

function dropUnused(): void {
  if (kept.size <= mostUnused) return;
  for (const [path, it] of kept) if (it.users === 0) kept.delete(path);
}

export function resource<T>(path: string): Resource<T> {
  let it = kept.get(path);
  if (!it) kept.set(path, (it = make(path)));
  return it as unknown as Resource<T>;
}

// What lies at `path`, for as long as the component is shown. No path: nothing is asked for.
export function useResource<T>(path: string | undefined): Resource<T> {
  const it = useMemo(
    () => (path ? resource<T>(path) : (make("") as unknown as Resource<T>)),
    [path],
  );
  useEffect(() => {
    if (!path) return;
    const own = it as unknown as Kept;
    own.users++;
    void own.refresh();
    return () => {
      own.users--;
      dropUnused();
    };
  }, [it]);
  return it;
}

// Asks again for all that is shown and whose path begins so.
export function refreshAll(...prefixes: string[]): void {
  for (const [path, it] of kept) {
    if (it.users > 0 && prefixes.some((prefix) => path.startsWith(prefix))) void it.refresh();
  }
}
