// SPDX-License-Identifier: Apache-2.0
// Now: what runs where, is it well, can I go back? The matrix where there is room for one, a card
// for each environment where there is not.
import { useEffect, useState } from "preact/hooks";
import type { Deployments, Drills, Environment, Measures, Ready, Status } from "../api/types";
import { environmentNames } from "../keys";
import { now } from "../live/clock";
import { useResource } from "../live/resource";
import { type Cell, type Release, headline, isActive, matrix, stateOf } from "../model/matrix";
import { readyWord } from "../model/readiness";
import { about, instant, round } from "../model/time";
import { count } from "../model/words";
import { Question } from "../parts/answer";
import { Spark } from "../parts/charts";
import { type HoldGesture, HoldDialog } from "../parts/hold";
import { Answered } from "../parts/pending";
import {
  Command,
  Empty,
  Sign,
  Unseen,
  Version,
  VersionText,
  When,
  Wide,
  useTitle,
} from "../parts/small";
import { isNarrow } from "../theme";

type Hold = (gesture: HoldGesture) => void;

export const planPath = (environment: string, to?: string) =>
  `/plan/${encodeURIComponent(environment)}${to ? `?to=${encodeURIComponent(to)}` : ""}`;

function ReadyCell({ of, ready }: { of: Environment; ready: Ready | undefined }) {
  const { word, more } = readyWord(of, ready?.environments);
  return (
    <>
      <Sign of={word} />
      {more && <span class="cell-more">{more}</span>}
    </>
  );
}

function AlarmsCell({ of }: { of: Environment }) {
  if (!of.alarms) return <Sign of={{ sign: "?", word: "not read", tone: "warn" }} />;
  const { total, inAlarm } = of.alarms;
  if (total === 0) return <span class="muted">none is configured</span>;
  const text = `${inAlarm.length} of ${total} in alarm`;
  if (inAlarm.length === 0) return <span>{text}</span>;
  return (
    <>
      <Sign of={{ sign: "✖", word: text, tone: "bad" }} />
      {inAlarm.map((each) => (
        <span class="cell-more" key={each}>
          {each}
        </span>
      ))}
    </>
  );
}

function Gesture({ of }: { of: Environment }) {
  if (isActive(of))
    return (
      <a class="button" href={`/rollbacks/${of.rollback!.id}`} data-watch>
        Watch
      </a>
    );
  const bad = stateOf(of).tone === "bad";
  return (
    <a
      class={bad && of.rollbackReadiness.ready ? "button danger" : "button"}
      href={planPath(of.environment)}
    >
      Roll back…<Unseen> {of.environment}</Unseen>
    </a>
  );
}

function MatrixCell({
  of,
  environment,
  version,
  hold,
}: {
  of: Cell;
  environment: Environment;
  version: string;
  hold: Hold;
}) {
  const cls = of.runs ? (of.isBad ? "runs is-bad" : "runs") : undefined;
  if (!of.word)
    return (
      <td class={cls}>
        <span class="muted" aria-hidden="true">
          ·
        </span>
        <span class="hidden">not deployed</span>
      </td>
    );
  const name = environment.environment;
  return (
    <td class={cls}>
      <Sign of={of.word} />
      {of.isTarget && !of.isActive && <span class="target nowrap"> ← target</span>}
      {of.more.map((each) => (
        <span class="cell-more" key={each}>
          {each}
        </span>
      ))}
      {of.isHeld && (
        <span class="cell-more">
          <button
            type="button"
            class="tiny"
            onClick={() => hold({ what: "release", environment: name, version })}
          >
            Release…
          </button>
        </span>
      )}
    </td>
  );
}

function ReleaseHead({ of }: { of: Release }) {
  return (
    <th scope="row">
      <Version of={of.version} />
      <span class="who">
        {[of.by, of.at && `${about(now.value - of.at)} ago`].filter(Boolean).join(" · ")}
      </span>
    </th>
  );
}

interface Shown {
  environments: Environment[];
  releases: Release[];
  ready: Ready | undefined;
  hold: Hold;
}

