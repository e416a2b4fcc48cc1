// SPDX-License-Identifier: Apache-2.0
// The runbook's rollback as a function in TypeScript on AWS SDK v3. It is the peer to beat, so it
// does nothing twice: clients are made once, connections are kept, 50 copies are under way at once.
import { CloudWatchClient, DescribeAlarmsCommand } from "@aws-sdk/client-cloudwatch";
import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import {
  CopyObjectCommand, ListObjectsV2Command, PutObjectCommand, S3Client,
} from "@aws-sdk/client-s3";
import { PublishCommand, SNSClient } from "@aws-sdk/client-sns";
import { DynamoDBDocumentClient, QueryCommand, UpdateCommand } from "@aws-sdk/lib-dynamodb";

const table = DynamoDBDocumentClient.from(new DynamoDBClient({}));
const s3 = new S3Client({ forcePathStyle: true });
const watch = new CloudWatchClient({});
const topics = new SNSClient({});

const environments = ["test", "staging", "production"];
const atOnce = 50;
const account = process.env.AWS_ACCOUNT_ID ?? "123456789012";
const region = process.env.AWS_REGION ?? "us-east-1";

interface AlarmEvent {
  source: string;
  "detail-type": string;
  detail: { alarmName: string; state: { value: string } };
}
type Item = Record<string, any>;

function environmentOf(alarm: string): string | undefined {
  return environments.find((environment) =>
    [`kiro-pipeline-${environment}-`, `kiro-worker-${environment}-`]
      .some((prefix) => alarm.startsWith(prefix)));
}

async function newest(environment: string, status: string): Promise<Item | undefined> {
  const page = await table.send(new QueryCommand({
    TableName: `kiro-pipeline-${environment}-deployments`,
    IndexName: "EnvironmentStatusIndex",
    KeyConditionExpression: "environment = :environment AND #status = :status",
    ExpressionAttributeNames: { "#status": "status" },
    ExpressionAttributeValues: { ":environment": environment, ":status": status },
    ScanIndexForward: false,
    Limit: 1,
  }));
  return page.Items?.[0];
}

async function keysUnder(bucket: string, prefix: string): Promise<string[]> {
  const keys: string[] = [];
  let token: string | undefined;
  do {
    const page = await s3.send(new ListObjectsV2Command({
      Bucket: bucket, Prefix: prefix, ContinuationToken: token,
    }));
    for (const object of page.Contents ?? []) keys.push(object.Key!);
    token = page.NextContinuationToken;
  } while (token);
  return keys;
}

async function restore(environment: string, version: string): Promise<number> {
  const from = `kiro-pipeline-${environment}-artifacts`;
  const to = `kiro-worker-${environment}-artifacts`;
  const prefix = `${version}/`;
  const keys = await keysUnder(from, prefix);
  if (keys.length === 0) throw new Error(`no artifacts of ${version}`);
  let next = 0;
  const copySome = async () => {
    while (next < keys.length) {
      const key = keys[next++]!;
      await s3.send(new CopyObjectCommand({
        Bucket: to,
        Key: key.slice(prefix.length),
        CopySource: `${from}/${key.split("/").map(encodeURIComponent).join("/")}`,
      }));
    }
  };
  await Promise.all(Array.from({ length: Math.min(atOnce, keys.length) }, copySome));
  await s3.send(new PutObjectCommand({
    Bucket: to, Key: "current-version.txt", Body: version, Metadata: { version },
  }));
  return keys.length;
}

async function alarmsInAlarm(environment: string): Promise<string[]> {
  const found = await watch.send(new DescribeAlarmsCommand({
    AlarmNamePrefix: `kiro-pipeline-${environment}`,
  }));
  return (found.MetricAlarms ?? [])
    .filter((alarm) => alarm.StateValue === "ALARM").map((alarm) => alarm.AlarmName!);
}

async function record(environment: string, deployment: string, status: string, alarm: string) {
  await table.send(new UpdateCommand({
    TableName: `kiro-pipeline-${environment}-deployments`,
    Key: { deploymentId: deployment },
    UpdateExpression: "SET #status = :status, rollbackReason = :reason, rollbackLevel = :level, "
      + "rollbackTime = :now, endTime = :now",
    ExpressionAttributeNames: { "#status": "status" },
    ExpressionAttributeValues: {
      ":status": status,
      ":reason": `alarm ${alarm}`,
      ":level": "stage",
      ":now": Math.floor(Date.now() / 1000),
    },
  }));
}

export async function handler(event: AlarmEvent): Promise<unknown> {
  const { source, detail } = event;
  if (source !== "aws.cloudwatch" || event["detail-type"] !== "CloudWatch Alarm State Change"
      || detail?.state?.value !== "ALARM") {
    return { action: "ignored", why: "no alarm that went into ALARM" };
  }
  const environment = environmentOf(detail.alarmName);
  if (!environment) return { action: "ignored", why: "the alarm is of no deployment" };
  const current = await newest(environment, "in_progress");
  if (!current) return { action: "none", why: "no deployment is under way" };
  const previous = await newest(environment, "succeeded");
  if (!previous) throw new Error("no deployment to go back to");

  const files = await restore(environment, previous.version);
  const failed = await alarmsInAlarm(environment);
  const success = failed.length === 0;
  await record(environment, current.deploymentId, success ? "rolled_back" : "failed",
    detail.alarmName);
  const result = {
    action: "rolled_back", environment, deploymentId: current.deploymentId,
    targetVersion: previous.version, files, success, failedAlarms: failed,
  };
  await topics.send(new PublishCommand({
    TopicArn: `arn:aws:sns:${region}:${account}:kiro-pipeline-${environment}-rollbacks`,
    Subject: `Rollback ${success ? "succeeded" : "failed"} - ${environment}`,
    Message: JSON.stringify(result),
  }));
  return result;
}
