// SPDX-License-Identifier: Apache-2.0

// Rights: who may do what, each statement with a Sid that says what it is for. No action has a
// wildcard. Where AWS knows no resource for an action, the resource is `*` and the reason is here.
//
// Detecting and acting are apart: what takes alarms in from outside can write records and put a
// message into a queue, and touches no application. What acts takes its work from that queue only.

import { Stack, aws_iam as iam } from 'aws-cdk-lib';
import {
  arnOf,
  functionLogs,
  namesOf,
  projectLogs,
  recordsTable,
  stages,
  type Names,
} from './names.js';

const allow = (
  sid: string,
  actions: string[],
  resources: string[],
  conditions?: Record<string, Record<string, string>>,
): iam.PolicyStatement => new iam.PolicyStatement({ sid, actions, resources, conditions });

const deny = (sid: string, actions: string[], resources: string[]): iam.PolicyStatement =>
  new iam.PolicyStatement({ sid, effect: iam.Effect.DENY, actions, resources });

// One table for all environments, since a full rollback is one record about several of them. Every
// write of the program is conditional; a transaction is allowed by the actions of its parts.
function keepRecords(stack: Stack): iam.PolicyStatement[] {
  const table = arnOf.table(stack, recordsTable);
  return [
    allow(
      'KeepRecords',
      [
        'dynamodb:GetItem',
        'dynamodb:Query',
        'dynamodb:PutItem',
        'dynamodb:UpdateItem',
        'dynamodb:ConditionCheckItem',
      ],
      [table],
    ),
    allow(
      'ListRecords',
      ['dynamodb:Query'],
      ['by-list', 'by-environment', 'by-owner', 'open'].map((index) => `${table}/index/${index}`),
    ),
  ];
}

// The tables that people's scripts read.
function showDeployments(stack: Stack, names: Names[]): iam.PolicyStatement {
  return allow(
    'ShowDeployments',
    ['dynamodb:GetItem', 'dynamodb:PutItem', 'dynamodb:UpdateItem'],
    names.map((each) => arnOf.table(stack, each.deployments)),
  );
}

const onlyInTransactions = {
  StringEquals: { 'dynamodb:EnclosingOperation': 'TransactWriteItems' },
};

// Retention: old records go in a transaction with the journal entry that says so, never singly.
// Reading the whole table is how it finds them.
function forgetWhatMayGo(stack: Stack): iam.PolicyStatement[] {
  const table = arnOf.table(stack, recordsTable);
  return [
    allow('FindWhatMayGo', ['dynamodb:Scan'], [table]),
    allow('ForgetWhatMayGo', ['dynamodb:DeleteItem'], [table], onlyInTransactions),
  ];
}

// A deployment that goes, goes from the table that people read in the same transaction.
function forgetDeployments(stack: Stack, names: Names): iam.PolicyStatement {
  const table = arnOf.table(stack, names.deployments);
  return allow('ForgetDeployments', ['dynamodb:DeleteItem'], [table], onlyInTransactions);
}

// An event is a hint: the alarm is read again at its source. CloudWatch grants DescribeAlarms for
// composite alarms on `*` only.
function readAlarms(): iam.PolicyStatement {
  return allow('ReadAlarms', ['cloudwatch:DescribeAlarms'], ['*']);
}

// Outside Lambda only: the functions write their numbers into their log, from where CloudWatch has
// them. It knows no resource here, so the namespace is what is held to.
function countRollbacks(): iam.PolicyStatement {
  return allow('CountRollbacks', ['cloudwatch:PutMetricData'], ['*'], {
    StringEquals: { 'cloudwatch:namespace': 'KiroPipeline' },
  });
}

// The versions of what is missing say whether it was deleted or never there.
function readReleases(stack: Stack, names: Names[]): iam.PolicyStatement[] {
  const buckets = names.map((each) => arnOf.bucket(stack, each.releases));
  return [
    allow('ListReleases', ['s3:ListBucket', 's3:ListBucketVersions'], buckets),
    allow(
      'ReadReleases',
      ['s3:GetObject'],
      buckets.map((bucket) => `${bucket}/*`),
    ),
  ];
}

// Putting a release in place: copy what differs, remove what it does not have, switch the pointer.
// The bucket keeps versions, so what is overwritten or removed can be had again for 90 days.
function changeWhatRuns(stack: Stack, names: Names[]): iam.PolicyStatement[] {
  const buckets = names.map((each) => arnOf.bucket(stack, each.live));
  return [
    allow('ListWhatRuns', ['s3:ListBucket'], buckets),
    allow(
      'ChangeWhatRuns',
      ['s3:GetObject', 's3:PutObject', 's3:DeleteObject', 's3:AbortMultipartUpload'],
      buckets.map((bucket) => `${bucket}/*`),
    ),
  ];
}

