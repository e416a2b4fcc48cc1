// SPDX-License-Identifier: Apache-2.0
// Plan: what exactly would happen? Nothing happens by looking at it.
import { useEffect, useRef, useState } from "preact/hooks";
import { Problem, ask, unreachable } from "../api/client";
import type { Alarms, Environment, Plan, Rollback } from "../api/types";
import { useResource } from "../live/resource";
import { wishOf } from "../model/plan";
import { route } from "../model/rollback";
import { Candidates } from "../parts/candidates";
import { Confirm } from "../parts/confirm";
import { PlanTable } from "../parts/plan_table";
import { Loading, PageHead, Sign, Trouble, Version, useTitle } from "../parts/small";
import { query, setQuery } from "../router";

function Refused({ of }: { of: Rollback }) {
  const refused = of.lanes.flatMap((each) => each.refused);
  if (refused.length === 0) return null;
  return (
    <ul class="bullets">
      {refused.map((each) => (
        <li key={each.release.deploymentId}>
          <Version of={each.release.version} /> {each.why}
        </li>
      ))}
    </ul>
  );
}

function Wishes({ environment }: { environment: string }) {
  const asked = query.value;
  const alarms = useResource<Alarms>(`/environments/${encodeURIComponent(environment)}/alarms`)
    .value.value;
  const red = alarms?.alarms.filter((each) => each.state === "ALARM" && each.roles.validate) ?? [];
  const accepted = asked.get("accept-alarm") ?? "";
  const open = ["scope", "component", "further", "data-risk", "unbaked", "accept-alarm"].some(
    (each) => asked.has(each),
  );
  const box = (name: string, text: string) => (
    <label class="check">
      <input
        type="checkbox"
        checked={asked.get(name) === "accepted"}
        onChange={(event) => setQuery({ [name]: event.currentTarget.checked ? "accepted" : "" })}
      />
      <span>{text}</span>
    </label>
  );
  return (
    <details class="wishes" open={open}>
      <summary>Other wishes</summary>
      <div class="form" style={{ marginTop: "12px" }}>
        <label>
          <span>Which environments</span>
          <select
            name="scope"
            value={asked.get("scope") ?? ""}
            onChange={(event) => setQuery({ scope: event.currentTarget.value })}
          >
            <option value="">only {environment}</option>
            <option value="full">all that run this version (severe)</option>
          </select>
        </label>
        <label>
          <span>Which part</span>
          <select
            name="component"
            value={asked.get("component") ?? ""}
            onChange={(event) => setQuery({ component: event.currentTarget.value })}
          >
            <option value="">application and infrastructure</option>
            <option value="app">only the application</option>
            <option value="infra">only the infrastructure</option>
          </select>
        </label>
        {box("further", "further back: only to a release that is older than what runs")}
        {box("unbaked", "a version that succeeded and has not finished baking will do")}
        {box("data-risk", "go back over a one-way change, although data may be lost (severe)")}
        {red.length > 0 && (
          <label>
            <span>An alarm that may stay red (severe)</span>
            <select
              name="accept-alarm"
              value={accepted}
              onChange={(event) => setQuery({ "accept-alarm": event.currentTarget.value })}
            >
              <option value="">none</option>
              {red.map((each) => (
                <option key={each.name} value={each.name}>
                  {each.name}
                </option>
              ))}
            </select>
          </label>
        )}
        {asked.get("to") && (
          <p>
            <button type="button" class="tiny" onClick={() => setQuery({ to: "" })}>
              Back to the proposed target
            </button>
          </p>
        )}
      </div>
    </details>
  );
}

interface Made {
  plan?: Plan;
  problem?: Problem;
  moved?: string; // why another plan is shown than the one that was confirmed
}

// The plan for what the address asks for; a late answer to an earlier question is dropped.
function usePlan(environment: string): [Made, (made: Made) => void, () => void] {
  const [made, setMade] = useState<Made>({});
  const turn = useRef(0);
  const text = query.value.toString();
  const make = async () => {
    const mine = ++turn.current;
    try {
      const plan = await ask<Plan>("/plans", {
        method: "POST",
        body: wishOf(environment, query.peek()),
      });
      if (mine === turn.current) setMade({ plan });
    } catch (error) {
      if (mine === turn.current)
        setMade({ problem: error instanceof Problem ? error : unreachable });
    }
  };
  useEffect(() => void make(), [environment, text]);
  return [made, setMade, () => void make()];
}

export function PlanPage({ environment }: { environment: string }) {
  const [{ plan, problem, moved }, setMade, again] = usePlan(environment);
  const seen = useResource<Environment>(`/environments/${encodeURIComponent(environment)}`).value
    .value;
  useTitle(`Plan for ${environment}`);
  const live = seen?.head.live?.version ?? seen?.version;
  const isOld = plan !== undefined && live !== undefined && live !== plan.currentVersion;
  const refused = problem?.document.plan?.rollback;
  return (
    <>
      <PageHead
        title={
          <>
            Roll back {environment}{" "}
            {plan && <span class="route">{route(plan.currentVersion, plan.targetVersion)}</span>}
          </>
        }
        actions={
          <button type="button" onClick={again}>
            Plan again
          </button>
        }
      >
        Nothing happens by looking at a plan. What is carried out is what is shown here, or nothing.
      </PageHead>
      <div class="stack">
        {moved && (
          <div class="note warn-note" role="alert">
            <strong>⚠ The world moved</strong> since you looked: {moved}. Nothing was done. This is
            the plan as it is now; read it again.
          </div>
        )}
        {isOld && (
          <div class="note warn-note" role="alert">
            <strong>
              ⚠ {environment} runs <Version of={live} /> by now
            </strong>
            : this plan is old.{" "}
            <button type="button" class="tiny" onClick={again}>
              Plan again
            </button>
          </div>
        )}
        {problem && (
          <>
            <Trouble problem={problem} />
            {problem.document.rollbackId && (
              <p>
                <Sign of={{ sign: "◌", word: "", tone: "running" }}>
                  <a href={`/rollbacks/${problem.document.rollbackId}`}>
                    Watch the one that is under way
                  </a>
                </Sign>
              </p>
            )}
            {refused && <Refused of={refused} />}
          </>
        )}
        {!plan && !problem && <Loading what="what would happen" />}
        {plan && (
          <div class="plan-columns">
            <PlanTable of={plan} />
            <Confirm
              plan={plan}
              wish={wishOf(environment, query.value)}
              onNewPlan={(fresh, why) => setMade({ plan: fresh, moved: why })}
            />
          </div>
        )}
        <Wishes environment={environment} />
        <Candidates environment={environment} wanted={query.value.get("to")} />
      </div>
    </>
  );
}
