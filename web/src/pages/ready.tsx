// SPDX-License-Identifier: Apache-2.0
// Readiness: what would stop us tonight?
import { useState } from "preact/hooks";
import { Problem, ask, unreachable } from "../api/client";
import type { Readiness, Ready } from "../api/types";
import { useResource } from "../live/resource";
import { command } from "../model/commands";
import { about, round } from "../model/time";
import { type Word, verdictWords, wordOf } from "../model/words";
import { Act } from "../parts/act";
import { Answered } from "../parts/pending";
import {
  Command,
  Empty,
  PageHead,
  Sign,
  Trouble,
  Version,
  When,
  Wide,
  useTitle,
} from "../parts/small";
import { planPath } from "./now";

const verdicts: Record<Readiness["verdict"], Word> = {
  passed: { sign: "✔", word: "could be rolled back now", tone: "ok" },
  failed: { sign: "✖", word: "could not be rolled back now", tone: "bad" },
  inconclusive: { sign: "?", word: "not known: not all could be seen", tone: "warn" },
};

function One({ of }: { of: Readiness }) {
  const order = { failed: 0, inconclusive: 1, passed: 2 };
  const checks = [...of.checks].sort((a, b) => order[a.verdict] - order[b.verdict]);
  const word = (name: string, verdict: string): Word =>
    of.unproven.includes(name) && verdict !== "passed"
      ? { sign: "◷", word: "not proven yet", tone: "warn" }
      : wordOf(verdictWords, verdict);
  return (
    <section class="section" aria-label={of.environment}>
      <div class="section-head">
        <h2>
          {of.environment} <Sign of={verdicts[of.verdict]} />
        </h2>
        <span class="muted small">
          {of.targetVersion && (
            <>
              to <Version of={of.targetVersion} />
              {of.usual_ms ? `, about ${about(of.usual_ms)}` : ""}
              {of.slow_ms ? `, nine in ten under ${round(of.slow_ms)}` : ""} ·{" "}
            </>
          )}
          looked at <When at={of.asOf} />
        </span>
      </div>
      <Wide label={`Checks of ${of.environment}`}>
        <table class="cards">
          <caption class="hidden">Checks of {of.environment}, what stands in the way first</caption>
          <thead>
            <tr>
              <th scope="col">Verdict</th>
              <th scope="col">Check</th>
              <th scope="col">Evidence</th>
            </tr>
          </thead>
          <tbody>
            {checks.map((each) => (
              <tr key={each.name}>
                <td style={{ width: "160px" }}>
                  <Sign of={word(each.name, each.verdict)} />
                </td>
                <th scope="row" style={{ width: "200px" }}>
                  {each.name}
                </th>
                <td>
                  <span class="cell">{each.evidence}</span>
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </Wide>
      <p class="row" style={{ marginTop: "8px" }}>
        <a href={planPath(of.environment)}>See the plan</a>
        {of.verdict !== "passed" && (
          <a href={`/doctor?environment=${encodeURIComponent(of.environment)}`}>What mends it</a>
        )}
      </p>
    </section>
  );
}

export function ReadyPage() {
  const ready = useResource<Ready>("/readiness");
  const [problem, setProblem] = useState<Problem | undefined>();
  const value = ready.value.value;
  const bad = value?.environments.filter((each) => each.verdict === "failed") ?? [];
  useTitle(
    bad.length > 0 ? `✖ ${bad.map((each) => each.environment).join(", ")} not ready` : "Readiness",
  );
  const run = async () => {
    try {
      ready.value.value = await ask<Ready>("/readiness?fresh=true");
      setProblem(undefined);
    } catch (error) {
      setProblem(error instanceof Problem ? error : unreachable);
    }
  };
  return (
    <>
      <PageHead title="Readiness" actions={<Act run={run}>Look again</Act>}>
        What would stop a rollback tonight: every byte of the target is read, everything else is
        asked.
      </PageHead>
      {problem && <Trouble problem={problem} />}
      <Answered of={ready} what="what a rollback would need">
        {(it) => (
          <div class="stack">
            {it.environments.length === 0 && (
              <Empty title="The server has not looked yet">
                It does so by itself; or press “Look again”.
              </Empty>
            )}
            {it.environments.map((each) => (
              <One key={each.environment} of={each} />
            ))}
            <Command text={command("ready")} />
          </div>
        )}
      </Answered>
    </>
  );
}
