// SPDX-License-Identifier: Apache-2.0
// versions.mjs PORT ROOT: what a thousand services would answer: /NAME says which release the link
// ROOT/NAME/current points to, read anew for each request.
import fs from "node:fs";
import http from "node:http";
import path from "node:path";

const [port, root] = [Number(process.argv[2]), process.argv[3]];
http.createServer((request, response) => {
  fs.readlink(path.join(root, path.basename(request.url), "current"), (missing, target) => {
    response.writeHead(missing ? 503 : 200, { "content-type": "application/json" });
    response.end(missing ? "{}" : JSON.stringify({ version: path.basename(target) }));
  });
}).listen(port, "127.0.0.1");
