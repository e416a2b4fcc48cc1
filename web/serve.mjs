// SPDX-License-Identifier: Apache-2.0
// The page as it stands in src/, made anew at each load, beside a server that is running: what is
// not the page's is asked of that one.
// Usage: npm run dev -- [SERVER] [PORT]       (http://127.0.0.1:8431 and 8432)
import { createServer, request } from "node:http";
import { assets } from "./build.mjs";

const server = new URL(process.argv[2] ?? "http://127.0.0.1:8431");
const port = Number(process.argv[3] ?? 8432);
const theirs = /^\/(api\/|metrics$|healthz$|readyz$|.*\.txt$)/;

function pass(from, to) {
  const headers = { ...from.headers, host: server.host };
  if (headers.origin) headers.origin = server.origin;
  const asked = request(new URL(from.url, server), { method: from.method, headers }, (answer) => {
    to.writeHead(answer.statusCode, answer.headers);
    answer.pipe(to);
  });
  asked.on("error", () => to.writeHead(502).end());
  to.on("close", () => asked.destroy());
  from.pipe(asked);
}

async function own(path, to) {
  const list = await assets();
  const found = list.find((each) => each.path === path) ?? list[0];
  to.writeHead(200, { "Content-Type": found.type, "Cache-Control": "no-store" });
  to.end(found.bytes);
}

createServer((from, to) => {
  const { pathname } = new URL(from.url, server);
  if (theirs.test(pathname)) pass(from, to);
  else own(pathname, to).catch((error) => to.writeHead(500).end(String(error)));
}).listen(port, "127.0.0.1", () => console.log(`http://127.0.0.1:${port} with ${server.origin}`));
