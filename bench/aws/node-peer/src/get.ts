// SPDX-License-Identifier: Apache-2.0
// get.js COUNT: so many GetItem calls, one after the other, on one connection that is kept.
import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { DynamoDBDocumentClient, GetCommand } from "@aws-sdk/lib-dynamodb";

const count = Number(process.argv[2]);
const client = DynamoDBDocumentClient.from(new DynamoDBClient({}));

async function measure(): Promise<void> {
  const took: number[] = [];
  for (let i = 0; i < count; i++) {
    const begin = process.hrtime.bigint();
    const answer = await client.send(new GetCommand({
      TableName: "kiro-pipeline-production-deployments",
      Key: { deploymentId: "d-000024" },
    }));
    if (answer.Item?.deploymentId !== "d-000024") throw new Error("another item");
    took.push(Number(process.hrtime.bigint() - begin) / 1e3);
  }
  took.sort((a, b) => a - b);
  console.log(JSON.stringify({ median_us: took[count >> 1] }));
  process.exit(0);
}

void measure();
