// SPDX-License-Identifier: Apache-2.0

// Which events reach the function: the patterns of the rules, held against events as AWS sends
// them.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { built, resolved, resources, templatesOf } from './synthesised.js';

const { core } = templatesOf(built({ environment: 'test' }));
const rules = new Map(
  resources(core, 'AWS::Events::Rule').map(([, rule]) => [rule.Properties.Name, rule.Properties]),
);

// As EventBridge compares, as far as these patterns go: every field that is named must be there and
// have one of the listed values, or begin as listed.
function takes(pattern: any, event: any): boolean {
  return Object.entries<any>(pattern).every(([key, wanted]) => {
    const value = event?.[key];
    if (!Array.isArray(wanted)) return typeof value === 'object' && takes(wanted, value);
    return wanted.some((each) => {
      if (typeof each !== 'object') return each === value;
      assert.deepEqual(Object.keys(each), ['prefix'], 'a comparison that this test does not know');
      return typeof value === 'string' && value.startsWith(each.prefix);
    });
  });
}

const detecting = ['alarm', 'stage', 'build'].map((kind) => `kiro-pipeline-test-${kind}-rule`);
const taking = (event: any): string[] =>
  detecting.filter((name) => takes(rules.get(name)?.EventPattern, event));

const sent = (source: string, type: string, detail: object) => ({
  version: '0',
  id: 'c030038d-8c4d-6141-9545-00ff7b7153ec',
  source,
  'detail-type': type,
  account: '123456789012',
  region: 'us-east-1',
  time: '2026-01-27T10:17:55Z',
  detail,
});
const alarm = (alarmName: string, value: string) =>
  sent('aws.cloudwatch', 'CloudWatch Alarm State Change', { alarmName, state: { value } });
const run = (kind: string, state: string, more: object = {}) =>
  sent('aws.codepipeline', `CodePipeline ${kind} Execution State Change`, {
    pipeline: 'kiro-pipeline-test',
    'execution-id': '8a1f4c1e-7c57-4c0e-9d0b-2f5a1a3c9e10',
    version: 7.0,
    state,
    ...(kind === 'Pipeline' ? {} : { stage: 'Deploy' }),
    ...(kind === 'Action' ? { action: 'Application', type: { category: 'Build' } } : {}),
    ...more,
  });
const ours = 'codepipeline/kiro-pipeline-test';
const build = (status: string, project = 'kiro-worker-test', by = ours) =>
  sent('aws.codebuild', 'CodeBuild Build State Change', {
    'build-status': status,
    'project-name': project,
    'build-id': `arn:aws:codebuild:us-east-1:123456789012:build/${project}:86a1cd00`,
    'additional-information': { initiator: by, 'build-complete': true },
    'current-phase': 'COMPLETED',
  });

test('an alarm of this environment that went off is taken, and no other', () => {
  assert.deepEqual(taking(alarm('kiro-worker-test-errors', 'ALARM')), [detecting[0]]);
  assert.deepEqual(taking(alarm('kiro-pipeline-test-failures', 'ALARM')), [detecting[0]]);
  for (const state of ['OK', 'INSUFFICIENT_DATA']) {
    assert.deepEqual(taking(alarm('kiro-worker-test-errors', state)), [], state);
  }
  for (const name of ['kiro-worker-staging-errors', 'kiro-worker-test', 'stepback-test-asleep']) {
    assert.deepEqual(taking(alarm(name, 'ALARM')), [], name);
  }
});

test('a failed stage that deploys is taken, and a failed action of it', () => {
  for (const kind of ['Stage', 'Action']) {
    assert.deepEqual(taking(run(kind, 'FAILED')), [detecting[1]], kind);
  }
});

test('a run that is over otherwise, or goes on, is nothing to take back', () => {
  for (const kind of ['Pipeline', 'Stage', 'Action']) {
    for (const state of [
      ...['STARTED', 'SUCCEEDED', 'SUPERSEDED', 'STOPPED', 'STOPPING', 'CANCELED', 'RESUMED'],
      'ABANDONED',
    ]) {
      assert.deepEqual(taking(run(kind, state)), [], `${kind} ${state}`);
    }
  }
});

