// SPDX-License-Identifier: Apache-2.0
// What every page does with an answer: wait for it, show it, and say what went wrong beside the
// last good one.
import type { ComponentChildren } from "preact";
import type { Resource } from "../live/resource";
import { Loading, Trouble } from "./small";

interface Props<T> {
  of: Resource<T>;
  what: string;
  children: (value: T) => ComponentChildren;
}

export function Answered<T>({ of, what, children }: Props<T>) {
  const value = of.value.value;
  const problem = of.problem.value;
  return (
    <>
      {problem && <Trouble problem={problem} again={() => void of.refresh()} />}
      {value !== undefined ? children(value) : problem ? null : <Loading what={what} />}
    </>
  );
}
