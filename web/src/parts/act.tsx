// SPDX-License-Identifier: Apache-2.0
// A button that does something: while it may not, it stays where it is, can be reached by keyboard,
// and says why. While it works it takes no second click.
import type { ComponentChildren } from "preact";
import { useId, useRef, useState } from "preact/hooks";

interface Props {
  children: ComponentChildren;
  run: () => Promise<void> | void;
  whyNot?: string;
  kind?: "primary" | "danger" | "tiny" | "";
  submits?: boolean;
}

export function Act({ children, run, whyNot, kind = "" }: Props) {
  const [busy, setBusy] = useState(false);
  const running = useRef(false);
  const id = useId();
  const click = async () => {
    if (whyNot !== undefined || running.current) return;
    running.current = true;
    setBusy(true);
    try {
      await run();
    } finally {
      running.current = false;
      setBusy(false);
    }
  };
  const off = whyNot !== undefined || busy;
  return (
    <span class="act">
      <button
        type="button"
        class={kind}
        aria-disabled={off}
        aria-describedby={whyNot ? id : undefined}
        onClick={() => void click()}
      >
        {busy ? "Working …" : children}
      </button>
      {whyNot && (
        <span id={id} class="why muted small">
          {whyNot}
        </span>
      )}
    </span>
  );
}