// It names no version: it would count against an older run that deploys meanwhile.
test('a run that failed before it deployed anything takes nothing back', () => {
  for (const stage of ['Source', 'Build']) {
    for (const kind of ['Stage', 'Action']) {
      assert.deepEqual(taking(run(kind, 'FAILED', { stage })), [], `${kind} ${stage}`);
    }
  }
  assert.deepEqual(taking(run('Pipeline', 'FAILED')), [], 'it does not say in which stage');
});

test('a failed run of another pipeline is none of ours', () => {
  for (const pipeline of ['kiro-pipeline-staging', 'kiro-pipeline-test-2', 'other']) {
    assert.deepEqual(taking(run('Stage', 'FAILED', { pipeline })), [], pipeline);
  }
});

test('a build that deploys and failed is taken, however it failed', () => {
  for (const project of ['kiro-worker-test', 'kiro-pipeline-test-infrastructure']) {
    for (const status of ['FAILED', 'FAULT', 'TIMED_OUT']) {
      assert.deepEqual(taking(build(status, project)), [detecting[2]], `${project} ${status}`);
    }
    for (const status of ['SUCCEEDED', 'IN_PROGRESS', 'STOPPED']) {
      assert.deepEqual(taking(build(status, project)), [], `${project} ${status}`);
    }
  }
});

test('a build that deploys nothing here takes nothing back', () => {
  for (const project of [
    'kiro-worker-test-build',
    'kiro-worker-test-tests',
    'kiro-pipeline-test-gates',
    'kiro-worker-staging',
    'other',
  ]) {
    const by = project.includes('staging') ? 'codepipeline/kiro-pipeline-staging' : undefined;
    assert.deepEqual(taking(build('FAILED', project, by)), [], project);
  }
});

test('a build that a rollback or a person started is theirs to judge', () => {
  for (const by of ['kiro-act-role/kiro-pipeline-test-rollback-worker', 'pat']) {
    assert.deepEqual(taking(build('FAILED', 'kiro-pipeline-test-infrastructure', by)), [], by);
  }
});

test('an event of another kind is taken by no rule', () => {
  const other = build('FAILED');
  for (const event of [
    { ...other, 'detail-type': 'CodeBuild Build Phase Change' },
    { ...other, source: 'somebody.else' },
    { ...other, detail: {} },
    { ...run('Stage', 'FAILED'), source: 'aws.codebuild' },
    { ...alarm('kiro-worker-test-errors', 'ALARM'), 'detail-type': 'CloudWatch Alarm Change' },
  ]) {
    assert.deepEqual(taking(event), []);
  }
});

test('all of them go the same way: to detect, tried again, then to the dead letters', () => {
  const ways = detecting.map((name) => {
    const rule = rules.get(name);
    assert.equal(rule?.State, 'ENABLED', name);
    assert.equal(rule?.Targets.length, 1, name);
    const { Id: _, ...way } = resolved(rule?.Targets[0]);
    return way;
  });
  assert.match(ways[0].Arn, /^Detect/);
  assert.match(ways[0].DeadLetterConfig.Arn, /^DeadLetters/);
  assert.deepEqual(ways[1], ways[0]);
  assert.deepEqual(ways[2], ways[0]);
});

test('detect may be called by those three rules, act by its two schedules, each by name', () => {
  const callers = resources(core, 'AWS::Lambda::Permission').map(([, { Properties: each }]) => {
    assert.equal(each.Principal, 'events.amazonaws.com');
    assert.equal(each.Action, 'lambda:InvokeFunction');
    return [resolved(each.FunctionName), resolved(each.SourceArn)]
      .map((text) => String(text).replace(/[0-9A-F]{8}(?=\.Arn$)/, ''))
      .join(' by ');
  });
  assert.deepEqual(callers.sort(), [
    'Act.Arn by ExpireRule.Arn',
    'Act.Arn by SweepRule.Arn',
    'Detect.Arn by AlarmRule.Arn',
    'Detect.Arn by BuildRule.Arn',
    'Detect.Arn by StageRule.Arn',
  ]);
});