// What can be seen of the application: its errors in the log. What it runs, the pointer in the live
// bucket says.
function lookAtTheWorker(stack: Stack, names: Names[]): iam.PolicyStatement {
  return allow(
    'ReadLogsOfTheWorker',
    ['logs:FilterLogEvents'],
    names.map((each) => arnOf.logGroup(stack, functionLogs(each.poller))),
  );
}

// Before anything is reverted, whatever still deploys is stopped, and nothing new may begin.
function stopThePipeline(stack: Stack, names: Names[]): iam.PolicyStatement[] {
  const pipelines = names.map((each) => arnOf.pipeline(stack, each.pipeline));
  return [
    allow(
      'StopThePipeline',
      [
        'codepipeline:GetPipelineState',
        'codepipeline:ListPipelineExecutions',
        'codepipeline:StopPipelineExecution',
      ],
      pipelines,
    ),
    allow(
      'CloseTheStages',
      ['codepipeline:DisableStageTransition', 'codepipeline:EnableStageTransition'],
      pipelines.flatMap((pipeline) => stages.map((stage) => `${pipeline}/${stage}`)),
    ),
  ];
}

// Infrastructure goes back by the project that deployed it. A build is waited for, never stopped:
// of one that was, nobody could say what its `cdk deploy` still changes. That it worked is what it
// says.
function revertInfrastructure(stack: Stack, names: Names[]): iam.PolicyStatement {
  return allow(
    'RevertInfrastructure',
    ['codebuild:StartBuild', 'codebuild:BatchGetBuilds', 'codebuild:ListBuildsForProject'],
    names.map((each) => arnOf.project(stack, each.infrastructureProject)),
  );
}

function tellPeople(stack: Stack, names: Names[]): iam.PolicyStatement {
  return allow(
    'TellPeople',
    ['sns:Publish'],
    names.map((each) => arnOf.topic(stack, each.topic)),
  );
}

// A queue is known by its name, and sent to by the address that it says. Each environment goes on
// by its own queue, whoever noticed that something is due there.
function askForWork(stack: Stack, names: Names): iam.PolicyStatement {
  return allow('AskForWork', ['sqs:GetQueueUrl', 'sqs:SendMessage'], [
    arnOf.queue(stack, names.work),
  ]);
}

// Pages for people, beside the releases. No version begins with a dot, so no release can lie there.
const incidents = (bucket: string): string => `${bucket}/.stepback/incidents/*`;

function openIncidents(stack: Stack, names: Names[]): iam.PolicyStatement {
  return allow(
    'OpenIncidents',
    ['s3:PutObject'],
    names.map((each) => incidents(arnOf.bucket(stack, each.releases))),
  );
}

// Whatever else a role is given one day, by mistake or through another policy: what watches must
// not be silenced, what was recorded must not vanish, and nobody here hands out rights.
export function never(): iam.PolicyStatement[] {
  return [
    deny(
      'NeverLoseRecords',
      [
        'dynamodb:DeleteTable',
        'dynamodb:UpdateTable',
        'dynamodb:UpdateTimeToLive',
        'dynamodb:UpdateContinuousBackups',
        'dynamodb:DeleteBackup',
        'dynamodb:BatchWriteItem',
      ],
      ['*'],
    ),
    deny(
      'NeverLoseReleases',
      [
        's3:DeleteObjectVersion',
        's3:DeleteBucket',
        's3:PutBucketPolicy',
        's3:DeleteBucketPolicy',
        's3:PutBucketVersioning',
        's3:PutLifecycleConfiguration',
        's3:BypassGovernanceRetention',
      ],
      ['*'],
    ),
    deny(
      'NeverSilenceTheWatch',
      [
        'cloudwatch:PutMetricAlarm',
        'cloudwatch:DeleteAlarms',
        'cloudwatch:DisableAlarmActions',
        'cloudwatch:SetAlarmState',
        'events:PutRule',
        'events:DisableRule',
        'events:DeleteRule',
        'events:PutTargets',
        'events:RemoveTargets',
        'sqs:SetQueueAttributes',
        'sqs:DeleteQueue',
        'sqs:PurgeQueue',
        'sns:SetTopicAttributes',
        'sns:DeleteTopic',
        'lambda:UpdateFunctionConfiguration',
        'lambda:AddPermission',
        'lambda:PutFunctionRecursionConfig',
      ],
      ['*'],
    ),
    deny(
      'NeverHandOutRights',
      [
        'iam:AttachRolePolicy',
        'iam:CreateAccessKey',
        'iam:CreatePolicyVersion',
        'iam:CreateRole',
        'iam:CreateUser',
        'iam:PassRole',
        'iam:PutRolePolicy',
        'iam:PutUserPolicy',
        'iam:UpdateAssumeRolePolicy',
      ],
      ['*'],
    ),
  ];
}

