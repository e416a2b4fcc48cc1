// SPDX-License-Identifier: Apache-2.0
// The last step before a rollback: why, the typed name where it is severe, and the button. The
// plan's hash travels with the order, and one key for the gesture however often it is pressed.
import { useEffect, useRef, useState } from "preact/hooks";
import { Problem, ask, gestureKey, unreachable } from "../api/client";
import type { Accepted, Plan, PlanWish, RollbackOrder } from "../api/types";
import { whyNoAction } from "../may";
import { flag } from "../model/commands";
import { consequences } from "../model/plan";
import { rollbackCommand } from "../model/rollback";
import { shortVersion } from "../model/words";
import { go } from "../router";
import { Act } from "./act";
import { Command, Trouble } from "./small";

interface Props {
  plan: Plan;
  wish: PlanWish;
  onNewPlan: (plan: Plan, why: string) => void;
}

function commandOf(plan: Plan, reason: string): string {
  const { environment, level, wish } = plan.request;
  const base = rollbackCommand({ environment, level, wish, reason: "" }, plan.targetVersion);
  return [
    plan.command && !reason ? plan.command : base,
    flag("reason", reason || undefined),
    plan.confirm && flag("confirm", plan.confirm),
  ]
    .filter(Boolean)
    .join(" ");
}

export function Confirm({ plan, wish, onNewPlan }: Props) {
  const [reason, setReason] = useState("");
  const [typed, setTyped] = useState("");
  const [problem, setProblem] = useState<Problem | undefined>();
  const [asked, setAsked] = useState(false); // a second person, who has to agree
  const key = useRef({ order: "", key: "" });
  const { environment } = plan.request;
  // Another plan: the reason still stands, what was confirmed does not.
  useEffect(() => {
    setTyped("");
    setProblem(undefined);
    setAsked(false);
  }, [plan.hash]);

  const run = async () => {
    const order: RollbackOrder = { ...wish, planHash: plan.hash, reason: reason.trim() };
    if (plan.confirm) order.confirm = typed.trim();
    const text = JSON.stringify(order);
    if (key.current.order !== text) key.current = { order: text, key: gestureKey() };
    try {
      const accepted = await ask<Accepted>("/rollbacks", {
        method: "POST",
        body: order,
        key: key.current.key,
      });
      if (!accepted.rollbackId) return setAsked(true);
      go(`/rollbacks/${encodeURIComponent(accepted.rollbackId)}`);
    } catch (error) {
      const it = error instanceof Problem ? error : unreachable;
      if (it.document.plan) return onNewPlan(it.document.plan, it.message);
      setProblem(it);
    }
  };

  const whyNot =
    whyNoAction.value ??
    (reason.trim() ? undefined : "say why first") ??
    (plan.confirm && typed.trim() !== plan.confirm ? `type ${plan.confirm} to confirm` : undefined);
  const costs = consequences(plan);
  return (
    <section class="section" aria-label="Confirm">
      <h2>Do it</h2>
      <div class="form">
        {plan.confirm && costs.length > 0 && (
          <div class="note warn-note">
            <strong>⚠ This is severe</strong>
            <ul class="bullets">
              {costs.map((each) => (
                <li key={each}>{each}</li>
              ))}
            </ul>
          </div>
        )}
        <label>
          <span>Why (kept in the record and told to people)</span>
          <input
            name="reason"
            maxLength={500}
            required
            value={reason}
            onInput={(event) => setReason(event.currentTarget.value)}
          />
        </label>
        {plan.confirm && (
          <label>
            <span>
              Type <strong>{plan.confirm}</strong> to confirm
            </span>
            <input
              name="confirm"
              autocomplete="off"
              autocapitalize="off"
              spellcheck={false}
              value={typed}
              onInput={(event) => setTyped(event.currentTarget.value)}
            />
          </label>
        )}
        {problem && <Trouble problem={problem} />}
        {asked && (
          <div class="note warn-note" role="status">
            <strong>◷ A second person has to agree</strong>, and was told. It begins when they do:
            <Command text={`stepback approve ${environment} --reason WHY`} />
          </div>
        )}
        {problem?.document.rollbackId && (
          <p>
            <a href={`/rollbacks/${problem.document.rollbackId}`}>
              Watch the one that is under way
            </a>
          </p>
        )}
        <Act kind="danger" run={run} whyNot={whyNot}>
          Roll back {environment}
          {plan.targetVersion && ` to ${shortVersion(plan.targetVersion)}`}
        </Act>
        <div class="stack-small">
          <p class="muted small">The same by command:</p>
          <Command text={commandOf(plan, reason.trim())} />
        </div>
      </div>
    </section>
  );
}
