// SPDX-License-Identifier: Apache-2.0
// The program that Lambda starts.
import { handler } from "./handler";
import { run } from "./runtime";

run(handler);