// Releases are put there by deployments; neither of the functions changes one. Versions have any
// name, so what may be written is listed instead, for all environments that the role reaches: a
// denial that lists one of them would deny what it may in the others.
function neverTouchReleases(stack: Stack, environments: string[]): iam.PolicyStatement[] {
  const names = environments.map(namesOf);
  const releases = names.map((each) => arnOf.bucket(stack, each.releases));
  const live = names.map((each) => arnOf.bucket(stack, each.live));
  return [
    deny(
      'NeverRemoveReleases',
      ['s3:DeleteObject'],
      releases.map((bucket) => `${bucket}/*`),
    ),
    new iam.PolicyStatement({
      sid: 'NeverWriteReleases',
      effect: iam.Effect.DENY,
      actions: ['s3:PutObject'],
      notResources: [...releases.map(incidents), ...live.map((bucket) => `${bucket}/*`)],
    }),
  ];
}

// The detect function: alarms come in, records and a message go out.
export function detectRights(stack: Stack, environment: string): iam.PolicyStatement[] {
  const names = namesOf(environment);
  return [
    ...keepRecords(stack),
    showDeployments(stack, [names]),
    readAlarms(),
    askForWork(stack, names),
    deny('NeverActNorForget', ['dynamodb:DeleteItem', 's3:PutObject', 's3:DeleteObject'], ['*']),
  ];
}

// What touches one environment: to stop what deploys, take it back, look at it and tell people.
function takeBack(stack: Stack, environment: string): iam.PolicyStatement[] {
  const names = [namesOf(environment)];
  return [
    showDeployments(stack, names),
    ...stopThePipeline(stack, names),
    revertInfrastructure(stack, names),
    ...readReleases(stack, names),
    ...changeWhatRuns(stack, names),
    lookAtTheWorker(stack, names),
    tellPeople(stack, names),
    openIncidents(stack, names),
  ];
}

// The act function, in its own environment, and what it may in none of those that it reaches.
export function actRights(
  stack: Stack,
  environment: string,
  others: string[],
): iam.PolicyStatement[] {
  return [
    allow(
      'TakeWork',
      [
        'sqs:ReceiveMessage',
        'sqs:DeleteMessage',
        'sqs:ChangeMessageVisibility',
        'sqs:GetQueueAttributes',
      ],
      [arnOf.queue(stack, namesOf(environment).work)],
    ),
    askForWork(stack, namesOf(environment)),
    ...keepRecords(stack),
    ...forgetWhatMayGo(stack),
    readAlarms(),
    ...takeBack(stack, environment),
    forgetDeployments(stack, namesOf(environment)),
    ...neverTouchReleases(stack, [environment, ...others]),
  ];
}

// The same in another environment, for a full rollback that begins here and reaches that one. One
// policy for each, so that it can be seen, and left out, by itself.
export function reachRights(stack: Stack, other: string): iam.PolicyStatement[] {
  const names = namesOf(other);
  return [...takeBack(stack, other), forgetDeployments(stack, names), askForWork(stack, names)];
}

// Builds that run other people's code (tests, packages): their own log and what the pipeline hands
// over, nothing else. They cannot write a record, so they cannot forge one.
export function buildRights(stack: Stack, environment: string): iam.PolicyStatement[] {
  const project = namesOf(environment).buildProject;
  return [...handOver(stack, environment, project), showReports(stack, project)];
}

// The same for the tests of what runs: they speak to it from outside, as anybody does.
export function testsRights(stack: Stack, environment: string): iam.PolicyStatement[] {
  const project = namesOf(environment).testsProject;
  return [...handOver(stack, environment, project), showReports(stack, project)];
}

// What judges the reports of those two. It runs `stepback` and nothing of the source, so it may
// write records: that a version is kept out, or that a rollback of it begins. The rollback itself
// is left to the act function.
export function gatesRights(stack: Stack, environment: string): iam.PolicyStatement[] {
  const names = namesOf(environment);
  return [
    ...handOver(stack, environment, names.gatesProject),
    showReports(stack, names.gatesProject),
    takeTheTools(stack, environment),
    ...keepRecords(stack),
    showDeployments(stack, [names]),
    readAlarms(),
    askForWork(stack, names),
  ];
}

