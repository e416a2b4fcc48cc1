// SPDX-License-Identifier: Apache-2.0

// Acknowledged: what the AwsSolutions rules find here, and why it stays. The tests hold this list
// against what is really found: neither may have more than the other.

import { Validations, type Stack } from 'aws-cdk-lib';
import { functionLogs, namesOf, projectLogs } from './names.js';
import type { Settings } from './settings.js';
import type { Stacks } from './stacks.js';

export interface Acknowledgement {
  readonly id: string;
  readonly reason: string;
}

// As the rules print an address whose account and region are not known yet.
const here = (service: string, rest: string): string =>
  `arn:<AWS::Partition>:${service}:<AWS::Region>:<AWS::AccountId>:${rest}`;
const resource = (text: string, reason: string): Acknowledgement => ({
  id: `AwsSolutions-IAM5[Resource::${text}]`,
  reason,
});
const objects = (bucket: string, below: string, reason: string): Acknowledgement =>
  resource(`arn:<AWS::Partition>:s3:::${bucket}/${below}*`, reason);
const streams = (logGroup: string): Acknowledgement =>
  resource(here('logs', `log-group:${logGroup}:*`), 'one log group; its streams have no name yet');

const noSuchResource: Acknowledgement = resource(
  '*',
  'CloudWatch knows no resource for describing composite alarms and for writing metrics; writing ' +
    'is held to one namespace',
);

function takingBack(environment: string): Acknowledgement[] {
  const names = namesOf(environment);
  return [
    objects(names.releases, '', 'releases are named by version; they are read'),
    objects(names.releases, '.stepback/incidents/', 'pages for people, named by what went wrong'),
    objects(names.live, '', 'the files of a release, which has whatever files it has'),
    streams(functionLogs(names.poller)),
  ];
}

export function ofCore(settings: Settings): Acknowledgement[] {
  const names = namesOf(settings.environment);
  return [
    {
      id: 'AwsSolutions-S1',
      reason:
        'every change by Stepback is in its hash-chained journal; access logs would need a ' +
        'bucket more, which nobody reads: CloudTrail has data events for whoever wants them',
    },
    noSuchResource,
    streams(functionLogs(names.detect)),
    streams(functionLogs(names.act)),
    ...settings.environments.flatMap(takingBack),
  ];
}

export function ofPipeline(settings: Settings): Acknowledgement[] {
  const names = namesOf(settings.environment);
  const handedOver = 'what the pipeline hands from stage to stage, whose names it makes up';
  return [
    {
      id: 'AwsSolutions-CB4',
      reason: 'the artifacts lie in a bucket with encryption of its own; a key costs by the month',
    },
    noSuchResource,
    ...[
      names.buildProject,
      names.testsProject,
      names.gatesProject,
      names.deployProject,
      names.infrastructureProject,
    ].map((project) => streams(projectLogs(project))),
    objects(names.releases, 'kiro-pipeline-', handedOver),
    objects(names.releases, '_source/', 'the source, in one folder'),
    objects(names.releases, '_tools/', 'the program and its configuration, in one folder'),
    ...takingBack(settings.environment),
  ];
}

export function acknowledge(stacks: Stacks, settings: Settings): void {
  const each: [Stack, Acknowledgement[]][] = [
    [stacks.core, ofCore(settings)],
    [stacks.pipeline, ofPipeline(settings)],
  ];
  for (const [stack, list] of each) Validations.of(stack).acknowledge(...list);
}
