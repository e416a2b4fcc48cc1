// SPDX-License-Identifier: Apache-2.0
// Doctor: is the wiring right? Each finding is a symptom, its evidence, and what mends it.
import type { Diagnosis, Symptom } from "../api/types";
import { environmentNames } from "../keys";
import { useResource } from "../live/resource";
import { count, verdictWords, wordOf } from "../model/words";
import { Answered } from "../parts/pending";
import { Command, Empty, PageHead, Sign, Wide, useTitle } from "../parts/small";
import { query, setQuery } from "../router";

const subjects: Record<Symptom["about"], string> = {
  trigger: "a rollback may not start",
  rollback: "a rollback may not work",
  validation: "success may not be seen",
  artifacts: "the files may not be there",
  records: "the records may be wrong",
  notices: "people may not hear of it",
};

function Finding({ of }: { of: Symptom }) {
  return (
    <li class={`note ${of.verdict === "failed" ? "bad-note" : "warn-note"}`}>
      <p>
        <Sign of={wordOf(verdictWords, of.verdict)}>
          <strong>
            {of.environment}: {of.check}
          </strong>
        </Sign>{" "}
        <span class="muted">{subjects[of.about]}</span>
      </p>
      <p>{of.evidence}</p>
      {of.try && <Command text={of.try} />}
    </li>
  );
}

export function DoctorPage() {
  const environment = query.value.get("environment") ?? "";
  const diagnosis = useResource<Diagnosis>(
    environment ? `/doctor?environment=${encodeURIComponent(environment)}` : "/doctor",
  );
  const wrong = diagnosis.value.value?.symptoms.filter((each) => each.verdict !== "passed") ?? [];
  useTitle(wrong.length > 0 ? `⚠ ${count(wrong.length, "finding")}` : "Doctor");
  return (
    <>
      <PageHead
        title="Doctor"
        actions={
          <button type="button" onClick={() => void diagnosis.refresh()}>
            Look again
          </button>
        }
      >
        What keeps rollbacks from starting, from working or from being heard of, and what mends it.
      </PageHead>
      <form class="filters" onSubmit={(event) => event.preventDefault()}>
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
      <Answered of={diagnosis} what="the wiring">
        {(value) => {
          const well = value.symptoms.filter((each) => each.verdict === "passed");
          return (
            <div class="stack">
              {wrong.length > 0 ? (
                <ul class="stack-small">
                  {wrong.map((each) => (
                    <Finding key={`${each.environment} ${each.check}`} of={each} />
                  ))}
                </ul>
              ) : (
                <Empty title={`✔ Nothing is wrong: ${count(well.length, "check")} passed`} />
              )}
              {well.length > 0 && (
                <details>
                  <summary class="wishes">{count(well.length, "check")} passed</summary>
                  <Wide label="Checks that passed">
                    <table class="cards">
                      <caption class="hidden">Checks that passed</caption>
                      <thead>
                        <tr>
                          <th scope="col">Check</th>
                          <th scope="col">Where</th>
                          <th scope="col">Evidence</th>
                        </tr>
                      </thead>
                      <tbody>
                        {well.map((each) => (
                          <tr key={`${each.environment} ${each.check}`}>
                            <th scope="row">
                              <Sign of={wordOf(verdictWords, each.verdict)}>{each.check}</Sign>
                            </th>
                            <td>{each.environment}</td>
                            <td>
                              <span class="cell">{each.evidence}</span>
                            </td>
                          </tr>
                        ))}
                      </tbody>
                    </table>
                  </Wide>
                </details>
              )}
            </div>
          );
        }}
      </Answered>
    </>
  );
}
