// SPDX-License-Identifier: Apache-2.0
// Makes the dashboard: bundles src/, names what it made by content, packs it as hard as gzip can,
// and writes the table that the program embeds. It fails when the first load has grown too big.
// The files themselves are left beside it, for whoever works on the page (serve.mjs).
// Usage: node build.mjs [OUTPUT]        (build/web of the tree by default)
import { createHash } from "node:crypto";
import { mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { build } from "esbuild";

const here = dirname(fileURLToPath(import.meta.url));
const most = { ".js": 60 * 1024, ".css": 12 * 1024 };

// What the browser loads first, as bytes by name. Pages that few open may be files of their own.
export async function bundle(options = {}) {
  const made = await build({
    absWorkingDir: here,
    entryPoints: { app: "src/main.tsx", style: "src/style/style.css" },
    outdir: "out",
    bundle: true,
    minify: true,
    format: "esm",
    target: ["chrome109", "firefox115", "safari16"],
    jsx: "automatic",
    jsxImportSource: "preact",
    legalComments: "none",
    write: false,
    logLevel: "warning",
    ...options,
  });
  return made.outputFiles;
}

function named(name, bytes, type) {
  const hash = createHash("sha256").update(bytes).digest("hex");
  const dot = name.lastIndexOf(".");
  const path = `/assets/${name.slice(0, dot)}-${hash.slice(0, 10)}${name.slice(dot)}`;
  return { path, type, hash, bytes };
}

export async function assets() {
  const found = {};
  for (const file of await bundle()) {
    const name = file.path.slice(file.path.lastIndexOf("/") + 1);
    const type = name.endsWith(".css")
      ? "text/css; charset=utf-8"
      : "text/javascript; charset=utf-8";
    found[name] = named(name, Buffer.from(file.contents), type);
  }
  const icon = named("icon.svg", await readFile(join(here, "src/icon.svg")), "image/svg+xml");
  const page = (await readFile(join(here, "src/index.html"), "utf8"))
    .replace("ICON", icon.path)
    .replace("STYLE", found["style.css"].path)
    .replace("SCRIPT", found["app.js"].path);
  const bytes = Buffer.from(page);
  const hash = createHash("sha256").update(bytes).digest("hex");
  const index = { path: "/index.html", type: "text/html; charset=utf-8", hash, bytes };
  return [index, icon, found["style.css"], found["app.js"]];
}

// The table as a source of the program, with everything in it: it is some forty thousand bytes.
function source(list) {
  const text = JSON.stringify; // a C++ string too, for what occurs here
  const arrays = list.map((each, at) => {
    const lines = each.packed.toString("hex").match(/.{1,64}/g) ?? [];
    const bytes = lines.map((line) => line.replace(/../g, "0x$&,")).join("\n");
    return `constexpr unsigned char asset_${at}[] = {\n${bytes}\n};`;
  });
  const rows = list.map(
    (each, at) =>
      `      {${text(each.path)},\n       ${text(each.type)},\n       ${text(each.hash)},\n       text_of(asset_${at})},`,
  );
  return `// Made by web/build.mjs.
#include "entry/api/assets.hpp"

namespace stepback {
namespace {

${arrays.join("\n")}

template <std::size_t size>
std::string_view text_of(const unsigned char (&bytes)[size]) {
  return {reinterpret_cast<const char*>(bytes), size};
}

}  // namespace

std::span<const Asset> dashboard_assets() {
  static const Asset all[] = {
${rows.join("\n")}
  };
  return all;
}

}  // namespace stepback
`;
}

function tooBig(list) {
  return list.flatMap((each) => {
    const limit = most[each.path.slice(each.path.lastIndexOf("."))];
    const size = each.packed.length;
    if (limit === undefined) return [];
    console.log(`${each.path}: ${(size / 1024).toFixed(1)} of ${limit / 1024} KB packed`);
    return size > limit ? [`${each.path} is ${size} bytes packed; at most ${limit} may be`] : [];
  });
}

async function main() {
  const output = resolve(process.argv[2] ?? join(here, "../build/web"));
  const list = await assets();
  for (const each of list) each.packed = gzipSync(each.bytes, { level: 9 });
  const faults = tooBig(list);
  if (faults.length > 0) {
    console.error(faults.join("\n"));
    process.exit(1);
  }
  await rm(join(output, "plain"), { recursive: true, force: true });
  await mkdir(join(output, "plain/assets"), { recursive: true });
  for (const each of list) await writeFile(join(output, "plain", each.path), each.bytes);
  await writeFile(join(output, "dashboard_assets.cpp"), source(list));
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await main();
