// SPDX-License-Identifier: Apache-2.0
// Where in the page we are: the path and the query of the address, as signals. Links are plain
// links; a click on one of ours changes the address and loads nothing.
import { computed, signal } from "@preact/signals";

const at = signal(new URL(location.href));
export const path = computed(() => at.value.pathname);
export const query = computed(() => at.value.searchParams);
// Counts arrivals: whoever moves the focus follows it.
export const arrivals = signal(0);

export function go(target: string, how: "push" | "replace" = "push"): void {
  const url = new URL(target, location.href);
  const isOtherPage = url.pathname !== at.value.pathname;
  if (how === "push") history.pushState(null, "", url);
  else history.replaceState(null, "", url);
  at.value = url;
  if (!isOtherPage) return;
  window.scrollTo(0, 0);
  arrivals.value++;
}

// The same page with other answers to its questions; an empty one is left out.
export function setQuery(changes: Record<string, string>): void {
  const url = new URL(at.value);
  for (const [name, value] of Object.entries(changes)) {
    if (value) url.searchParams.set(name, value);
    else url.searchParams.delete(name);
  }
  go(url.href, "replace");
}

const ours = /^\/(?!api\/|assets\/|metrics|healthz|readyz|.*\.txt$)/;

function onClick(event: MouseEvent): void {
  if (event.defaultPrevented || event.button !== 0) return;
  if (event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
  const link = (event.target as Element | null)?.closest?.("a[href]") as HTMLAnchorElement | null;
  if (!link || link.target || link.hasAttribute("download") || link.origin !== location.origin)
    return;
  if (link.hash && link.pathname === location.pathname) return;
  if (!ours.test(link.pathname)) return;
  event.preventDefault();
  go(link.href);
}

export function startRouter(): void {
  document.addEventListener("click", onClick);
  window.addEventListener("popstate", () => {
    at.value = new URL(location.href);
    arrivals.value++;
  });
}

// The part of the path behind `prefix`, where it has exactly one.
export function within(prefix: string): string | undefined {
  if (!path.value.startsWith(prefix)) return undefined;
  const rest = path.value.slice(prefix.length);
  if (!rest || rest.includes("/")) return undefined;
  try {
    return decodeURIComponent(rest);
  } catch {
    return undefined;
  }
}