// The project that deploys a built version does what the act function does, here only, and beside
// that publishes the release. Releases are written once: the program refuses other content under a
// known version, and nothing here may remove one. `_tools/` and `_source/` are not its to write.
export function deployRights(stack: Stack, environment: string): iam.PolicyStatement[] {
  const names = namesOf(environment);
  const releases = arnOf.bucket(stack, names.releases);
  return [
    ...handOver(stack, environment, names.deployProject),
    takeTheTools(stack, environment),
    ...keepRecords(stack),
    readAlarms(),
    countRollbacks(),
    ...takeBack(stack, environment),
    allow('PublishReleases', ['s3:PutObject'], [`${releases}/*`]),
    askForWork(stack, names),
    deny('NeverRemoveReleases', ['s3:DeleteObject'], [`${releases}/*`]),
    deny(
      'NeverChangeTheTools',
      ['s3:PutObject'],
      [`${releases}/_tools/*`, `${releases}/_source/*`],
    ),
  ];
}

// `cdk deploy` does its work through the roles that `cdk bootstrap` made; this project may take
// them on, and record how it went.
export function infrastructureRights(stack: Stack, environment: string): iam.PolicyStatement[] {
  const names = namesOf(environment);
  return [
    ...handOver(stack, environment, names.infrastructureProject),
    takeTheTools(stack, environment),
    allow(
      'DeployByTheRolesOfTheCdk',
      ['sts:AssumeRole'],
      ['deploy', 'file-publishing', 'lookup'].map((role) =>
        stack.formatArn({
          service: 'iam',
          region: '',
          resource: 'role',
          resourceName: `cdk-hnb659fds-${role}-role-${stack.account}-${stack.region}`,
        }),
      ),
    ),
    ...keepRecords(stack),
    showDeployments(stack, [names]),
    readAlarms(),
  ];
}

// What every build needs: its own log, and the pipeline's files. The pipeline keeps them in the
// bucket of the releases under its own name, of which S3 sees the first 20 letters.
function handOver(stack: Stack, environment: string, project: string): iam.PolicyStatement[] {
  const releases = arnOf.bucket(stack, namesOf(environment).releases);
  return [
    allow(
      'WriteItsLog',
      ['logs:CreateLogStream', 'logs:PutLogEvents'],
      [arnOf.logGroup(stack, projectLogs(project))],
    ),
    allow(
      'TakeWhatThePipelineHandsOver',
      ['s3:GetObject', 's3:GetObjectVersion'],
      [`${releases}/kiro-pipeline-*`, `${releases}/_source/*`],
    ),
    allow('HandOverToThePipeline', ['s3:PutObject'], [`${releases}/kiro-pipeline-*`]),
    allow('FindTheBucket', ['s3:GetBucketLocation', 's3:GetBucketVersioning'], [releases]),
  ];
}

// The reports that CodeBuild shows people. It names their group after the project and the section
// of the buildspec, which is `reports` in each.
function showReports(stack: Stack, project: string): iam.PolicyStatement {
  return allow(
    'ShowReports',
    [
      'codebuild:CreateReportGroup',
      'codebuild:CreateReport',
      'codebuild:UpdateReport',
      'codebuild:BatchPutTestCases',
    ],
    [arnOf.reportGroup(stack, `${project}-reports`)],
  );
}

// The program and its configuration. No version begins with an underscore, so no release can lie
// where they do.
function takeTheTools(stack: Stack, environment: string): iam.PolicyStatement {
  const releases = arnOf.bucket(stack, namesOf(environment).releases);
  return allow('TakeTheTools', ['s3:GetObject'], [`${releases}/_tools/*`]);
}

// The pipeline itself: takes the source, hands artifacts from stage to stage, starts its builds.
export function pipelineRights(stack: Stack, environment: string): iam.PolicyStatement[] {
  const names = namesOf(environment);
  const releases = arnOf.bucket(stack, names.releases);
  return [
    allow('FindTheSource', ['s3:ListBucket', 's3:GetBucketLocation', 's3:GetBucketVersioning'], [
      releases,
    ]),
    allow('TakeTheSource', ['s3:GetObject', 's3:GetObjectVersion'], [
      `${releases}/_source/*`,
      `${releases}/kiro-pipeline-*`,
    ]),
    allow('HandOver', ['s3:PutObject'], [`${releases}/kiro-pipeline-*`]),
    allow(
      'RunItsBuilds',
      ['codebuild:StartBuild', 'codebuild:StopBuild', 'codebuild:BatchGetBuilds'],
      [
        names.buildProject,
        names.testsProject,
        names.gatesProject,
        names.deployProject,
        names.infrastructureProject,
      ].map((project) => arnOf.project(stack, project)),
    ),
  ];
}

// Whoever hears of a new source may start this one pipeline.
export function startRights(stack: Stack, environment: string): iam.PolicyStatement[] {
  return [
    allow('StartThePipeline', ['codepipeline:StartPipelineExecution'], [
      arnOf.pipeline(stack, namesOf(environment).pipeline),
    ]),
  ];
}
