// SPDX-License-Identifier: Apache-2.0
// Measures: are we getting better?
import type { Measures, Spread } from "../api/types";
import { environmentNames } from "../keys";
import { useResource } from "../live/resource";
import { csv } from "../model/csv";
import { instant, moment, round, short } from "../model/time";
import { count } from "../model/words";
import { Days, Shares, Trace } from "../parts/charts";
import { Exports } from "../parts/exports";
import { Figure } from "../parts/figure";
import { Answered } from "../parts/pending";
import { Empty, PageHead, useTitle } from "../parts/small";
import { query, setQuery } from "../router";

const percent = (share: number | undefined) =>
  share === undefined ? "–" : `${Math.round(share * 100)} %`;
const took = (ms: number | undefined) => (ms === undefined ? "–" : short(ms));

function Tile({ name, value, more }: { name: string; value: string; more?: string }) {
  return (
    <div class="tile">
      <dt>{name}</dt>
      <dd>
        {value}
        {more && <small>{more}</small>}
      </dd>
    </div>
  );
}

function Tiles({ of }: { of: Measures }) {
  const { restores, deployments, timeToRestore } = of;
  return (
    <dl class="tiles">
      <Tile
        name="Time to restore"
        value={took(timeToRestore.usual_ms)}
        more={
          timeToRestore.count
            ? `half within it; nine in ten within ${took(timeToRestore.slow_ms)}`
            : "nothing had to be restored"
        }
      />
      <Tile
        name="Change failure rate"
        value={percent(of.changeFailureRate)}
        more={`${deployments.failed} of ${count(deployments.count, "deployment")}`}
      />
      <Tile
        name="Deployments a day"
        value={deployments.perDay.toFixed(deployments.perDay < 10 ? 1 : 0)}
        more={count(deployments.count, "deployment")}
      />
      <Tile
        name="By automation"
        value={percent(of.automaticShare)}
        more={`${restores.automatic} of ${count(restores.count, "restore")}`}
      />
      <Tile
        name="Budget used"
        value={percent(of.budgetUsed?.usual)}
        more={of.budgetUsed ? `nine in ten under ${percent(of.budgetUsed.slow)}` : "no restore yet"}
      />
      <Tile
        name="Left to people"
        value={String(restores.escalated)}
        more={`${restores.withinBudget} of ${restores.count} within the budget`}
      />
    </dl>
  );
}

const phaseNames = ["detect", "decide", "act", "verify"] as const;

function Phases({ of }: { of: Measures["phases"] }) {
  const known = phaseNames.filter((each) => (of[each].usual_ms ?? 0) > 0);
  const row = (name: string, it: Spread) => [
    name,
    String(it.count),
    took(it.usual_ms),
    took(it.slow_ms),
  ];
  return (
    <section class="section">
      <h2>Where the time goes</h2>
      <Figure
        caption="Usual time in each part of a restore"
        numbers={{
          columns: ["Part", "Seen", "Half within", "Nine in ten within"],
          rows: phaseNames.map((each) => row(each, of[each])),
        }}
        legend={
          <span class="legend">
            {phaseNames.map((each, at) => (
              <span key={each}>
                <i class={`shade-${at}`} />
                {each} {took(of[each].usual_ms)}
              </span>
            ))}
          </span>
        }
      >
        <Shares
          parts={phaseNames.map((each) => ({ name: each, value: of[each].usual_ms ?? 0 }))}
          label={
            known.map((each) => `${each} ${round(of[each].usual_ms ?? 0)}`).join(", ") ||
            "nothing was measured"
          }
        />
      </Figure>
    </section>
  );
}

function Restores({ of }: { of: Measures }) {
  const points = of.points
    .map((each) => ({
      at: instant(each.at) ?? 0,
      value: each.took_ms,
      failed: each.state !== "succeeded",
      title: `${each.environment}, ${each.at}: ${short(each.took_ms)}, ${each.state}`,
    }))
    .sort((a, b) => a.at - b.at);
  return (
    <section class="section">
      <h2>Time to restore</h2>
      <Figure
        caption="Each restore and how long it took"
        numbers={{
          columns: ["When", "Environment", "Took", "Trigger", "Result"],
          rows: of.points.map((each) => [
            moment(instant(each.at) ?? 0),
            each.environment,
            short(each.took_ms),
            each.origin,
            each.state,
          ]),
        }}
      >
        <Trace points={points} limit={900_000} label={`${points.length} restores`} />
      </Figure>
    </section>
  );
}

function Daily({ of }: { of: Measures }) {
  const days = of.days.map((each) => ({
    day: each.day,
    count: each.deployments,
    bad: each.failed,
  }));
  return (
    <section class="section">
      <h2>Deployments by day</h2>
      <Figure
        caption="Deployments of each day; those that failed or went back below"
        numbers={{
          columns: ["Day", "Deployments", "Failed", "Restores"],
          rows: of.days.map((each) => [each.day, each.deployments, each.failed, each.restores]),
        }}
        legend={
          <span class="legend">
            <span>
              <i class="shade-2" />
              deployments
            </span>
            <span>
              <i style={{ background: "var(--bad)" }} />
              failed or went back
            </span>
          </span>
        }
      >
        <Days
          days={days}
          label={`${of.deployments.count} deployments, ${of.deployments.failed} of them bad`}
        />
      </Figure>
    </section>
  );
}

function exported(of: Measures): string {
  return csv(
    ["rollback", "environment", "time", "took_ms", "trigger", "result"],
    of.points.map((each) => [
      each.rollbackId,
      each.environment,
      each.at,
      each.took_ms,
      each.origin,
      each.state,
    ]),
  );
}

export function MeasuresPage() {
  useTitle("Measures");
  const days = query.value.get("days") ?? "30";
  const environment = query.value.get("environment") ?? "";
  const asked = new URLSearchParams({ days, ...(environment && { environment }) });
  const measures = useResource<Measures>(`/measures?${asked}`);
  const value = measures.value.value;
  return (
    <>
      <PageHead
        title="Measures"
        actions={
          <Exports
            name="stepback-measures"
            rows={() => (value ? exported(value) : "")}
            all={() => value}
            isEmpty={!value}
          />
        }
      >
        Whether it gets better: the four figures that everybody knows, and where the time of a
        restore goes.
      </PageHead>
      <form class="filters" onSubmit={(event) => event.preventDefault()}>
        <label>
          <span>Range</span>
          <select
            name="days"
            value={days}
            onChange={(event) => setQuery({ days: event.currentTarget.value })}
          >
            {[
              ["7", "7 days"],
              ["30", "30 days"],
              ["90", "90 days"],
              ["365", "a year"],
            ].map(([each, text]) => (
              <option key={each} value={each}>
                {text}
              </option>
            ))}
          </select>
        </label>
        <label>
          <span>Environment</span>
          <select
            name="environment"
            value={environment}
            onChange={(event) => setQuery({ environment: event.currentTarget.value })}
          >
            <option value="">all</option>
            {environmentNames.value.map((each) => (
              <option key={each} value={each}>
                {each}
              </option>
            ))}
          </select>
        </label>
      </form>
      <Answered of={measures} what="the measures">
        {(it) => (
          <div class="stack">
            <Tiles of={it} />
            {it.points.length > 0 ? (
              <div class="columns">
                <Restores of={it} />
                <Phases of={it.phases} />
              </div>
            ) : (
              <Empty title="Nothing had to be restored in this time" />
            )}
            {it.deployments.count > 0 && <Daily of={it} />}
          </div>
        )}
      </Answered>
    </>
  );
}
