// SPDX-License-Identifier: Apache-2.0
// The loop of a custom runtime (Lambda Runtime API 2018-06-01) over one connection that is kept.
import http from "node:http";

type Handler = (event: any) => Promise<unknown>;
type Reply = { id: string; body: string };

const [host, port] = (process.env.AWS_LAMBDA_RUNTIME_API ?? "127.0.0.1:9001").split(":");
const agent = new http.Agent({ keepAlive: true, maxSockets: 1 });

function call(method: string, path: string, body?: string): Promise<Reply> {
  const headers = body === undefined
    ? {}
    : { "content-type": "application/json", "content-length": Buffer.byteLength(body) };
  return new Promise((resolve, reject) => {
    const options = { host, port, method, path: `/2018-06-01/runtime${path}`, agent, headers };
    const request = http.request(options, (response) => {
      const parts: Buffer[] = [];
      response.on("data", (part: Buffer) => parts.push(part));
      response.on("end", () => resolve({
        id: String(response.headers["lambda-runtime-aws-request-id"] ?? ""),
        body: Buffer.concat(parts).toString(),
      }));
    });
    request.on("error", reject);
    request.end(body);
  });
}

export async function run(handler: Handler): Promise<never> {
  for (;;) {
    let next: Reply;
    try {
      next = await call("GET", "/invocation/next");
    } catch {
      process.exit(0);
    }
    try {
      const answer = await handler(JSON.parse(next.body));
      await call("POST", `/invocation/${next.id}/response`, JSON.stringify(answer));
    } catch (error: any) {
      await call("POST", `/invocation/${next.id}/error`,
        JSON.stringify({ errorType: error?.name, errorMessage: error?.message }));
    }
  }
}
