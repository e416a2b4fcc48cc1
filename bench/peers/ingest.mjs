// SPDX-License-Identifier: Apache-2.0
// ingest.mjs PORT FILE ENVIRONMENT...: the peer of `stepback serve` in Node. Each event is parsed, its
// environment is told from the alarm's name, and the decision is in FILE, flushed, before it is
// answered; what arrives during one flush shares the next. It keeps no state and rolls nothing back.
import fs from "node:fs";
import http from "node:http";

const [port, path] = [Number(process.argv[2]), process.argv[3]];
const file = fs.openSync(path, "a");
const environments = new Set(process.argv.slice(4));

function decide(event) {
  if (event.source !== "aws.cloudwatch") return "ignored";
  if (event["detail-type"] !== "CloudWatch Alarm State Change") return "ignored";
  if (event.detail?.state?.value !== "ALARM") return "ignored";
  const [service, part, environment] = event.detail.alarmName.split("-", 3);
  const ours = service === "kiro" && (part === "pipeline" || part === "worker");
  return ours && environments.has(environment) ? environment : "ignored";
}

let waiting = [];
let flushing = false;

function flush() {
  if (flushing || waiting.length === 0) return;
  flushing = true;
  const batch = waiting;
  waiting = [];
  fs.write(file, batch.map((each) => each.line).join(""), (failed) => {
    if (failed) throw failed;
    fs.fdatasync(file, (lost) => {
      if (lost) throw lost;
      flushing = false;
      for (const each of batch) each.answer();
      flush();
    });
  });
}

http.createServer((request, response) => {
  const parts = [];
  request.on("data", (part) => parts.push(part));
  request.on("end", () => {
    const body = Buffer.concat(parts).toString();
    const said = JSON.parse(body);
    const decisions = (Array.isArray(said) ? said : [said]).map(decide);
    waiting.push({
      line: `${decisions.join()} ${body}\n`,
      answer: () => {
        response.writeHead(200, { "content-type": "application/json" });
        response.end(JSON.stringify({ decisions }));
      },
    });
    if (!flushing) setImmediate(flush);
  });
}).listen(port, "127.0.0.1");
