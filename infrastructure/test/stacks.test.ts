// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import * as path from 'node:path';
import { test } from 'node:test';
import { Match, Template } from 'aws-cdk-lib/assertions';
import { built, namesIn, resources, templatesOf } from './synthesised.js';

const made = built({ environment: 'test', contacts: 'on-call@example.com' });
const { shared, core, pipeline, monitoring } = templatesOf(made);
const physicalNames = [
  'AlarmName',
  'BucketName',
  'DashboardName',
  'FunctionName',
  'LogGroupName',
  'Name',
  'QueueName',
  'TableName',
  'TopicName',
];
const all = [shared, core, pipeline, monitoring];

test('the stacks carry their environment, and the shared one does not', () => {
  const { stacks } = made;
  assert.equal(stacks.core.stackName, 'KiroPipelineCore-test');
  assert.equal(stacks.pipeline.stackName, 'KiroPipeline-test');
  assert.equal(stacks.monitoring.stackName, 'KiroPipelineMonitoring-test');
  assert.equal(stacks.shared.stackName, 'KiroPipelineShared');
  assert.deepEqual(
    Object.values(stacks).map((each) => each.node.id),
    ['KiroPipelineShared', 'KiroPipelineCore', 'KiroPipeline', 'KiroPipelineMonitoring'],
  );
});

test('two environments have no resource in common', () => {
  const taken = (environment: string): string[] => {
    const templates = templatesOf(built({ environment }));
    return [templates.core, templates.pipeline, templates.monitoring].flatMap((template) =>
      resources(template).flatMap(([, { Properties: properties }]) =>
        physicalNames.map((key) => properties[key]).filter((name) => typeof name === 'string'),
      ),
    );
  };
  const ours = taken('test');
  assert.equal(ours.length, 37);
  assert.deepEqual(
    taken('staging').filter((name) => ours.includes(name)),
    [],
  );
});

test('no stack needs what another exports', () => {
  for (const template of all) {
    assert.doesNotMatch(JSON.stringify(template.toJSON()), /Fn::ImportValue/);
    assert.equal(template.toJSON().Outputs, undefined);
  }
});

test('the shared stack is the same, whichever environment it is deployed from', () => {
  const other = templatesOf(built({ environment: 'production' })).shared;
  assert.deepEqual(other.toJSON(), shared.toJSON());
});

test('the table of records is the one that the program reads', () => {
  shared.hasResource('AWS::DynamoDB::Table', {
    DeletionPolicy: 'Retain',
    Properties: {
      TableName: 'kiro-pipeline-stepback',
      KeySchema: [
        { AttributeName: 'pk', KeyType: 'HASH' },
        { AttributeName: 'sk', KeyType: 'RANGE' },
      ],
      DeletionProtectionEnabled: true,
      PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true },
      TimeToLiveSpecification: { AttributeName: 'expires', Enabled: true },
    },
  });
  const [[, table]] = resources(shared, 'AWS::DynamoDB::Table');
  const indexes = table.Properties.GlobalSecondaryIndexes.map((index: any) => [
    index.IndexName,
    ...index.KeySchema.map((key: any) => key.AttributeName),
    index.Projection.ProjectionType,
  ]);
  assert.deepEqual(indexes, [
    ['by-list', 'list', 'place', 'ALL'],
    ['by-environment', 'listed', 'place', 'ALL'],
    ['by-owner', 'owner', 'place', 'ALL'],
    ['open', 'open', 'due', 'ALL'],
  ]);
  const types = table.Properties.AttributeDefinitions.map((each: any) =>
    [each.AttributeName, each.AttributeType].join(':'),
  );
  assert.ok(types.includes('place:N') && types.includes('due:N') && types.includes('sk:S'));
});

