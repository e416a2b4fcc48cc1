// SPDX-License-Identifier: Apache-2.0
// What is shown, as a file: for a spreadsheet, or for a program.
import { download } from "../model/files";

interface Props {
  name: string;
  rows: () => string;
  all: () => unknown;
  isEmpty: boolean;
}

export function Exports({ name, rows, all, isEmpty }: Props) {
  const asJson = () => JSON.stringify(all(), null, 2);
  return (
    <>
      <button
        type="button"
        disabled={isEmpty}
        onClick={() => download(`${name}.csv`, "text/csv", rows())}
      >
        Export CSV
      </button>
      <button
        type="button"
        disabled={isEmpty}
        onClick={() => download(`${name}.json`, "application/json", asJson())}
      >
        Export JSON
      </button>
    </>
  );
}