function Matrix({ environments, releases, ready, hold }: Shown) {
  return (
    <Wide label="Where each release runs">
      <table class="matrix">
        <caption class="hidden">Releases, newest first, and where each runs</caption>
        <thead>
          <tr>
            <th scope="col">Release</th>
            {environments.map((each) => (
              <th scope="col" key={each.environment}>
                {each.environment}{" "}
                {each.protected && (
                  <span class="tag" title="People are served here">
                    protected
                  </span>
                )}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {releases.map((each) => (
            <tr key={each.version}>
              <ReleaseHead of={each} />
              {each.cells.map((cell, at) => (
                <MatrixCell
                  key={environments[at]!.environment}
                  of={cell}
                  environment={environments[at]!}
                  version={each.version}
                  hold={hold}
                />
              ))}
            </tr>
          ))}
        </tbody>
        <tfoot>
          <tr>
            <th scope="row">State</th>
            {environments.map((each) => (
              <td key={each.environment}>
                <Sign of={stateOf(each)} />
              </td>
            ))}
          </tr>
          <tr>
            <th scope="row">Can go back now</th>
            {environments.map((each) => (
              <td key={each.environment}>
                <ReadyCell of={each} ready={ready} />
              </td>
            ))}
          </tr>
          <tr>
            <th scope="row">Alarms</th>
            {environments.map((each) => (
              <td key={each.environment}>
                <AlarmsCell of={each} />
              </td>
            ))}
          </tr>
          <tr>
            <th scope="row">
              <span class="hidden">Actions</span>
            </th>
            {environments.map((each) => (
              <td key={each.environment}>
                <Gesture of={each} />
              </td>
            ))}
          </tr>
        </tfoot>
      </table>
    </Wide>
  );
}

function Card({ of, ready }: { of: Environment; ready: Ready | undefined }) {
  const state = stateOf(of);
  const at = instant(of.deployment?.cutoverTime ?? of.deployment?.startTime);
  return (
    <section class="env-card" aria-label={of.environment}>
      <div class="env-head">
        <h2>{of.environment}</h2>
        <Sign of={state} />
      </div>
      <dl class="facts">
        <dt>Runs</dt>
        <dd>
          <VersionText of={of.version} />
          {at !== undefined && <span class="muted"> for {about(now.value - at)}</span>}
        </dd>
        <dt>Can go back</dt>
        <dd>
          <ReadyCell of={of} ready={ready} />
        </dd>
        <dt>Alarms</dt>
        <dd>
          <AlarmsCell of={of} />
        </dd>
      </dl>
      <div class="env-actions">
        <Gesture of={of} />
      </div>
    </section>
  );
}

// What is wrong first: at night, on a phone, nobody scrolls.
const order = (each: Environment) =>
  isActive(each) ? 0 : stateOf(each).tone === "bad" ? 1 : each.protected ? 2 : 3;

function Cards({ environments, releases, ready, hold }: Shown) {
  const sorted = [...environments].sort((a, b) => order(a) - order(b));
  return (
    <>
      {sorted.map((each) => (
        <Card key={each.environment} of={each} ready={ready} />
      ))}
      <section class="section releases">
        <h2>Releases</h2>
        <ul>
          {releases.map((each) => (
            <li key={each.version} style={{ padding: "8px 0" }}>
              <Version of={each.version} /> <span class="muted small">{each.by}</span>
              {each.cells.map(
                (cell, at) =>
                  cell.word && (
                    <div class="row" key={environments[at]!.environment}>
                      <span class="muted" style={{ width: "84px" }}>
                        {environments[at]!.environment}
                      </span>
                      <Sign of={cell.word} />
                      {cell.isHeld && (
                        <button
                          type="button"
                          class="tiny"
                          onClick={() =>
                            hold({
                              what: "release",
                              environment: environments[at]!.environment,
                              version: each.version,
                            })
                          }
                        >
                          Release…
                        </button>
                      )}
                    </div>
                  ),
              )}
            </li>
          ))}
        </ul>
      </section>
    </>
  );
}

function Notes({ environments }: { environments: Environment[] }) {
  if (!environments.some((each) => each.head.waiting ?? each.head.brake ?? each.head.overrides[0]))
    return null;
  return (
    <div class="stack-small" style={{ marginBottom: "16px" }}>
      {environments.map((each) => (
        <>
          {each.head.waiting && (
            <div class="note bad-note">
              <strong>✖ {each.environment} waits for people</strong> since{" "}
              <When at={each.head.waiting.since} exact />:{" "}
              <a href={`/rollbacks/${each.head.waiting.rollbackId}`}>what was tried</a>
              {each.head.waiting.incident && <>, incident {each.head.waiting.incident}</>}
              <Command text={`stepback explain ${each.head.waiting.rollbackId}`} />
            </div>
          )}
          {each.head.brake && (
            <div class="note warn-note">
              <strong>⚠ {each.environment}: the brake is on</strong>, automation keeps away:{" "}
              {each.head.brake.reason}
            </div>
          )}
          <Question of={each} />
          {each.head.overrides.map((one) => (
            <div class="note warn-note" key={one.check}>
              <strong>
                ⚠ {each.environment}: {one.check} does not count
              </strong>{" "}
              until <When at={one.until} exact />, says {one.by}: {one.reason}
            </div>
          ))}
        </>
      ))}
    </div>
  );
}

function Glances({ environments }: { environments: Environment[] }) {
  const measures = useResource<Measures>("/measures?days=30").value.value;
  const drills = useResource<Drills>("/drills?limit=1").value.value;
  const last = drills?.items[0];
  const overdue = drills?.environments.filter((each) => each.overdue && each.mayBeRehearsed) ?? [];
  const restore = measures?.timeToRestore;
  return (
    <div class="glances">
      <section>
        <h2>Last 30 days</h2>
        {measures && (
          <>
            <p>
              <a href="/measures">{count(measures.restores.count, "restore")}</a>
              {restore?.usual_ms !== undefined && <> · half within {round(restore.usual_ms)}</>}
              {restore?.slow_ms !== undefined && (
                <> · nine in ten within {round(restore.slow_ms)}</>
              )}
            </p>
            <Spark
              label={`Deployments of ${measures.days.length} days`}
              days={measures.days.map((each) => ({
                day: each.day,
                count: each.deployments + each.restores,
                bad: each.failed + each.restores,
              }))}
            />
          </>
        )}
      </section>
      <section>
        <h2>Rehearsed</h2>
        {drills && (
          <p>
            {last ? (
              <>
                <a href="/drills">Last drill</a> <When at={last.at} />, {last.environment}:{" "}
                <Sign
                  of={
                    last.state === "succeeded"
                      ? { sign: "✔", word: round(last.milliseconds), tone: "ok" }
                      : { sign: "✖", word: last.state, tone: "bad" }
                  }
                />
              </>
            ) : (
              <>
                Never yet. <a href="/drills">Drills</a> show that it works before it must.
              </>
            )}
          </p>
        )}
        {overdue.length > 0 && environments.length > 0 && (
          <p class="warn">⚠ overdue: {overdue.map((each) => each.environment).join(", ")}</p>
        )}
      </section>
    </div>
  );
}

function Body({ status }: { status: Status }) {
  const deployments = useResource<Deployments>("/deployments?limit=100").value.value;
  const ready = useResource<Ready>("/readiness").value.value;
  const [gesture, setGesture] = useState<HoldGesture | undefined>();
  const { environments } = status;
  useTitle(headline(environments, status.service));
  useEffect(() => {
    environmentNames.value = environments.map((each) => each.environment);
  }, [environments.map((each) => each.environment).join(" ")]);
  useEffect(() => void performance.mark("usable"), []);
  const releases = matrix(environments, deployments?.items ?? [], now.value);
  const shown = { environments, releases, ready, hold: setGesture };
  const first = environments[0]?.environment ?? "test";
  const isEmpty = releases.length === 0 && deployments !== undefined;
  return (
    <>
      <h1 class="hidden" tabIndex={-1}>
        Now: what runs where
      </h1>
      <Notes environments={environments} />
      {isNarrow.value ? <Cards {...shown} /> : <Matrix {...shown} />}
      {isEmpty && (
        <Empty
          title="Nothing was deployed yet"
          command={`stepback deploy ${first} --version VERSION --from DIR`}
        >
          The pipeline tells of each deployment by one command:
        </Empty>
      )}
      <Glances environments={environments} />
      {gesture && <HoldDialog gesture={gesture} onClose={() => setGesture(undefined)} />}
    </>
  );
}

export function NowPage() {
  const status = useResource<Status>("/environments");
  return (
    <Answered of={status} what="where everything is">
      {(value) => <Body status={value} />}
    </Answered>
  );
}
