// SPDX-License-Identifier: Apache-2.0
// One person asked for a rollback, and another has to agree: the question, and the answer to it.
import { useState } from "preact/hooks";
import { Problem, ask, unreachable } from "../api/client";
import type { Accepted, Environment } from "../api/types";
import { refreshAll } from "../live/resource";
import { whyNoApproval } from "../may";
import { command, flag } from "../model/commands";
import { shortVersion } from "../model/words";
import { go } from "../router";
import { Act } from "./act";
import { Command, Trouble, When, toast } from "./small";

export function Question({ of }: { of: Environment }) {
  const [reason, setReason] = useState("");
  const [problem, setProblem] = useState<Problem | undefined>();
  const { asked } = of.head;
  if (!asked) return null;
  const name = of.environment;
  const answer = async (approved: boolean) => {
    const path = `/environments/${encodeURIComponent(name)}/approval`;
    try {
      const it = await ask<Accepted | undefined>(path, {
        method: "POST",
        body: { approved, reason: reason.trim() },
      });
      setProblem(undefined);
      refreshAll("/environments");
      if (it?.rollbackId) go(`/rollbacks/${encodeURIComponent(it.rollbackId)}`);
      else toast.value = `The rollback of ${name} is refused`;
    } catch (error) {
      setProblem(error instanceof Problem ? error : unreachable);
    }
  };
  const whyNot = whyNoApproval.value ?? (reason.trim() ? undefined : "say why first");
  const target = asked.wish.target;
  return (
    <section class="note warn-note stack-small" aria-label={`A question about ${name}`}>
      <p>
        <strong>
          ◷ {asked.by} asks to roll {name} back{target && ` to ${shortVersion(target)}`}
        </strong>{" "}
        and somebody else has to agree, until <When at={asked.until} exact />: {asked.reason}
      </p>
      <label>
        <span>Why, either way (kept in the record)</span>
        <input
          name="answer"
          maxLength={500}
          value={reason}
          onInput={(event) => setReason(event.currentTarget.value)}
        />
      </label>
      {problem && <Trouble problem={problem} />}
      <div class="row">
        <Act kind="danger" run={() => answer(true)} whyNot={whyNot}>
          Agree: roll {name} back
        </Act>
        <Act run={() => answer(false)} whyNot={whyNot && ""}>
          Refuse
        </Act>
      </div>
      <Command text={command("approve", name, flag("reason", reason || "WHY"))} />
    </section>
  );
}
