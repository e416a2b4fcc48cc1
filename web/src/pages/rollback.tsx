// SPDX-License-Identifier: Apache-2.0
// Rollback: what is happening, will it make the deadline? Afterwards: what happened, and why.
import { useState } from "preact/hooks";
import { Problem, ask, unreachable } from "../api/client";
import type { Explanation, Progress, Rollback } from "../api/types";
import { notices, progress } from "../live/live";
import { useResource } from "../live/resource";
import { whyNoAction } from "../may";
import { command, flag } from "../model/commands";
import {
  hasActed,
  headline,
  outcomeOf,
  ownLane,
  rollbackCommand,
  route,
  targetOf,
} from "../model/rollback";
import { here, instant, moment, round, short } from "../model/time";
import { Act } from "../parts/act";
import { Budget, predicted } from "../parts/budget";
import { Dialog } from "../parts/dialog";
import { LaneTimeline } from "../parts/lane_timeline";
import { Answered } from "../parts/pending";
import { Command, Empty, PageHead, Sign, Trouble, Version, useTitle } from "../parts/small";
import { Story } from "../parts/story";
import { TriggersTable } from "../parts/triggers";
import { planPath } from "./now";

function CancelDialog({ of, onClose }: { of: Rollback; onClose: () => void }) {
  const [reason, setReason] = useState("");
  const [problem, setProblem] = useState<Problem | undefined>();
  const run = async () => {
    try {
      await ask(`/rollbacks/${of.id}/cancel`, { method: "POST", body: { reason } });
      onClose();
    } catch (error) {
      setProblem(error instanceof Problem ? error : unreachable);
    }
  };
  return (
    <Dialog title={`Cancel the rollback of ${of.environment}`} onClose={onClose}>
      <div class="stack-small">
        <p>
          It stops only if nothing was changed yet: a half-done rollback is never left behind.{" "}
          {of.environment} then stays on <Version of={of.rejected.version} />.
        </p>
        <label>
          <span>Why (kept in the record)</span>
          <input
            name="reason"
            maxLength={500}
            value={reason}
            autofocus
            onInput={(event) => setReason(event.currentTarget.value)}
          />
        </label>
        {problem && <Trouble problem={problem} />}
        <Command text={command("cancel", of.id, flag("reason", reason || "WHY"))} />
      </div>
      <div class="dialog-foot">
        <button type="button" onClick={onClose}>
          Let it go on
        </button>
        <Act
          kind="danger"
          run={run}
          whyNot={whyNoAction.value ?? (reason.trim() ? undefined : "say why first")}
        >
          Cancel it
        </Act>
      </div>
    </Dialog>
  );
}

function Head({ of }: { of: Rollback }) {
  const start = instant(of.startedAt);
  const end = instant(of.finishedAt);
  return (
    <div class="stack-small">
      <h1 class="headline" tabIndex={-1}>
        <Sign of={outcomeOf(of)}>{headline(of)}</Sign>
        <span class="route">{route(of.rejected.version, targetOf(of))}</span>
      </h1>
      <p>
        <span class="muted">why</span> {of.reason || "not said"}
      </p>
      <p class="muted small">
        {of.level === "full" ? "every environment that runs it" : "this environment only"} · by{" "}
        {of.operator || "automation"}
        {start !== undefined && (
          <>
            {" "}
            · began{" "}
            <time dateTime={of.startedAt}>
              {moment(start)}
              {here(start) && ` (${here(start)})`}
            </time>
          </>
        )}
        {start !== undefined && end !== undefined && <> · took {short(end - start)}</>}
        {" · "}
        <Version of={of.id} />
      </p>
    </div>
  );
}

function Outcome({ of }: { of: Rollback }) {
  const name = of.environment;
  if (of.state === "escalated") {
    return (
      <div class="note bad-note">
        <strong>People must act{of.incident && `: incident ${of.incident}`}</strong>
        <p>{of.why}</p>
        <p class="row" style={{ marginTop: "8px" }}>
          <a class="button" href={planPath(name)}>
            Plan another rollback…
          </a>
          <a class="button" href="/doctor">
            What is wrong with the wiring?
          </a>
        </p>
        <Command text={command("rca", of.id)} />
      </div>
    );
  }
  if (of.state === "handed_over" && of.handedTo) {
    return (
      <div class="note">
        It goes on as <a href={`/rollbacks/${of.handedTo}`}>{of.handedTo}</a>, for every
        environment. {of.why}
      </div>
    );
  }
  if (of.state === "succeeded" && of.origin !== "drill") {
    return (
      <div class="note">
        <Sign of={{ sign: "✔", word: "", tone: "ok" }}>
          <Version of={targetOf(of)} /> was seen to run and to be well.
        </Sign>{" "}
        {of.rejected.version && (
          <>
            Deploying <Version of={of.rejected.version} /> again is kept off until it is fixed or
            let in.
          </>
        )}
        <Command text={command("rca", of.id)} />
      </div>
    );
  }
  return of.why ? <div class="note">{of.why}</div> : null;
}

