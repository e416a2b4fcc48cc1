// SPDX-License-Identifier: Apache-2.0
// What arrived, and what became of it.
import type { TriggerRecord } from "../api/types";
import { dispositionWords, wordOf } from "../model/words";
import { path } from "../router";
import { Sign, Unseen, When, Wide } from "./small";

export function TriggersTable({ of, caption }: { of: TriggerRecord[]; caption: string }) {
  return (
    <Wide label={caption}>
      <table class="cards">
        <caption class="hidden">{caption}</caption>
        <thead>
          <tr>
            <th scope="col">When</th>
            <th scope="col">Signal</th>
            <th scope="col">Became</th>
            <th scope="col">Why</th>
          </tr>
        </thead>
        <tbody>
          {of.map((each) => (
            <tr key={each.key}>
              <td>
                <When at={each.receivedAt} />
              </td>
              <td>
                <span class="cell">
                  {each.signal.kind === "alarm" ? "" : `${each.signal.kind.replaceAll("_", " ")} `}
                  {each.signal.name} {each.signal.state}
                  {each.environment && <span class="muted"> in {each.environment}</span>}
                </span>
              </td>
              <td>
                <Sign of={wordOf(dispositionWords, each.disposition)} />
                {each.rollbackId && path.value !== `/rollbacks/${each.rollbackId}` && (
                  <>
                    {" "}
                    <a href={`/rollbacks/${each.rollbackId}`}>
                      open<Unseen> {each.rollbackId}</Unseen>
                    </a>
                  </>
                )}
              </td>
              <td>
                <span class="cell">
                  {each.why}
                  {each.attribution && <span class="muted"> · {each.attribution} cause</span>}
                </span>
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </Wide>
  );
}
