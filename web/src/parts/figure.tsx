// SPDX-License-Identifier: Apache-2.0
// A picture with the same as a table, one button away.
import type { ComponentChildren } from "preact";
import { useId, useState } from "preact/hooks";
import { Wide } from "./small";

export interface Numbers {
  columns: string[];
  rows: (string | number)[][];
}

interface Props {
  caption: string;
  numbers: Numbers;
  children: ComponentChildren;
  legend?: ComponentChildren;
}

export function Figure({ caption, numbers, children, legend }: Props) {
  const [shown, show] = useState(false);
  const id = useId();
  return (
    <figure>
      {!shown && children}
      <div id={id}>{shown && <NumbersTable caption={caption} of={numbers} />}</div>
      <div class="figure-foot">
        <figcaption>{legend ?? caption}</figcaption>
        <button
          type="button"
          class="tiny"
          aria-expanded={shown}
          aria-controls={id}
          onClick={() => show(!shown)}
        >
          {shown ? "Show the picture" : "Show as a table"}
        </button>
      </div>
    </figure>
  );
}

function NumbersTable({ caption, of }: { caption: string; of: Numbers }) {
  return (
    <Wide label={caption}>
      <table>
        <caption class="hidden">{caption}</caption>
        <thead>
          <tr>
            {of.columns.map((each) => (
              <th scope="col" key={each}>
                {each}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {of.rows.map((row, at) => (
            <tr key={at}>
              {row.map((each, column) => (
                <td key={column}>{each}</td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </Wide>
  );
}