test('the table of deployments answers both questions of the runbook', () => {
  core.hasResourceProperties('AWS::DynamoDB::Table', {
    TableName: 'kiro-pipeline-test-deployments',
    KeySchema: [{ AttributeName: 'deploymentId', KeyType: 'HASH' }],
    PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true },
    GlobalSecondaryIndexes: [
      {
        IndexName: 'EnvironmentStatusIndex',
        KeySchema: [
          { AttributeName: 'environment', KeyType: 'HASH' },
          { AttributeName: 'status', KeyType: 'RANGE' },
          { AttributeName: 'startTime', KeyType: 'RANGE' },
        ],
        Projection: { ProjectionType: 'ALL' },
      },
      {
        IndexName: 'EnvironmentStartTimeIndex',
        KeySchema: [
          { AttributeName: 'environment', KeyType: 'HASH' },
          { AttributeName: 'startTime', KeyType: 'RANGE' },
        ],
        Projection: { ProjectionType: 'ALL' },
      },
    ],
  });
});

test('everything has the name that the runbook knows', () => {
  assert.deepEqual(namesIn(core, 'AWS::S3::Bucket', 'BucketName'), [
    'kiro-pipeline-test-artifacts',
    'kiro-worker-test-artifacts',
  ]);
  assert.deepEqual(namesIn(core, 'AWS::SNS::Topic', 'TopicName'), ['kiro-pipeline-test-rollbacks']);
  assert.deepEqual(namesIn(core, 'AWS::SQS::Queue', 'QueueName'), [
    'kiro-pipeline-test-rollback-dead-letters',
    'kiro-pipeline-test-rollback-work',
  ]);
  assert.deepEqual(namesIn(core, 'AWS::Lambda::Function', 'FunctionName'), [
    'kiro-pipeline-test-rollback',
    'kiro-pipeline-test-rollback-worker',
  ]);
  assert.deepEqual(namesIn(core, 'AWS::Events::Rule', 'Name'), [
    'kiro-pipeline-test-alarm-rule',
    'kiro-pipeline-test-build-rule',
    'kiro-pipeline-test-expire',
    'kiro-pipeline-test-rollback-sweep',
    'kiro-pipeline-test-stage-rule',
  ]);
  assert.deepEqual(namesIn(pipeline, 'AWS::Events::Rule', 'Name'), ['kiro-pipeline-test-source']);
  assert.deepEqual(namesIn(pipeline, 'AWS::CodePipeline::Pipeline', 'Name'), [
    'kiro-pipeline-test',
  ]);
  assert.deepEqual(namesIn(pipeline, 'AWS::CodeBuild::Project', 'Name'), [
    'kiro-pipeline-test-gates',
    'kiro-pipeline-test-infrastructure',
    'kiro-worker-test',
    'kiro-worker-test-build',
    'kiro-worker-test-tests',
  ]);
  assert.deepEqual(namesIn(monitoring, 'AWS::CloudWatch::Alarm', 'AlarmName'), [
    'kiro-pipeline-test-duration',
    'kiro-pipeline-test-failures',
    'kiro-pipeline-test-rollbacks',
    'kiro-worker-test-errors',
    'kiro-worker-test-latency',
    'stepback-test-asleep',
    'stepback-test-dead-letters',
  ]);
});

test('buckets keep versions and what is current, and refuse plain text', () => {
  for (const [, bucket] of resources(core, 'AWS::S3::Bucket')) {
    // Infrastructure goes back to replaced versions of the source, however old.
    const releases = bucket.Properties.BucketName === 'kiro-pipeline-test-artifacts';
    assert.equal(bucket.DeletionPolicy, 'Retain');
    assert.equal(bucket.Properties.VersioningConfiguration.Status, 'Enabled');
    assert.deepEqual(bucket.Properties.LifecycleConfiguration.Rules, [
      {
        Id: 'replaced',
        NoncurrentVersionExpiration: {
          NoncurrentDays: 90,
          ...(releases ? { NewerNoncurrentVersions: 100 } : {}),
        },
        Status: 'Enabled',
      },
      {
        Id: 'unfinished',
        AbortIncompleteMultipartUpload: { DaysAfterInitiation: 7 },
        Status: 'Enabled',
      },
    ]);
  }
  const policies = resources(core, 'AWS::S3::BucketPolicy');
  assert.equal(policies.length, 2);
  for (const [, policy] of policies) {
    const [statement] = policy.Properties.PolicyDocument.Statement;
    assert.equal(statement.Effect, 'Deny');
    assert.deepEqual(statement.Condition, { Bool: { 'aws:SecureTransport': 'false' } });
  }
});