function Causes({ of }: { of: Explanation }) {
  const { rollback, triggers } = of;
  const evidence = [...rollback.evidence, ...rollback.findings];
  return (
    <section class="section">
      <h2>Why this version</h2>
      {rollback.attribution ? (
        <p>
          The deployment is a <strong>{rollback.attribution}</strong> cause.
        </p>
      ) : (
        <p class="muted">
          {rollback.origin === "automatic"
            ? "No attribution was made."
            : "A person asked for it: nothing was attributed."}
        </p>
      )}
      {evidence.length > 0 && (
        <ul class="bullets">
          {evidence.map((each) => (
            <li key={each}>{each}</li>
          ))}
        </ul>
      )}
      {triggers.length > 0 && <TriggersTable of={triggers} caption="Signals of this rollback" />}
    </section>
  );
}

function Deciding({ of }: { of: Rollback }) {
  const lane = ownLane(of);
  const { wish } = of;
  const wishes = [
    wish.target && `to ${wish.target}`,
    wish.further && "further back than what ran",
    wish.dataRiskAccepted && "data risk accepted",
    wish.unbakedAllowed && "a version that has not baked will do",
    !wish.infrastructure && "only the application",
    !wish.application && "only the infrastructure",
    ...wish.acceptedAlarms.map((each) => `${each} may stay red`),
  ].filter((each) => each);
  return (
    <section class="section">
      <h2>Who decided what</h2>
      <dl class="facts">
        <dt>asked by</dt>
        <dd>
          {of.operator || "automation"} <span class="muted">({of.origin})</span>
        </dd>
        {wishes.length > 0 && (
          <>
            <dt>wishes</dt>
            <dd>{wishes.join("; ")}</dd>
          </>
        )}
        <dt>target</dt>
        <dd>
          <Version of={targetOf(of)} />{" "}
          {lane?.target && <span class="muted">newest good one that may be gone back to</span>}
        </dd>
        {lane?.refused.map((each) => (
          <>
            <dt>refused</dt>
            <dd>
              <Version of={each.release.version} /> {each.why}
            </dd>
          </>
        ))}
        <dt>budget</dt>
        <dd>
          {round(of.policy.budget_ms)}
          {of.warnedOfBudget && (
            <span class="warn"> ⚠ people were warned that it may be missed</span>
          )}
        </dd>
      </dl>
      <p class="muted small" style={{ margin: "12px 0 4px" }}>
        The same by command:
      </p>
      <Command text={rollbackCommand(of, targetOf(of))} />
    </section>
  );
}

function Told({ of }: { of: Explanation }) {
  const live = notices.value.filter((each) => each.rollbackId === of.rollback.id && each.try);
  if (live.length === 0) return null;
  return (
    <section class="section">
      <h2>What to do, as it was told</h2>
      {live.slice(0, 3).map((each) => (
        <Command key={each.at + each.kind} text={each.try!} />
      ))}
    </section>
  );
}

function Body({ of }: { of: Explanation }) {
  const { rollback } = of;
  const asked = useResource<Progress>(`/rollbacks/${rollback.id}/progress`).value.value;
  const told = progress.value[rollback.id];
  const shown = told && (!asked || told.revision >= asked.revision) ? told : asked;
  const [cancelling, setCancelling] = useState(false);
  const isActive = rollback.state === "active";
  const outcome = outcomeOf(rollback);
  useTitle(`${outcome.sign} ${rollback.environment} ${outcome.word}`);
  return (
    <div class="stack">
      <Head of={rollback} />
      {shown && (
        <div class="stack-small">
          <Budget of={shown} />
          {predicted(shown) && <p class="muted">{predicted(shown)}</p>}
        </div>
      )}
      <Outcome of={rollback} />
      <section aria-label="Timeline">
        {rollback.lanes.map((lane) => (
          <div class="lane" key={lane.environment}>
            {rollback.lanes.length > 1 && (
              <div class="lane-head">
                <h2>{lane.environment}</h2>
                <span class="route">
                  {lane.acts
                    ? route(lane.from.version, lane.target?.release.version)
                    : "left alone, verified"}
                </span>
              </div>
            )}
            <LaneTimeline rollback={rollback} lane={lane} name={lane.environment} />
          </div>
        ))}
      </section>
      {isActive && (
        <div class="row">
          <Act
            run={() => setCancelling(true)}
            whyNot={
              whyNoAction.value ??
              (hasActed(rollback)
                ? "it has begun to change things: it goes on to its end"
                : undefined)
            }
          >
            Cancel…
          </Act>
          <div style={{ flex: "1 1 280px", maxWidth: "480px" }}>
            <Command text={command("watch", rollback.environment)} />
          </div>
        </div>
      )}
      <div class="columns">
        <Causes of={of} />
        <Deciding of={rollback} />
      </div>
      <Told of={of} />
      <section class="section">
        <h2>What happened</h2>
        {of.journal.length > 0 ? (
          <Story of={of.journal} />
        ) : (
          <Empty title="Nothing is in its journal yet" />
        )}
      </section>
      {cancelling && <CancelDialog of={rollback} onClose={() => setCancelling(false)} />}
    </div>
  );
}

export function RollbackPage({ id }: { id: string }) {
  const explained = useResource<Explanation>(`/rollbacks/${encodeURIComponent(id)}/explain`);
  const isMissing = explained.problem.value !== undefined && explained.value.value === undefined;
  return (
    <>
      {isMissing && <PageHead title={`Rollback ${id}`} />}
      <Answered of={explained} what="the rollback">
        {(value) => <Body of={value} />}
      </Answered>
    </>
  );
}
