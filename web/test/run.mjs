// SPDX-License-Identifier: Apache-2.0
// Bundles the tests (they are TypeScript, and an older node reads none) and has node run them.
// Usage: node test/run.mjs unit|browser [FILE...]
import { spawn } from "node:child_process";
import { readdir } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const here = dirname(fileURLToPath(import.meta.url));
const [kind = "unit", ...names] = process.argv.slice(2);
const files =
  names.length > 0
    ? names
    : (await readdir(join(here, kind))).filter((each) => each.endsWith(".test.ts"));
// Within node_modules, where what stays outside of the bundle is found.
const outdir = join(here, `../node_modules/.cache/tests/${kind}`);
await build({
  entryPoints: files.map((each) => join(here, kind, each)),
  outdir,
  outExtension: { ".js": ".mjs" },
  bundle: true,
  platform: "node",
  target: "node18",
  format: "esm",
  jsx: "automatic",
  jsxImportSource: "preact",
  external: ["playwright-core", "axe-core"],
  logLevel: "warning",
});
const made = files.map((each) => join(outdir, each.replace(/\.ts$/, ".mjs")));
const run = spawn(process.execPath, ["--test", "--test-concurrency=1", ...made], {
  stdio: "inherit",
  env: { ...process.env, STEPBACK_TREE: join(here, "../..") },
});
run.on("exit", (code) => process.exit(code ?? 1));
