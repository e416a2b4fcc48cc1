// SPDX-License-Identifier: Apache-2.0
// One lane of a rollback: a row for each step, a grey bar for what was expected and a solid one for
// what it took, the deadline where it is near, and a cursor for now.
import { useState } from "preact/hooks";
import type { Lane, Rollback } from "../api/types";
import { now } from "../live/clock";
import { clock, instant, round, short } from "../model/time";
import { type Scale, type Stage, marks, scaleOf, stagesOf, timing } from "../model/timeline";
import { stageWords, wordOf } from "../model/words";
import { StepDetail } from "./step_detail";
import { Sign } from "./small";

const width = 1000;

function Bars({
  of,
  scale,
  elapsed,
  isOver,
}: {
  of: Stage;
  scale: Scale;
  elapsed: number;
  isOver: boolean;
}) {
  const x = (ms: number) => (Math.max(0, Math.min(ms, scale.length)) / scale.length) * width;
  const { planned, actual } = of;
  const wide = (from: number, to: number) => Math.max(2, x(to) - x(from));
  return (
    <svg class="bars" viewBox={`0 0 ${width} 36`} preserveAspectRatio="none" aria-hidden="true">
      {planned && (
        <rect
          class="expected"
          x={x(planned.from)}
          width={wide(planned.from, planned.to)}
          y="8"
          height="7"
        />
      )}
      {planned && planned.slow > planned.to && (
        <path
          class="whisker"
          vector-effect="non-scaling-stroke"
          d={`M${x(planned.to)} 11.5H${x(planned.slow)}M${x(planned.slow)} 8.5v6`}
        />
      )}
      {actual && (
        <rect
          class={`actual ${of.state}`}
          x={x(actual.from)}
          width={wide(actual.from, actual.to)}
          y="18"
          height="9"
        />
      )}
      {scale.deadline !== undefined && (
        <line
          class="deadline"
          vector-effect="non-scaling-stroke"
          x1={x(scale.deadline)}
          x2={x(scale.deadline)}
          y1="0"
          y2="36"
        />
      )}
      {!isOver && (
        <line
          class="cursor"
          vector-effect="non-scaling-stroke"
          x1={x(elapsed)}
          x2={x(elapsed)}
          y1="0"
          y2="36"
        />
      )}
    </svg>
  );
}

function Ruler({ scale }: { scale: Scale }) {
  return (
    <div class="ruler" aria-hidden="true">
      {marks(scale.length, 5).map((mark) => (
        <span key={mark} style={{ left: `${(mark / scale.length) * 100}%` }}>
          {mark === 0 ? "0" : round(mark)}
        </span>
      ))}
    </div>
  );
}

// What the bars show, for those who do not see them.
function spoken(stage: Stage): string {
  const expected = stage.planned ? `expected ${short(stage.planned.to - stage.planned.from)}` : "";
  const took = stage.actual ? `took ${short(stage.actual.to - stage.actual.from)}` : "";
  return [expected, took].filter((each) => each).join(", ");
}

export function LaneTimeline({
  rollback,
  lane,
  name,
}: {
  rollback: Rollback;
  lane: Lane;
  name: string;
}) {
  const at = now.value;
  const start = instant(rollback.startedAt) ?? at;
  const stages = stagesOf(rollback, lane, at);
  const scale = scaleOf(rollback, stages, at);
  const running =
    stages.find((each) => each.state === "running") ??
    stages.find((each) => each.state === "failed");
  const [picked, pick] = useState<string | undefined>();
  const shown = picked ?? running?.name;
  const isOver = rollback.finishedAt !== undefined;
  const chosen = stages.find((each) => each.name === shown);
  return (
    <>
      <table class="timeline">
        <caption class="hidden">{name}: each step, what was expected and what it took</caption>
        <thead>
          <tr>
            <th scope="col" class="name">
              step
            </th>
            <th scope="col">
              <span class="hidden">expected and actual</span>
              <Ruler scale={scale} />
            </th>
            <th scope="col" class="took">
              time
            </th>
          </tr>
        </thead>
        <tbody>
          {stages.map((stage) => (
            <tr
              key={stage.name}
              class={stage.name === shown ? "chosen" : undefined}
              data-step={stage.name}
              data-state={stage.state}
            >
              <th scope="row" class="name">
                <button
                  type="button"
                  aria-pressed={stage.name === shown}
                  onClick={() => pick(stage.name === picked ? undefined : stage.name)}
                >
                  <Sign of={wordOf(stageWords, stage.state)}>
                    {stage.name}
                    <span class="hidden"> {wordOf(stageWords, stage.state).word}</span>
                  </Sign>
                </button>
              </th>
              <td>
                <Bars of={stage} scale={scale} elapsed={at - start} isOver={isOver} />
                <span class="hidden">{spoken(stage)}</span>
              </td>
              <td class="took small">
                {timing(stage) || (stage.state === "skipped" ? "skipped" : "")}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
      {chosen && <StepDetail rollback={rollback} lane={lane} stage={chosen} />}
      <p class="figure-foot">
        <span class="legend">
          <span>
            <i class="expected-key" />
            expected, with nine in ten
          </span>
          <span>
            <i class="actual-key" />
            actual
          </span>
          {scale.deadline !== undefined ? (
            <span>
              <i class="deadline-key" />
              deadline {clock(start + scale.deadline)} UTC
            </span>
          ) : (
            <span>
              the deadline,{" "}
              {rollback.deadlineAt ? `${clock(instant(rollback.deadlineAt) ?? 0)} UTC` : "none"}, is
              far off this axis
            </span>
          )}
        </span>
      </p>
    </>
  );
}
