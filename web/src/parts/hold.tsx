// SPDX-License-Identifier: Apache-2.0
// Keeping a version out, and letting it in again: with a reason, and the command for it.
import { useState } from "preact/hooks";
import { Problem, ask, unreachable } from "../api/client";
import { refreshAll } from "../live/resource";
import { whyNoAction } from "../may";
import { command, flag } from "../model/commands";
import { shortVersion } from "../model/words";
import { Act } from "./act";
import { Dialog } from "./dialog";
import { Command, Trouble, toast } from "./small";

export interface HoldGesture {
  what: "hold" | "release";
  environment: string;
  version: string;
}

export function HoldDialog({ gesture, onClose }: { gesture: HoldGesture; onClose: () => void }) {
  const { what, environment, version } = gesture;
  const [reason, setReason] = useState("");
  const [problem, setProblem] = useState<Problem | undefined>();
  const holds = what === "hold";
  const run = async () => {
    try {
      if (holds) {
        await ask("/holds", {
          method: "POST",
          body: { environment, version, reason, until: "released" },
        });
      } else {
        const query = new URLSearchParams({ environment, version, reason });
        await ask(`/holds?${query}`, { method: "DELETE" });
      }
      toast.value = holds
        ? `${version} is kept out of ${environment}`
        : `${version} may be deployed to ${environment} again`;
      refreshAll("/environments", "/holds");
      onClose();
    } catch (error) {
      setProblem(error instanceof Problem ? error : unreachable);
    }
  };
  const noReason = reason.trim() ? undefined : "say why first";
  const text = holds
    ? command("hold add", environment, flag("version", version), flag("reason", reason || "WHY"))
    : command(
        "hold release",
        environment,
        flag("version", version),
        flag("reason", reason || "WHY"),
      );
  return (
    <Dialog
      title={
        holds
          ? `Keep ${shortVersion(version)} out of ${environment}`
          : `Let ${shortVersion(version)} into ${environment} again`
      }
      onClose={onClose}
    >
      <div class="stack-small">
        <p>
          {holds
            ? "It cannot be deployed there, nor gone back to, until somebody lets it in again."
            : "It may be deployed there and be chosen to go back to. Nothing is deployed by this."}
        </p>
        <label>
          <span>Why (kept in the record)</span>
          <input
            name="reason"
            maxLength={500}
            value={reason}
            onInput={(event) => setReason(event.currentTarget.value)}
            autofocus
          />
        </label>
        {problem && <Trouble problem={problem} />}
        <p class="muted small">The same by command:</p>
        <Command text={text} />
      </div>
      <div class="dialog-foot">
        <button type="button" onClick={onClose}>
          Leave it as it is
        </button>
        <Act kind="primary" run={run} whyNot={whyNoAction.value ?? noReason}>
          {holds ? "Keep it out" : "Let it in"}
        </Act>
      </div>
    </Dialog>
  );
}