test('the functions differ in their role only, and lose no event', () => {
  for (const [name, role] of [
    ['kiro-pipeline-test-rollback', 'detect'],
    ['kiro-pipeline-test-rollback-worker', 'act'],
  ]) {
    core.hasResourceProperties('AWS::Lambda::Function', {
      FunctionName: name,
      Runtime: 'provided.al2023',
      Handler: 'bootstrap',
      Timeout: 120, // above the program's own limit for a switch, a minute
      MemorySize: 256,
      Environment: {
        Variables: Match.objectLike({ STEPBACK_ROLE: role, STEPBACK_ENVIRONMENT: 'test' }),
      },
      DeadLetterConfig: { TargetArn: Match.anyValue() },
    });
  }
  core.resourcePropertiesCountIs('AWS::Lambda::EventInvokeConfig', { MaximumRetryAttempts: 2 }, 1);
});

test('the rule takes the alarms of this environment that went off, and no others', () => {
  core.hasResourceProperties('AWS::Events::Rule', {
    Name: 'kiro-pipeline-test-alarm-rule',
    State: 'ENABLED',
    EventPattern: {
      source: ['aws.cloudwatch'],
      'detail-type': ['CloudWatch Alarm State Change'],
      detail: {
        alarmName: [{ prefix: 'kiro-pipeline-test-' }, { prefix: 'kiro-worker-test-' }],
        state: { value: ['ALARM'] },
      },
    },
    Targets: [
      {
        Arn: { 'Fn::GetAtt': [Match.stringLikeRegexp('^Detect'), 'Arn'] },
        DeadLetterConfig: { Arn: Match.anyValue() },
        RetryPolicy: { MaximumEventAgeInSeconds: 1200, MaximumRetryAttempts: 20 },
      },
    ],
  });
});

test('work comes from the queue one by one, and from a sweep each minute', () => {
  core.hasResourceProperties('AWS::Lambda::EventSourceMapping', {
    FunctionName: { Ref: Match.stringLikeRegexp('^Act') },
    BatchSize: 1,
    FunctionResponseTypes: ['ReportBatchItemFailures'],
  });
  core.hasResourceProperties('AWS::SQS::Queue', {
    QueueName: 'kiro-pipeline-test-rollback-work',
    VisibilityTimeout: 720, // six times that of the function
    RedrivePolicy: { maxReceiveCount: 5 },
  });
  core.hasResourceProperties('AWS::Events::Rule', {
    Name: 'kiro-pipeline-test-rollback-sweep',
    ScheduleExpression: 'rate(1 minute)',
    Targets: [
      Match.objectLike({
        Arn: { 'Fn::GetAtt': [Match.stringLikeRegexp('^Act'), 'Arn'] },
        Input: '{"source":"stepback.sweep"}',
      }),
    ],
  });
});

test('old records are forgotten once a day', () => {
  core.hasResourceProperties('AWS::Events::Rule', {
    Name: 'kiro-pipeline-test-expire',
    State: 'ENABLED',
    ScheduleExpression: 'rate(1 day)',
    Targets: [
      Match.objectLike({
        Arn: { 'Fn::GetAtt': [Match.stringLikeRegexp('^Act'), 'Arn'] },
        Input: '{"source":"stepback.expire"}',
      }),
    ],
  });
});

