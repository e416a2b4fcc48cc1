// SPDX-License-Identifier: Apache-2.0
// The way in where the server asks who is there.
import { useState } from "preact/hooks";
import { Problem, session, signIn, unreachable } from "../api/client";
import { Command, PageHead, Trouble, useTitle } from "../parts/small";

export function SignInPage() {
  useTitle("Sign in");
  const [token, setToken] = useState("");
  const [problem, setProblem] = useState<Problem | undefined>();
  const [busy, setBusy] = useState(false);
  const submit = async (event: Event) => {
    event.preventDefault();
    if (busy) return;
    setBusy(true);
    try {
      await signIn(token.trim());
    } catch (error) {
      setProblem(error instanceof Problem ? error : unreachable);
      setToken("");
    } finally {
      setBusy(false);
    }
  };
  return (
    <main style={{ maxWidth: "480px" }}>
      <PageHead title="Sign in">to Stepback of {session.value?.service}</PageHead>
      <form class="form stack-small" onSubmit={(event) => void submit(event)}>
        {problem && <Trouble problem={problem} />}
        <label>
          <span>Your token</span>
          <input
            type="password"
            name="token"
            autocomplete="current-password"
            required
            autofocus
            value={token}
            onInput={(event) => setToken(event.currentTarget.value)}
          />
        </label>
        <div>
          <button type="submit" class="primary" disabled={busy}>
            Sign in
          </button>
        </div>
      </form>
      <div class="stack-small" style={{ marginTop: "24px" }}>
        <p class="muted">A token is made on the server, and shown once:</p>
        <Command text="stepback token add NAME --role operator" />
      </div>
    </main>
  );
}
