// SPDX-License-Identifier: Apache-2.0

// Names: what everything is called. Scripts, runbooks and the program itself rely on them, so they
// are written down here and nowhere else. Stacks refer to each other's resources by these names,
// not by exports: each can be deployed, and taken back, by itself.

import { ArnFormat, Stack } from 'aws-cdk-lib';

export const recordsTable = 'kiro-pipeline-stepback';
export const stages = ['Source', 'Build', 'Deploy'] as const;
export const deployStage = stages[2];
export const sourceKey = '_source/source.zip'; // in the bucket of the releases

export function namesOf(environment: string) {
  const pipeline = `kiro-pipeline-${environment}`;
  const worker = `kiro-worker-${environment}`;
  return {
    environment,
    pipeline,
    worker,
    deployments: `${pipeline}-deployments`,
    releases: `${pipeline}-artifacts`, // by version; the pipeline's own files beside them
    live: `${worker}-artifacts`, // what runs now
    topic: `${pipeline}-rollbacks`,
    work: `${pipeline}-rollback-work`,
    deadLetters: `${pipeline}-rollback-dead-letters`,
    detect: `${pipeline}-rollback`,
    act: `${pipeline}-rollback-worker`,
    alarmRule: `${pipeline}-alarm-rule`,
    stageRule: `${pipeline}-stage-rule`,
    buildRule: `${pipeline}-build-rule`,
    sweepRule: `${pipeline}-rollback-sweep`,
    expireRule: `${pipeline}-expire`,
    sourceRule: `${pipeline}-source`,
    buildProject: `${worker}-build`,
    testsProject: `${worker}-tests`,
    gatesProject: `${pipeline}-gates`,
    deployProject: worker,
    infrastructureProject: `${pipeline}-infrastructure`,
    poller: `${worker}-poller`, // the application's function; not ours
    pipelineLogs: `/aws/codepipeline/${pipeline}`,
    // Outside both prefixes above: what is wrong with Stepback itself must not roll anything back.
    deadLettersAlarm: `stepback-${environment}-dead-letters`,
    asleepAlarm: `stepback-${environment}-asleep`,
  };
}
export type Names = ReturnType<typeof namesOf>;

export function functionLogs(name: string): string {
  return `/aws/lambda/${name}`;
}
export function projectLogs(name: string): string {
  return `/aws/codebuild/${name}`;
}

const arn = (stack: Stack, service: string, resource: string, resourceName: string): string =>
  stack.formatArn({ service, resource, resourceName });
const plain = (stack: Stack, service: string, resource: string): string =>
  stack.formatArn({ service, resource, arnFormat: ArnFormat.NO_RESOURCE_NAME });
const colon = (stack: Stack, service: string, resource: string, resourceName: string): string =>
  stack.formatArn({ service, resource, resourceName, arnFormat: ArnFormat.COLON_RESOURCE_NAME });

// The addresses of things by their names, in this stack's account and region.
export const arnOf = {
  table: (s: Stack, name: string) => arn(s, 'dynamodb', 'table', name),
  bucket: (s: Stack, name: string) => `arn:${s.partition}:s3:::${name}`,
  queue: (s: Stack, name: string) => plain(s, 'sqs', name),
  topic: (s: Stack, name: string) => plain(s, 'sns', name),
  rule: (s: Stack, name: string) => arn(s, 'events', 'rule', name),
  pipeline: (s: Stack, name: string) => plain(s, 'codepipeline', name),
  project: (s: Stack, name: string) => arn(s, 'codebuild', 'project', name),
  reportGroup: (s: Stack, name: string) => arn(s, 'codebuild', 'report-group', name),
  logGroup: (s: Stack, name: string) => `${colon(s, 'logs', 'log-group', name)}:*`,
  alarm: (s: Stack, name: string) => colon(s, 'cloudwatch', 'alarm', name),
};
