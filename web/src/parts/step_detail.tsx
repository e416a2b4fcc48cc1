// SPDX-License-Identifier: Apache-2.0
// What is known of one step: its words, its tries, its times, and the checks where it judges.
import type { Lane, Rollback } from "../api/types";
import { clock, instant, round } from "../model/time";
import type { Stage } from "../model/timeline";
import { stageWords, verdictWords, wordOf } from "../model/words";
import { Sign } from "./small";

function Checks({ of }: { of: Lane }) {
  const checks = of.validation?.checks ?? [];
  if (checks.length === 0) return null;
  return (
    <table class="cards">
      <caption class="hidden">The checks of {of.environment}</caption>
      <thead>
        <tr>
          <th scope="col">Check</th>
          <th scope="col">Verdict</th>
          <th scope="col">Evidence</th>
        </tr>
      </thead>
      <tbody>
        {checks.map((each) => (
          <tr key={each.name}>
            <td>
              <span class="cell">{each.name}</span>
            </td>
            <td>
              <Sign of={wordOf(verdictWords, each.verdict)} />
            </td>
            <td>
              <span class="cell">
                {each.evidence}
                {each.notBefore && ` (not before ${clock(instant(each.notBefore) ?? 0)} UTC)`}
              </span>
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

export function StepDetail({
  rollback,
  lane,
  stage,
}: {
  rollback: Rollback;
  lane: Lane;
  stage: Stage;
}) {
  const start = instant(rollback.startedAt) ?? 0;
  const { actual } = stage;
  const until = actual && stage.state !== "running" ? clock(start + actual.to) : "now";
  return (
    <div class="step-detail stack-small" data-detail={stage.name}>
      <p>
        <strong>{stage.name}</strong> <Sign of={wordOf(stageWords, stage.state)} />
      </p>
      {stage.detail && <p>{stage.detail}</p>}
      <p class="muted small">
        {actual && `${clock(start + actual.from)} to ${until} UTC`}
        {stage.usual > 0 && `${actual ? "; " : ""}usually ${round(stage.usual)}`}
      </p>
      {stage.name === "check" && <Checks of={lane} />}
    </div>
  );
}
