// SPDX-License-Identifier: Apache-2.0

// What others' rules say of the templates: cdk-nag, cfn-guard with rules of our own, cfn-lint.

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import * as path from 'node:path';
import { after, test } from 'node:test';
import { AwsSolutionsChecks } from 'cdk-nag';
import { ofCore, ofPipeline } from '../src/acknowledged.js';
import { built, templatesOf, tree, type Built } from './synthesised.js';

const made = built({ environment: 'test', contacts: 'on-call@example.com' });
const folder = mkdtempSync(path.join(tmpdir(), 'templates-'));
after(() => rmSync(folder, { recursive: true }));

const files = Object.entries(templatesOf(made)).map(([name, template]) => {
  const file = path.join(folder, `${name}.template.json`);
  writeFileSync(file, JSON.stringify(template.toJSON(), null, 1));
  return file;
});

function found({ app }: Built): string[] {
  app.synth();
  const report = new AwsSolutionsChecks(app).validateScope(app);
  return [...new Set(report.violations.map((each) => each.ruleName))].sort();
}

test('cdk-nag finds nothing that is not acknowledged with a reason', () => {
  assert.deepEqual(found(made), []);
  for (const { id, reason } of [...ofCore(made.settings), ...ofPipeline(made.settings)]) {
    assert.ok(reason.length > 20, id);
  }
});

test('what is acknowledged is found, so the list has nothing that is over', () => {
  const acknowledged = [...ofCore(made.settings), ...ofPipeline(made.settings)];
  assert.deepEqual(
    found(built({ environment: 'test' }, false)),
    [...new Set(acknowledged.map((each) => each.id))].sort(),
  );
});

const binary = path.join(
  tree,
  'node_modules/@cdklabs/cdk-validator-cfnguard/bin',
  process.platform === 'darwin' ? 'macos' : 'ubuntu',
  process.arch === 'arm64' ? 'aarch64' : 'x86_64',
  'cfn-guard',
);
const rules = path.join(tree, 'guard/stepback.guard');

// The names of the rules that do not hold for a template.
function broken(file: string): string[] {
  const run = spawnSync(
    binary,
    ['validate', '--rules', rules, '--data', file]
      .concat(['--structured', '-o', 'json', '--show-summary', 'none']),
    { encoding: 'utf8' },
  );
  assert.ok(run.status === 0 || run.status === 19, run.stderr || String(run.error));
  const [report] = JSON.parse(run.stdout);
  assert.equal(report.status === 'FAIL', run.status === 19);
  return report.not_compliant.map((each: any) => each.Rule.name);
}

for (const file of files) {
  test(`cfn-guard has nothing against ${path.basename(file)}`, () => {
    assert.deepEqual(broken(file), []);
  });
}

type Change = (properties: Record<string, any>, resource: Record<string, any>) => void;

// One fault for each clause that matters; without it, the rule would only look like one.
const faults: [string, string, string, Change][] = [
  ['tables_survive', 'shared', 'AWS::DynamoDB::Table', (_, r) => (r.DeletionPolicy = 'Delete')],
  ['tables_survive', 'core', 'AWS::DynamoDB::Table', (p) => delete p.DeletionProtectionEnabled],
  [
    'tables_survive',
    'core',
    'AWS::DynamoDB::Table',
    (p) => delete p.PointInTimeRecoverySpecification,
  ],
  [
    'releases_survive',
    'core',
    'AWS::S3::Bucket',
    (p) => p.LifecycleConfiguration.Rules.push({ Status: 'Enabled', ExpirationInDays: 90 }),
  ],
  ['releases_survive', 'core', 'AWS::S3::Bucket', (p) => delete p.VersioningConfiguration],
  ['releases_survive', 'core', 'AWS::S3::Bucket', (p) => delete p.PublicAccessBlockConfiguration],
  ['queues_are_private', 'core', 'AWS::SQS::Queue', (p) => (p.SqsManagedSseEnabled = false)],
  ['functions_lose_nothing', 'core', 'AWS::Lambda::Function', (p) => delete p.DeadLetterConfig],
  ['functions_lose_nothing', 'core', 'AWS::Lambda::Function', (p) => (p.Timeout = 300)],
  ['turns_are_one_by_one', 'core', 'AWS::Lambda::EventSourceMapping', (p) => (p.BatchSize = 10)],
  ['logs_are_kept_ninety_days', 'core', 'AWS::Logs::LogGroup', (p) => delete p.RetentionInDays],
  [
    'rights_are_spelt_out',
    'core',
    'AWS::IAM::Policy',
    (p) => (p.PolicyDocument.Statement[0].Action = 'dynamodb:*'),
  ],
  [
    'rights_are_spelt_out',
    'core',
    'AWS::IAM::ManagedPolicy',
    (p) => p.PolicyDocument.Statement[0].Action.push('s3:Get*'),
  ],
  [
    'rights_are_spelt_out',
    'pipeline',
    'AWS::IAM::Policy',
    (p) => delete p.PolicyDocument.Statement[0].Sid,
  ],
  [
    'rights_are_spelt_out',
    'core',
    'AWS::IAM::Policy',
    (p) => {
      const [statement] = p.PolicyDocument.Statement;
      statement.NotResource = statement.Resource;
      delete statement.Resource;
    },
  ],
  ['roles_have_no_foreign_policies', 'core', 'AWS::IAM::Role', (p) => (p.Policies = [])],
  [
    'alarms_are_named_and_explained',
    'monitoring',
    'AWS::CloudWatch::Alarm',
    (p) => delete p.TreatMissingData,
  ],
  [
    'events_are_not_retried_for_ever',
    'core',
    'AWS::Events::Rule',
    (p) => delete p.Targets[0].RetryPolicy,
  ],
];

faults.forEach(([rule, stack, type, change], number) => {
  test(`cfn-guard's ${rule} sees fault ${number + 1}`, () => {
    const templates = templatesOf(made) as unknown as Record<string, { toJSON(): any }>;
    const template = structuredClone(templates[stack].toJSON());
    const [resource] = Object.values<any>(template.Resources).filter((r) => r.Type === type);
    change(resource.Properties, resource);
    const file = path.join(folder, `fault-${number}.json`);
    writeFileSync(file, JSON.stringify(template));
    assert.deepEqual(broken(file), [rule]);
  });
});

// Not one of npm's: where it is missing it cannot be run, which in CI is a failure.
test('cfn-lint has nothing against any of them', (t) => {
  const plain = ['KiroPipelineShared', 'KiroPipelineCore', 'KiroPipeline', 'KiroPipelineMonitoring']
    .map((id) => path.join(tree, 'templates', `${id}.template.json`));
  const limits = { encoding: 'utf8', timeout: 300_000 } as const;
  const run = spawnSync('cfn-lint', [...files, ...plain], limits);
  if ((run.error as NodeJS.ErrnoException | undefined)?.code === 'ENOENT') {
    const missing = 'cfn-lint is not installed (pip install cfn-lint): nothing was linted';
    assert.notEqual(process.env.CI, 'true', missing);
    t.skip(missing);
    return;
  }
  assert.equal(run.status, 0, run.stdout + run.stderr);
});
