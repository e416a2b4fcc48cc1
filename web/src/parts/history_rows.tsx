// SPDX-License-Identifier: Apache-2.0
// The history's rows, or items where there is no room for columns; and two of them compared.
import type { Deployment } from "../api/types";
import { type Entry, comparison } from "../model/history";
import { short } from "../model/time";
import { isNarrow } from "../theme";
import type { HoldGesture } from "./hold";
import { Sign, Unseen, VersionText, When, Wide } from "./small";

interface EntryProps {
  of: Entry;
  compared: boolean;
  compare: (it: Deployment) => void;
  hold: (gesture: HoldGesture) => void;
}

function Actions({ of, compared, compare, hold }: EntryProps) {
  if (of.rollback)
    return (
      <a href={`/rollbacks/${of.id}`} class="small">
        open<Unseen> {of.id}</Unseen>
      </a>
    );
  return (
    <span class="cell row">
      <label class="check small muted">
        <input
          type="checkbox"
          checked={compared}
          aria-label={`Compare ${of.version} in ${of.environment}`}
          onChange={() => compare(of.deployment!)}
        />
        <span>compare</span>
      </label>
      <button
        type="button"
        class="tiny plain"
        onClick={() => hold({ what: "hold", environment: of.environment, version: of.version })}
      >
        Hold…
        <Unseen>
          {" "}
          {of.version} out of {of.environment}
        </Unseen>
      </button>
    </span>
  );
}

function Route({ of }: { of: Entry }) {
  return (
    <>
      {of.from && (
        <>
          <VersionText of={of.from} /> →{" "}
        </>
      )}
      <VersionText of={of.version} />
    </>
  );
}

// The same where there is no room for columns.
function Item(props: EntryProps) {
  const { of } = props;
  return (
    <li>
      <div class="item-head">
        <Sign of={of.word} />
        <span>
          {of.kind} in {of.environment}
        </span>
        <span class="muted">
          <When at={of.at} />
        </span>
      </div>
      <div>
        <Route of={of} />{" "}
        <span class="muted small">
          {[of.took !== undefined && short(of.took), of.by].filter(Boolean).join(" · ")}
        </span>
      </div>
      {of.why && <div class="small">{of.why}</div>}
      <Actions {...props} />
    </li>
  );
}

function Row(props: EntryProps) {
  const { of } = props;
  const link = of.rollback ? `/rollbacks/${of.id}` : undefined;
  return (
    <tr>
      <td>
        <When at={of.at} />
      </td>
      <td>{of.environment}</td>
      <td>
        {link ? (
          <a href={link}>
            {of.kind}
            <Unseen> {of.id}</Unseen>
          </a>
        ) : (
          of.kind
        )}
      </td>
      <td class="nowrap">
        <Route of={of} />
      </td>
      <td>
        <Sign of={of.word} />
      </td>
      <td class="nowrap">{of.took === undefined ? "" : short(of.took)}</td>
      <td>{of.by}</td>
      <td>{of.why}</td>
      <td>
        <Actions {...props} />
      </td>
    </tr>
  );
}

export function Compared({ of, clear }: { of: Deployment[]; clear: () => void }) {
  const [a, b] = of;
  if (!a) return null;
  if (!b)
    return (
      <p class="note" role="status">
        Choose a second deployment to compare {a.version} in {a.environment} with.{" "}
        <button type="button" class="tiny" onClick={clear}>
          Never mind
        </button>
      </p>
    );
  return (
    <section class="panel" aria-label="Comparison">
      <div class="section-head">
        <h2>Two releases compared</h2>
        <button type="button" class="tiny" onClick={clear}>
          Close
        </button>
      </div>
      <Wide label="Comparison">
        <table>
          <thead>
            <tr>
              <th scope="col">Field</th>
              <th scope="col">
                {a.version} in {a.environment}
              </th>
              <th scope="col">
                {b.version} in {b.environment}
              </th>
            </tr>
          </thead>
          <tbody>
            {comparison(a, b).map((each) => (
              <tr key={each.name}>
                <th scope="row">
                  {each.differs ? (
                    <Sign of={{ sign: "≠", word: each.name, tone: "warn" }} />
                  ) : (
                    <Sign of={{ sign: "=", word: each.name, tone: "quiet" }} />
                  )}
                </th>
                <td>{each.a || <span class="muted">–</span>}</td>
                <td>{each.b || <span class="muted">–</span>}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </Wide>
    </section>
  );
}

interface EntriesProps extends Omit<EntryProps, "of" | "compared"> {
  of: Entry[];
  picked: Deployment[];
}

export function Entries({ of, picked, compare, hold }: EntriesProps) {
  const props = (each: Entry): EntryProps => ({
    of: each,
    compared: picked.some((one) => one.deploymentId === each.id),
    compare,
    hold,
  });
  if (isNarrow.value) {
    return (
      <ul class="items">
        {of.map((each) => (
          <Item key={each.id} {...props(each)} />
        ))}
      </ul>
    );
  }
  return (
    <Wide label="History">
      <table>
        <caption class="hidden">History, newest first</caption>
        <thead>
          <tr>
            {["When", "Where", "Kind", "Release", "Result", "Took", "By", "Why"].map((each) => (
              <th scope="col" key={each}>
                {each}
              </th>
            ))}
            <th scope="col">
              <span class="hidden">Actions</span>
            </th>
          </tr>
        </thead>
        <tbody>
          {of.map((each) => (
            <Row key={each.id} {...props(each)} />
          ))}
        </tbody>
      </table>
    </Wide>
  );
}
