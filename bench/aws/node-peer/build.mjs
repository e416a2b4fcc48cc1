// SPDX-License-Identifier: Apache-2.0
// Each program in one minified file, as a team that minds its cold start would deploy it.
import { build } from "esbuild";

for (const name of ["function", "get"]) {
  await build({
    entryPoints: [`src/${name}.ts`],
    outfile: `dist/${name}.js`,
    bundle: true,
    minify: true,
    platform: "node",
    target: "node20",
    format: "cjs",
    legalComments: "none",
  });
}
