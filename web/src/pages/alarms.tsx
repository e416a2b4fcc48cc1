// SPDX-License-Identifier: Apache-2.0
// Alarms: which signals count, are they sane? And what became of those that came.
import { useState } from "preact/hooks";
import type { Alarm, Alarms, Triggers } from "../api/types";
import { useResource } from "../live/resource";
import { command, flag } from "../model/commands";
import { alarmWords, wordOf } from "../model/words";
import { Dialog } from "../parts/dialog";
import { Answered } from "../parts/pending";
import { Command, Empty, PageHead, Sign, Unseen, When, Wide, useTitle } from "../parts/small";
import { TriggersTable } from "../parts/triggers";

// What it is for, in words; and whether it could start a rollback as it is.
function uses(of: Alarm): string {
  const { roles } = of;
  const found = [
    roles.trigger && "starts a rollback",
    roles.validate && "must be calm for success",
    roles.brake && "pulls the brake",
    roles.notify && "is told to people",
    roles.whileDeploying && "counts while deploying",
  ].filter((each) => each);
  return found.length > 0 ? found.join(", ") : "ignored: no rule names it";
}

function Could({ of }: { of: Alarm }) {
  if (!of.exists)
    return <Sign of={{ sign: "✖", word: "no: there is no such alarm", tone: "bad" }} />;
  if (!of.enabled)
    return <Sign of={{ sign: "⚠", word: "no: its actions are off", tone: "warn" }} />;
  if (!of.roles.trigger) return <span class="muted">no: it has another role</span>;
  if (of.state === "INSUFFICIENT_DATA")
    return <Sign of={{ sign: "?", word: "not known: it has no data", tone: "warn" }} />;
  return <Sign of={{ sign: "✔", word: "yes", tone: "ok" }} />;
}

function Rehearsal({ of, onClose }: { of: Alarm; onClose: () => void }) {
  return (
    <Dialog title={`As if ${of.name} turned red`} onClose={onClose}>
      <div class="stack-small">
        <p>This says what would be decided, and does nothing:</p>
        <Command text={command("trigger", of.environment, flag("alarm", of.name))} />
        <p class="muted small">
          With <code>--live</code> it is taken in as if it had come, with all that follows.
        </p>
      </div>
      <div class="dialog-foot">
        <button type="button" onClick={onClose}>
          Close
        </button>
      </div>
    </Dialog>
  );
}

function Table({ of }: { of: Alarms }) {
  const [rehearsed, rehearse] = useState<Alarm | undefined>();
  const order = { ALARM: 0, INSUFFICIENT_DATA: 1, OK: 2 };
  const sorted = [...of.alarms].sort(
    (a, b) =>
      order[a.state] - order[b.state] ||
      a.environment.localeCompare(b.environment) ||
      a.name.localeCompare(b.name),
  );
  if (sorted.length === 0) {
    return (
      <Empty title="No alarm is watched" command="stepback config check">
        Without one, only failed deployments and people start a rollback.
      </Empty>
    );
  }
  return (
    <>
      <Wide label="Alarms">
        <table class="cards brief">
          <caption class="hidden">Alarms, those that are red first</caption>
          <thead>
            <tr>
              {["State", "Alarm", "Where", "Since", "What it does", "Could start one", "Says"].map(
                (each) => (
                  <th scope="col" key={each}>
                    {each}
                  </th>
                ),
              )}
              <th scope="col">
                <span class="hidden">Actions</span>
              </th>
            </tr>
          </thead>
          <tbody>
            {sorted.map((each) => (
              <tr key={`${each.environment} ${each.name}`}>
                <td data-name="state" class="lead">
                  <Sign of={wordOf(alarmWords, each.state)} />
                </td>
                <th scope="row" data-name="alarm">
                  <span class="cell">{each.name}</span>
                </th>
                <td data-name="where">{each.environment}</td>
                <td data-name="since" class="aside">
                  <When at={each.since} />
                </td>
                <td data-name="does">
                  <span class="cell">{uses(each)}</span>
                </td>
                <td data-name="could start">
                  <span class="cell">
                    <span class="only-narrow muted">could start one: </span>
                    <Could of={each} />
                  </span>
                </td>
                <td data-name="says">
                  <span class="cell">{each.reason}</span>
                </td>
                <td>
                  <button type="button" class="tiny" onClick={() => rehearse(each)}>
                    Try…<Unseen> {each.name}</Unseen>
                  </button>
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </Wide>
      {rehearsed && <Rehearsal of={rehearsed} onClose={() => rehearse(undefined)} />}
    </>
  );
}

export function AlarmsPage() {
  const alarms = useResource<Alarms>("/alarms");
  const triggers = useResource<Triggers>("/triggers?limit=50");
  const red = alarms.value.value?.alarms.filter((each) => each.state === "ALARM").length ?? 0;
  useTitle(red > 0 ? `✖ ${red} in alarm` : "Alarms");
  return (
    <>
      <PageHead title="Alarms">Which signals count, and whether they are sane.</PageHead>
      <div class="stack">
        <Answered of={alarms} what="the alarms">
          {(value) => (
            <>
              {value.unread?.map((each) => (
                <div class="note warn-note" key={each}>
                  <strong>⚠ {each}</strong>: its alarms could not be read
                </div>
              ))}
              <Table of={value} />
            </>
          )}
        </Answered>
        <section class="section">
          <h2>What arrived</h2>
          <Answered of={triggers} what="what arrived">
            {(value) =>
              value.items.length === 0 ? (
                <Empty title="Nothing arrived yet" />
              ) : (
                <TriggersTable of={value.items} caption="Signals, newest first" />
              )
            }
          </Answered>
        </section>
      </div>
    </>
  );
}
