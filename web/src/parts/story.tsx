// SPDX-License-Identifier: Apache-2.0
// The journal of a rollback, as a story: when, what kind, in words.
import type { Explanation } from "../api/types";
import { clock, here, instant, moment } from "../model/time";

export function Story({ of }: { of: Explanation["journal"] }) {
  return (
    <ol class="story">
      {of.map(({ sequence, hash, entry }) => {
        const at = instant(entry.at) ?? 0;
        return (
          <li key={sequence}>
            <time dateTime={entry.at} title={[moment(at), here(at)].filter(Boolean).join(", ")}>
              {clock(at)}
            </time>
            <span class="kind small" title={`entry ${sequence}, ${hash.slice(0, 12)}`}>
              {entry.kind}
            </span>
            <span>
              {entry.text}
              {entry.actor && <span class="muted"> · {entry.actor}</span>}
            </span>
          </li>
        );
      })}
    </ol>
  );
}
