// SPDX-License-Identifier: Apache-2.0
// What a plan would do, lane by lane, and what it costs.
import type { Lane, Plan } from "../api/types";
import { costOf, rowsOf } from "../model/plan";
import { route } from "../model/rollback";
import { about, round } from "../model/time";
import { Version } from "./small";

function LaneTable({ plan, lane, alone }: { plan: Plan; lane: Lane; alone: boolean }) {
  return (
    <div class="lane">
      {!alone && (
        <div class="lane-head">
          <h3>{lane.environment}</h3>
          <span class="route">
            {lane.target
              ? route(lane.from.version, lane.target.release.version)
              : lane.acts
                ? lane.why
                : "does not run it: verified and left alone"}
          </span>
        </div>
      )}
      {lane.target && (
        <table>
          <caption class="hidden">Steps in {lane.environment}</caption>
          <thead>
            <tr>
              <th scope="col">Step</th>
              <th scope="col">What it does</th>
              <th scope="col" class="number">
                Takes
              </th>
            </tr>
          </thead>
          <tbody>
            {rowsOf(plan.rollback, lane).map((each, at) => (
              <tr key={each.name} class={each.isSkipped ? "muted" : undefined}>
                <th scope="row" class="nowrap">
                  <span class="muted">{at + 1}</span> {each.name}
                </th>
                <td>{each.what}</td>
                <td class="number nowrap">{each.time}</td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </div>
  );
}

export function PlanTable({ of }: { of: Plan }) {
  const cost = costOf(of);
  const { wish } = of.request;
  const slow = `nine in ten under ${round(cost.slow)}, of the ${round(cost.budget)} budget`;
  const takes = `about ${about(cost.usual)}, ${slow}`;
  return (
    <section class="section">
      <div class="section-head">
        <h2>What exactly would happen</h2>
        <span class="muted small">
          plan <Version of={of.hash} />
        </span>
      </div>
      {of.rollback.lanes.map((each) => (
        <LaneTable
          key={each.environment}
          plan={of}
          lane={each}
          alone={of.rollback.lanes.length === 1}
        />
      ))}
      <dl class="facts" style={{ marginTop: "12px" }}>
        <dt>Takes</dt>
        <dd>
          {takes}
          {cost.mayMiss && (
            <span class="warn"> ⚠ may miss it: people are called while it acts</span>
          )}
        </dd>
        <dt>Data</dt>
        <dd>
          {wish.dataRiskAccepted ? (
            <span class="warn">
              ⚠ at risk if a one-way change lies between: accepted beforehand
            </span>
          ) : (
            "no one-way change lies between the two releases"
          )}
        </dd>
        <dt>Undo</dt>
        <dd>
          let <Version of={of.currentVersion} /> in again, then deploy it
        </dd>
      </dl>
    </section>
  );
}
