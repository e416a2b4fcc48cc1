// SPDX-License-Identifier: Apache-2.0
// What could be gone back to, and why the rest could not.
import type { Target, Targets } from "../api/types";
import { useResource } from "../live/resource";
import type { Word } from "../model/words";
import { setQuery } from "../router";
import { Answered } from "./pending";
import { Empty, Sign, Unseen, Version, When, Wide } from "./small";

const standings: Record<Target["standing"], Word> = {
  chosen: { sign: "→", word: "chosen", tone: "running" },
  possible: { sign: "○", word: "possible", tone: "quiet" },
  refused: { sign: "✖", word: "refused", tone: "bad" },
};

function Row({ of, wanted }: { of: Target; wanted: string | null }) {
  const isChosen = wanted ? wanted === of.version : of.standing === "chosen";
  const word =
    isChosen && of.standing !== "refused"
      ? standings.chosen
      : of.standing === "chosen"
        ? standings.possible
        : standings[of.standing];
  return (
    <tr class={isChosen ? "chosen-row" : undefined}>
      <th scope="row">
        <Version of={of.version} />
      </th>
      <td data-name="standing">
        <span class="cell">
          <Sign of={word} />
          {of.why && <span class="muted"> {of.why}</span>}
        </span>
      </td>
      <td data-name="deployed">
        <When at={of.deployment.cutoverTime ?? of.deployment.startTime} />
      </td>
      <td data-name="good since">
        <When at={of.deployment.goodTime} />
      </td>
      <td data-name="files">{of.files ?? <span class="muted">–</span>}</td>
      <td>
        {of.standing !== "refused" && !isChosen && (
          <button type="button" class="tiny" onClick={() => setQuery({ to: of.version })}>
            Choose<Unseen> {of.version}</Unseen>
          </button>
        )}
      </td>
    </tr>
  );
}

export function Candidates({
  environment,
  wanted,
}: {
  environment: string;
  wanted: string | null;
}) {
  const targets = useResource<Targets>(`/environments/${encodeURIComponent(environment)}/targets`);
  return (
    <section class="section candidates">
      <h2>Candidates</h2>
      <Answered of={targets} what="the candidates">
        {(value) =>
          value.targets.length === 0 ? (
            <Empty title="No other release was ever good here" />
          ) : (
            <Wide label="Candidates">
              <table class="cards">
                <caption class="hidden">
                  Releases that could be gone back to in {environment}
                </caption>
                <thead>
                  <tr>
                    <th scope="col">Release</th>
                    <th scope="col">Standing</th>
                    <th scope="col">Deployed</th>
                    <th scope="col">Good since</th>
                    <th scope="col">Files</th>
                    <th scope="col">
                      <span class="hidden">Choose</span>
                    </th>
                  </tr>
                </thead>
                <tbody>
                  {value.targets.map((each) => (
                    <Row key={each.deployment.deploymentId} of={each} wanted={wanted} />
                  ))}
                </tbody>
              </table>
            </Wide>
          )
        }
      </Answered>
    </section>
  );
}
