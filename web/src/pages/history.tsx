// SPDX-License-Identifier: Apache-2.0
// History: what happened, why, by whom? What is looked for stands in the address, so that it can be
// sent to somebody.
import { useState } from "preact/hooks";
import { Problem, ask, unreachable } from "../api/client";
import type { Deployment, Deployments, Rollbacks } from "../api/types";
import { environmentNames } from "../keys";
import { useResource } from "../live/resource";
import { csv } from "../model/csv";
import { csvColumns, csvRow, entries, filterNames, filtered } from "../model/history";
import { Exports } from "../parts/exports";
import { Compared, Entries } from "../parts/history_rows";
import { HoldDialog, type HoldGesture } from "../parts/hold";
import { Empty, Loading, PageHead, Trouble, useTitle } from "../parts/small";
import { path, query, setQuery } from "../router";
import { isNarrow } from "../theme";

const page = 100;

interface Older {
  deployments: Deployments["items"];
  rollbacks: Rollbacks["items"];
  next?: { deployments?: string; rollbacks?: string };
}

function Choice({
  name,
  label,
  values,
}: {
  name: string;
  label: string;
  values: [string, string][];
}) {
  return (
    <label>
      <span>{label}</span>
      <select
        name={name}
        value={query.value.get(name) ?? ""}
        onChange={(event) => setQuery({ [name]: event.currentTarget.value })}
      >
        <option value="">any</option>
        {values.map(([value, text]) => (
          <option key={value} value={value}>
            {text}
          </option>
        ))}
      </select>
    </label>
  );
}

function Text({
  name,
  label,
  type = "text",
  cls,
  search,
}: {
  name: string;
  label: string;
  type?: "text" | "search" | "date";
  cls?: string;
  search?: boolean;
}) {
  return (
    <label class={cls}>
      <span>{label}</span>
      <input
        {...({ type } as { type: "text" })}
        name={name}
        value={query.value.get(name) ?? ""}
        data-search={search}
        onInput={(event) => setQuery({ [name]: event.currentTarget.value })}
      />
    </label>
  );
}

const same = (...names: string[]): [string, string][] =>
  names.map((each) => [each, each.replaceAll("_", " ")]);

function Filters() {
  if (!isNarrow.value) return <FilterFields />;
  const isFiltered = filterNames.some((each) => query.value.get(each));
  return (
    <details class="wishes" open={isFiltered}>
      <summary>Filter</summary>
      <FilterFields />
    </details>
  );
}

function FilterFields() {
  return (
    <form
      class="filters"
      role="search"
      aria-label="History"
      onSubmit={(event) => event.preventDefault()}
    >
      <Text name="text" label="Version, id, reason" type="search" cls="search" search />
      <Choice name="environment" label="Environment" values={same(...environmentNames.value)} />
      <Choice name="kind" label="Kind" values={same("deploy", "rollback", "drill")} />
      <Choice
        name="result"
        label="Result"
        values={same(
          "succeeded",
          "failed",
          "in_progress",
          "rolled_back",
          "active",
          "escalated",
          "cancelled",
          "handed_over",
        )}
      />
      <Choice
        name="trigger"
        label="Trigger"
        values={same("automatic", "manual", "drill", "pipeline")}
      />
      <Text name="operator" label="By" />
      <Text name="since" label="From (UTC)" type="date" />
      <Text name="until" label="To (UTC)" type="date" />
    </form>
  );
}

function address(kind: string, token?: string): string {
  const asked = query.value;
  const wanted = new URLSearchParams({ limit: String(page) });
  const environment = asked.get("environment");
  if (environment) wanted.set("environment", environment);
  if (token) wanted.set("nextToken", token);
  return `/${kind}?${wanted}`;
}

export function HistoryPage() {
  useTitle("History");
  const deployments = useResource<Deployments>(address("deployments"));
  const rollbacks = useResource<Rollbacks>(address("rollbacks"));
  const environment = query.value.get("environment") ?? "";
  const [older, setOlder] = useState<Older & { of: string }>({
    of: environment,
    deployments: [],
    rollbacks: [],
  });
  const [picked, pick] = useState<Deployment[]>([]);
  const [gesture, setGesture] = useState<HoldGesture | undefined>();
  const [problem, setProblem] = useState<Problem | undefined>();
  const more =
    older.of === environment ? older : { deployments: [], rollbacks: [], next: undefined };
  const [d, r] = [deployments.value.value, rollbacks.value.value];
  const trouble = problem ?? deployments.problem.value ?? rollbacks.problem.value;
  const next = more.next ?? { deployments: d?.nextToken, rollbacks: r?.nextToken };

  const showOlder = async () => {
    try {
      const [a, b] = await Promise.all([
        next.deployments ? ask<Deployments>(address("deployments", next.deployments)) : undefined,
        next.rollbacks ? ask<Rollbacks>(address("rollbacks", next.rollbacks)) : undefined,
      ]);
      setOlder({
        of: environment,
        deployments: [...more.deployments, ...(a?.items ?? [])],
        rollbacks: [...more.rollbacks, ...(b?.items ?? [])],
        next: { deployments: a?.nextToken, rollbacks: b?.nextToken },
      });
    } catch (error) {
      setProblem(error instanceof Problem ? error : unreachable);
    }
  };

  const all = entries(
    [...(d?.items ?? []), ...more.deployments],
    [...(r?.items ?? []), ...more.rollbacks],
  );
  const shown = filtered(all, query.value);
  const isFiltered = filterNames.some((each) => query.value.get(each));
  const compare = (it: Deployment) =>
    pick((before) =>
      before.some((each) => each.deploymentId === it.deploymentId)
        ? before.filter((each) => each.deploymentId !== it.deploymentId)
        : [...before.slice(-1), it],
    );
  const isReading = !d || !r;
  return (
    <>
      <PageHead
        title="History"
        actions={
          <Exports
            name="stepback-history"
            rows={() => csv(csvColumns, shown.map(csvRow))}
            all={() => shown.map((each) => each.rollback ?? each.deployment)}
            isEmpty={shown.length === 0}
          />
        }
      >
        Every deployment, rollback and drill: what, why, by whom.
      </PageHead>
      <Filters />
      {trouble && <Trouble problem={trouble} />}
      <div aria-live="polite" class="hidden">
        {isReading ? "" : `${shown.length} entries`}
      </div>
      <Compared of={picked} clear={() => pick([])} />
      {isReading && !trouble && <Loading what="the history" />}
      {!isReading && shown.length === 0 && (
        <Empty
          title={isFiltered ? "Nothing is like that" : "Nothing happened yet"}
          command={isFiltered ? undefined : "stepback demo"}
        >
          {isFiltered ? (
            <button
              type="button"
              onClick={() => setQuery(Object.fromEntries(filterNames.map((each) => [each, ""])))}
            >
              Show everything
            </button>
          ) : (
            "Deployments and rollbacks will stand here. To see one:"
          )}
        </Empty>
      )}
      {shown.length > 0 && (
        <Entries of={shown} picked={picked} compare={compare} hold={setGesture} />
      )}
      {(next.deployments || next.rollbacks) && path.value === "/history" && (
        <p style={{ marginTop: "16px" }}>
          <button type="button" onClick={() => void showOlder()}>
            Show older
          </button>
        </p>
      )}
      {gesture && <HoldDialog gesture={gesture} onClose={() => setGesture(undefined)} />}
    </>
  );
}
