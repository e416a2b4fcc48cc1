// SPDX-License-Identifier: Apache-2.0
// Drills: does it work, how fast, is it rehearsed?
import type { DrillRecord, Drills } from "../api/types";
import { useResource } from "../live/resource";
import { command } from "../model/commands";
import { instant, moment, round, short } from "../model/time";
import { count, rollbackWords, wordOf } from "../model/words";
import { Trace } from "../parts/charts";
import { Figure } from "../parts/figure";
import { Answered } from "../parts/pending";
import { Command, Empty, PageHead, Sign, VersionText, When, Wide, useTitle } from "../parts/small";

function Schedule({ of }: { of: Drills }) {
  return (
    <section class="section">
      <h2>Who is rehearsed</h2>
      <Wide label="Schedule of drills">
        <table class="cards">
          <caption class="hidden">
            When each environment was rehearsed, and when it should be next
          </caption>
          <thead>
            <tr>
              <th scope="col">Environment</th>
              <th scope="col">Last</th>
              <th scope="col">Due</th>
              <th scope="col">Standing</th>
            </tr>
          </thead>
          <tbody>
            {of.environments.map((each) => (
              <tr key={each.environment}>
                <th scope="row" data-name="where">
                  {each.environment}
                </th>
                <td data-name="last">
                  {each.lastAt ? <When at={each.lastAt} /> : <span class="muted">never</span>}
                </td>
                <td data-name="due">
                  <When at={each.dueAt} exact />
                </td>
                <td data-name="standing">
                  {!each.mayBeRehearsed ? (
                    <span class="cell muted">not rehearsed: {each.why}</span>
                  ) : each.overdue ? (
                    <Sign of={{ sign: "⚠", word: "overdue", tone: "warn" }} />
                  ) : (
                    <Sign of={{ sign: "✔", word: "rehearsed", tone: "ok" }} />
                  )}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </Wide>
    </section>
  );
}

function failedSteps(of: DrillRecord): string {
  return of.steps.map((each) => `${each.name} ${short(each.milliseconds)}`).join(", ");
}

function Trend({ of }: { of: Drills }) {
  const points = [...of.items].reverse().map((each) => ({
    at: instant(each.at) ?? 0,
    value: each.milliseconds,
    failed: each.state !== "succeeded",
    title: `${each.environment}, ${moment(instant(each.at) ?? 0)}: ${short(each.milliseconds)}`,
  }));
  const newest = `${short(of.items[0]?.milliseconds ?? 0)} of ${round(of.budget_ms)}`;
  const numbers = {
    columns: ["When", "Environment", "Took", "Result"],
    rows: of.items.map((each) => [
      moment(instant(each.at) ?? 0),
      each.environment,
      short(each.milliseconds),
      each.state,
    ]),
  };
  return (
    <section class="section">
      <h2>How long they took</h2>
      <Figure caption={`Drills against the budget of ${round(of.budget_ms)}`} numbers={numbers}>
        <Trace
          points={points}
          limit={of.budget_ms}
          label={`${count(points.length, "drill")}; the newest took ${newest}`}
        />
      </Figure>
    </section>
  );
}

function Results({ of }: { of: Drills }) {
  return (
    <section class="section">
      <h2>Results</h2>
      <Wide label="Drills">
        <table class="cards">
          <caption class="hidden">Drills, newest first</caption>
          <thead>
            <tr>
              {["When", "Where", "Back and there again", "Result", "Took", "Steps"].map((each) => (
                <th scope="col" key={each}>
                  {each}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {of.items.map((each) => (
              <tr key={each.rollbackId}>
                <td data-name="when">
                  <a href={`/rollbacks/${each.rollbackId}`}>
                    <When at={each.at} />
                  </a>
                </td>
                <td data-name="where">{each.environment}</td>
                <td data-name="versions">
                  <span class="cell">
                    <VersionText of={each.version} />
                    {each.target && (
                      <>
                        {" "}
                        → <VersionText of={each.target} />
                      </>
                    )}
                  </span>
                </td>
                <td data-name="result">
                  {each.state === "succeeded" ? (
                    <Sign
                      of={
                        each.within
                          ? { sign: "✔", word: "within the budget", tone: "ok" }
                          : { sign: "⚠", word: "too slow", tone: "warn" }
                      }
                    />
                  ) : (
                    <Sign of={wordOf(rollbackWords, each.state)} />
                  )}
                </td>
                <td data-name="took">{short(each.milliseconds)}</td>
                <td data-name="steps">
                  <span class="cell muted small">
                    {failedSteps(each)}
                    {each.why && ` ${each.why}`}
                  </span>
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </Wide>
    </section>
  );
}

export function DrillsPage() {
  useTitle("Drills");
  const drills = useResource<Drills>("/drills?limit=100");
  return (
    <>
      <PageHead title="Drills">
        Whether it works, how fast, and when that was last seen: a rollback there and back again,
        where nobody is served.
      </PageHead>
      <Answered of={drills} what="the drills">
        {(value) => {
          const may = value.environments.filter((each) => each.mayBeRehearsed);
          const first = may.find((each) => each.overdue) ?? may[0];
          return (
            <div class="stack">
              <Schedule of={value} />
              {value.items.length > 0 ? (
                <>
                  <Trend of={value} />
                  <Results of={value} />
                </>
              ) : (
                <Empty title="Nothing was rehearsed yet">
                  A drill shows that it works before it must.
                </Empty>
              )}
              {first && (
                <section class="stack-small">
                  <p class="muted small">Start one:</p>
                  <Command text={command("drill", first.environment)} />
                </section>
              )}
            </div>
          );
        }}
      </Answered>
    </>
  );
}
