// SPDX-License-Identifier: Apache-2.0
// The three pictures that are needed: a line of moments against a limit, bars by day, and shares of
// a whole. Plain SVG; what they say stands in a table too (Figure).
import { useEffect, useRef, useState } from "preact/hooks";
import { date, round } from "../model/time";
import { marks } from "../model/timeline";

// As wide as there is room, so that its letters keep their size.
function useWidth(): [(element: Element | null) => void, number] {
  const [width, setWidth] = useState(640);
  const element = useRef<Element | null>(null);
  useEffect(() => {
    if (!element.current) return;
    const observer = new ResizeObserver(
      ([entry]) => entry && setWidth(Math.max(240, Math.round(entry.contentRect.width))),
    );
    observer.observe(element.current);
    return () => observer.disconnect();
  }, []);
  return [(found) => (element.current = found), width];
}

export interface Point {
  at: number;
  value: number;
  failed?: boolean;
  title: string;
}

// How long each took, in time, with the limit where it is near enough to matter.
export function Trace({
  points,
  limit,
  label,
}: {
  points: Point[];
  limit?: number;
  label: string;
}) {
  const [measure, width] = useWidth();
  const height = 180;
  const left = 44;
  const bottom = 20;
  const highest = Math.max(...points.map((each) => each.value), 1);
  const showsLimit = limit !== undefined && limit <= highest * 4;
  const top = Math.max(highest, showsLimit ? limit : 0) * 1.12;
  const first = Math.min(...points.map((each) => each.at));
  const last = Math.max(...points.map((each) => each.at));
  const x = (at: number) =>
    left + 8 + ((at - first) / Math.max(1, last - first)) * (width - left - 20);
  const y = (value: number) => height - bottom - (value / top) * (height - bottom - 8);
  const line = points
    .map((each, at) => `${at ? "L" : "M"}${x(each.at).toFixed(1)} ${y(each.value).toFixed(1)}`)
    .join("");
  return (
    <svg
      ref={measure}
      class="chart"
      viewBox={`0 0 ${width} ${height}`}
      style={{ height: `${height}px` }}
      role="img"
      aria-label={label}
    >
      {marks(top, 4).map((mark) => (
        <g key={mark}>
          <line class="axis" x1={left} x2={width} y1={y(mark)} y2={y(mark)} />
          <text x={left - 6} y={y(mark) + 4} text-anchor="end">
            {round(mark)}
          </text>
        </g>
      ))}
      {showsLimit && <line class="limit" x1={left} x2={width} y1={y(limit)} y2={y(limit)} />}
      {showsLimit && (
        <text x={width} y={y(limit) - 5} text-anchor="end">
          limit {round(limit)}
        </text>
      )}
      <path class="trace" d={line} />
      {points.map((each) => (
        <circle
          key={each.at}
          class={each.failed ? "dot failed" : "dot"}
          cx={x(each.at)}
          cy={y(each.value)}
          r="3.5"
        >
          <title>{each.title}</title>
        </circle>
      ))}
      <text x={left + 8} y={height - 4}>
        {date(first)}
      </text>
      {last - first > 86_400_000 && (
        <text x={width} y={height - 4} text-anchor="end">
          {date(last)}
        </text>
      )}
    </svg>
  );
}

export interface Day {
  day: string;
  count: number;
  bad: number;
}

export function Days({
  days,
  label,
  height = 120,
}: {
  days: Day[];
  label: string;
  height?: number;
}) {
  const [measure, width] = useWidth();
  const most = Math.max(1, ...days.map((each) => each.count));
  const step = width / Math.max(1, days.length);
  const tall = (count: number) => (count / most) * (height - 24);
  return (
    <svg
      ref={measure}
      class="chart"
      viewBox={`0 0 ${width} ${height}`}
      style={{ height: `${height}px` }}
      role="img"
      aria-label={label}
    >
      <line class="axis" x1="0" x2={width} y1={height - 18} y2={height - 18} />
      {days.map((each, at) => (
        <g key={each.day}>
          <title>{`${each.day}: ${each.count}, ${each.bad} bad`}</title>
          <rect
            class="bar-part shade-2"
            x={at * step + 1}
            width={Math.max(1, step - 2)}
            y={height - 18 - tall(each.count)}
            height={tall(each.count)}
          />
          <rect
            x={at * step + 1}
            width={Math.max(1, step - 2)}
            y={height - 18 - tall(each.bad)}
            height={tall(each.bad)}
            fill="var(--bad)"
          />
        </g>
      ))}
      <text x="0" y={height - 4}>
        {days[0]?.day}
      </text>
      <text x={width} y={height - 4} text-anchor="end">
        {days.at(-1)?.day}
      </text>
    </svg>
  );
}

export function Spark({ days, label }: { days: Day[]; label: string }) {
  const most = Math.max(1, ...days.map((each) => each.count));
  return (
    <svg
      class="spark"
      viewBox={`0 0 ${Math.max(1, days.length) * 8} 32`}
      preserveAspectRatio="none"
      role="img"
      aria-label={label}
    >
      {days.map((each, at) => {
        const tall = each.count === 0 ? 2 : 4 + (each.count / most) * 28;
        return (
          <rect
            key={each.day}
            class={each.bad ? "bad-day" : each.count ? "some" : ""}
            x={at * 8 + 1}
            width="6"
            y={32 - tall}
            height={tall}
          >
            <title>{`${each.day}: ${each.count}`}</title>
          </rect>
        );
      })}
    </svg>
  );
}

export interface Share {
  name: string;
  value: number;
}

export function Shares({ parts, label }: { parts: Share[]; label: string }) {
  const width = 1000;
  const whole = Math.max(
    1,
    parts.reduce((sum, each) => sum + each.value, 0),
  );
  let at = 0;
  return (
    <svg
      class="chart"
      viewBox={`0 0 ${width} 24`}
      preserveAspectRatio="none"
      style={{ height: "24px" }}
      role="img"
      aria-label={label}
    >
      {parts.map((each, index) => {
        const from = (at / whole) * width;
        at += each.value;
        return (
          <rect
            key={each.name}
            class={`bar-part shade-${index}`}
            x={from}
            width={Math.max(0, (each.value / whole) * width - 1)}
            height="24"
          >
            <title>{`${each.name}: ${round(each.value)}`}</title>
          </rect>
        );
      })}
    </svg>
  );
}