test('only the function that acts may call itself again and again', () => {
  core.resourcePropertiesCountIs('AWS::Lambda::Function', { RecursiveLoop: 'Allow' }, 1);
  core.hasResourceProperties('AWS::Lambda::Function', {
    FunctionName: 'kiro-pipeline-test-rollback-worker',
    RecursiveLoop: 'Allow',
  });
});

test('a checkout without the program replaces no function that works', (t) => {
  const [parameter] = Object.values<any>(core.findParameters('DeployTheStandIn'));
  assert.equal(parameter.Default, undefined);
  assert.deepEqual(parameter.AllowedValues, ['yes']);
  const folder = mkdtempSync(path.join(tmpdir(), 'function-'));
  t.after(() => rmSync(folder, { recursive: true }));
  for (const name of ['bootstrap', 'stepback.yaml']) writeFileSync(path.join(folder, name), '');
  const { stacks } = built({ function: folder });
  assert.deepEqual(Template.fromStack(stacks.core).findParameters('DeployTheStandIn'), {});
});

test('contacts hear of rollbacks', () => {
  core.hasResourceProperties('AWS::SNS::Subscription', {
    Protocol: 'email',
    Endpoint: 'on-call@example.com',
  });
});

test('every log is kept for ninety days', () => {
  const groups = all.flatMap((template) => resources(template, 'AWS::Logs::LogGroup'));
  assert.deepEqual(
    groups.map(([, group]) => group.Properties.LogGroupName).sort(),
    [
      '/aws/codebuild/kiro-pipeline-test-gates',
      '/aws/codebuild/kiro-pipeline-test-infrastructure',
      '/aws/codebuild/kiro-worker-test',
      '/aws/codebuild/kiro-worker-test-build',
      '/aws/codebuild/kiro-worker-test-tests',
      '/aws/codepipeline/kiro-pipeline-test',
      '/aws/lambda/kiro-pipeline-test-rollback',
      '/aws/lambda/kiro-pipeline-test-rollback-worker',
      '/aws/lambda/kiro-worker-test-poller',
    ],
  );
  for (const [, group] of groups) assert.equal(group.Properties.RetentionInDays, 90);
});

test('a log group that the worker has already is left to it', () => {
  const { stacks } = built({ workerLogGroup: 'false' });
  Template.fromStack(stacks.monitoring).resourceCountIs('AWS::Logs::LogGroup', 0);
});

test('rollbacks are counted under the environment alone', () => {
  for (const metric of ['RollbackCount', 'DeploymentDuration']) {
    monitoring.hasResourceProperties('AWS::CloudWatch::Alarm', {
      Namespace: 'KiroPipeline',
      MetricName: metric,
      Dimensions: [{ Name: 'Environment', Value: 'test' }],
      TreatMissingData: 'notBreaching',
    });
  }
});

test('a deployment that took too long is told, as its end is too late to take it back', () => {
  monitoring.hasResourceProperties('AWS::CloudWatch::Alarm', {
    AlarmName: 'kiro-pipeline-test-duration',
    AlarmActions: [Match.anyValue()],
  });
});

test('what watches Stepback itself rolls nothing back, and tells people', () => {
  for (const [, alarm] of resources(monitoring, 'AWS::CloudWatch::Alarm')) {
    const name: string = alarm.Properties.AlarmName;
    if (!name.startsWith('stepback-')) continue;
    assert.doesNotMatch(name, /^kiro-/);
    assert.equal(alarm.Properties.AlarmActions.length, 1);
  }
  monitoring.hasResourceProperties('AWS::CloudWatch::Alarm', {
    AlarmName: 'stepback-test-dead-letters',
    MetricName: 'ApproximateNumberOfMessagesVisible',
    Dimensions: [{ Name: 'QueueName', Value: 'kiro-pipeline-test-rollback-dead-letters' }],
  });
});
