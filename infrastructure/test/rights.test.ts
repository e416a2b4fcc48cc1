// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Template } from 'aws-cdk-lib/assertions';
import { built, resolved, resources, templatesOf } from './synthesised.js';

interface Statement {
  Sid?: string;
  Effect: 'Allow' | 'Deny';
  Action: string | string[];
  Resource?: string | string[];
  NotResource?: string | string[];
  Condition?: unknown;
}
interface Document {
  role: string;
  managed: boolean;
  statements: Statement[];
  size: number;
}

const list = (value: string | string[] = []): string[] => (Array.isArray(value) ? value : [value]);

// Every policy, once for each role that has it.
function documents(template: Template): Document[] {
  return resources(template)
    .filter(([, { Type }]) => Type === 'AWS::IAM::Policy' || Type === 'AWS::IAM::ManagedPolicy')
    .flatMap(([, { Type, Properties }]) => {
      const document = resolved(Properties.PolicyDocument);
      return Properties.Roles.map((role: { Ref: string }) => ({
        role: role.Ref.replace(/Role[0-9A-F]{8}$/, ''),
        managed: Type === 'AWS::IAM::ManagedPolicy',
        statements: document.Statement,
        size: JSON.stringify(document).length,
      }));
    });
}

function statementsOf(all: Document[], role: string, effect: 'Allow' | 'Deny'): Statement[] {
  const own = all.filter((each) => each.role === role).flatMap((each) => each.statements);
  assert.ok(own.length > 0, `no role is called ${role}`);
  return own.filter((each) => each.Effect === effect);
}
const actionsOf = (statements: Statement[]): string[] =>
  [...new Set(statements.flatMap((each) => list(each.Action)))].sort();
const servicesOf = (statements: Statement[]): string[] =>
  [...new Set(actionsOf(statements).map((action) => action.split(':')[0]))];

const { core, pipeline, shared, monitoring } = templatesOf(built({ environment: 'test' }));
const ofCore = documents(core);
const ofPipeline = documents(pipeline);
const all = [...ofCore, ...ofPipeline];

test('no action has a wildcard, and every statement says what it is for', () => {
  assert.ok(all.length >= 11);
  for (const { role, statements } of all) {
    for (const statement of statements) {
      assert.match(statement.Sid ?? '', /^[A-Z][A-Za-z]+$/, role);
      for (const action of list(statement.Action)) {
        assert.match(action, /^[a-z0-9]+:[A-Za-z]+$/, `${role}: ${statement.Sid}`);
      }
    }
    const sids = statements.map((each) => each.Sid);
    assert.equal(new Set(sids).size, sids.length, `${role} says one thing twice`);
  }
});

test('all rights are written in rights.ts: no role has a policy of AWS or of the library', () => {
  for (const template of [core, pipeline, shared, monitoring]) {
    for (const [id, role] of resources(template, 'AWS::IAM::Role')) {
      assert.equal(role.Properties.Policies, undefined, id);
      assert.equal(role.Properties.ManagedPolicyArns?.length ?? 1, 1, id);
      assert.doesNotMatch(JSON.stringify(role.Properties.ManagedPolicyArns ?? ''), /arn:/, id);
    }
  }
});

test('each role is taken on by one service of AWS, and by nobody else', () => {
  const taken = [core, pipeline].flatMap((template) =>
    resources(template, 'AWS::IAM::Role').map(([, role]) =>
      role.Properties.AssumeRolePolicyDocument.Statement.map((each: any) => each.Principal),
    ),
  );
  assert.equal(taken.length, 9);
  for (const principals of taken) {
    assert.equal(principals.length, 1);
    assert.deepEqual(Object.keys(principals[0]), ['Service']);
    assert.match(principals[0].Service, /^(lambda|codebuild|codepipeline|events)\.amazonaws\.com$/);
  }
});

test('what detects touches no application', () => {
  const allowed = statementsOf(ofCore, 'Detect', 'Allow');
  assert.deepEqual(servicesOf(allowed), ['cloudwatch', 'dynamodb', 'logs', 'sqs']);
  assert.deepEqual(actionsOf(allowed), [
    'cloudwatch:DescribeAlarms',
    'dynamodb:ConditionCheckItem',
    'dynamodb:GetItem',
    'dynamodb:PutItem',
    'dynamodb:Query',
    'dynamodb:UpdateItem',
    'logs:CreateLogStream',
    'logs:PutLogEvents',
    'sqs:GetQueueUrl',
    'sqs:SendMessage',
  ]);
  const denied = actionsOf(statementsOf(ofCore, 'Detect', 'Deny'));
  for (const action of ['dynamodb:DeleteItem', 's3:PutObject', 's3:DeleteObject']) {
    assert.ok(denied.includes(action), action);
  }
});

test('what acts may do what the program does, and nothing besides', () => {
  assert.deepEqual(actionsOf(statementsOf(ofCore, 'Act', 'Allow')), [
    'cloudwatch:DescribeAlarms',
    'codebuild:BatchGetBuilds',
    'codebuild:ListBuildsForProject',
    'codebuild:StartBuild',
    'codepipeline:DisableStageTransition',
    'codepipeline:EnableStageTransition',
    'codepipeline:GetPipelineState',
    'codepipeline:ListPipelineExecutions',
    'codepipeline:StopPipelineExecution',
    'dynamodb:ConditionCheckItem',
    'dynamodb:DeleteItem',
    'dynamodb:GetItem',
    'dynamodb:PutItem',
    'dynamodb:Query',
    'dynamodb:Scan',
    'dynamodb:UpdateItem',
    'logs:CreateLogStream',
    'logs:FilterLogEvents',
    'logs:PutLogEvents',
    's3:AbortMultipartUpload',
    's3:DeleteObject',
    's3:GetObject',
    's3:ListBucket',
    's3:ListBucketVersions',
    's3:PutObject',
    'sns:Publish',
    'sqs:ChangeMessageVisibility',
    'sqs:DeleteMessage',
    'sqs:GetQueueAttributes',
    'sqs:GetQueueUrl',
    'sqs:ReceiveMessage',
    'sqs:SendMessage',
  ]);
});

test('what detects sends to the work queue and the dead letters only', () => {
  const targets = statementsOf(ofCore, 'Detect', 'Allow')
    .filter((each) => list(each.Action).includes('sqs:SendMessage'))
    .flatMap((each) => list(each.Resource));
  assert.equal(targets.length, 2);
  assert.ok(targets[0].endsWith(':kiro-pipeline-test-rollback-work'));
  assert.match(targets[1], /^DeadLetters[0-9A-F]{8}\.Arn$/);
});

test('whoever sends to a work queue may look up its address, which comes first', () => {
  const queues = (role: string, action: string): string[] =>
    all
      .filter((each) => each.role === role)
      .flatMap((each) => each.statements)
      .filter((each) => list(each.Action).includes(action))
      .flatMap((each) => list(each.Resource))
      .filter((one) => one.endsWith('-rollback-work'))
      .map((one) => one.split(':')[5])
      .sort();
  const own = ['kiro-pipeline-test-rollback-work'];
  const each = ['production', 'staging', 'test'].map(
    (name) => `kiro-pipeline-${name}-rollback-work`,
  );
  for (const [role, expected] of [
    ['Detect', own],
    ['Gates', own],
    ['Worker', own],
    ['Act', each],
  ] as const) {
    assert.deepEqual(queues(role, 'sqs:GetQueueUrl'), expected, role);
    assert.deepEqual(queues(role, 'sqs:SendMessage'), expected, role);
  }
});

test('records are deleted by what acts, in the two tables that have them, in transactions', () => {
  const deleting = all.flatMap(({ role, statements }) =>
    statements
      .filter((each) => each.Effect === 'Allow')
      .filter((each) => list(each.Action).includes('dynamodb:DeleteItem'))
      .map((each) => ({ role, ...each })),
  );
  assert.deepEqual(
    deleting.flatMap((each) => list(each.Resource)).map((table) => table.split('/')[1]).sort(),
    [
      'kiro-pipeline-production-deployments',
      'kiro-pipeline-staging-deployments',
      'kiro-pipeline-stepback',
      'kiro-pipeline-test-deployments',
    ],
  );
  for (const each of deleting) {
    assert.equal(each.role, 'Act');
    assert.deepEqual(each.Condition, {
      StringEquals: { 'dynamodb:EnclosingOperation': 'TransactWriteItems' },
    });
  }
});

// The roles that may do it, as AWS decides: some statement allows it, and none denies it.
function allowing(action: string, object: string): string[] {
  const about = (each: Statement): boolean =>
    each.NotResource === undefined
      ? list(each.Resource).some((pattern) => matches(pattern, object))
      : !list(each.NotResource).some((pattern) => matches(pattern, object));
  return [...new Set(all.map(({ role }) => role))].filter((role) => {
    const hits = (effect: 'Allow' | 'Deny'): boolean =>
      statementsOf(all, role, effect).some(
        (each) => list(each.Action).includes(action) && about(each),
      );
    return hits('Allow') && !hits('Deny');
  });
}

test('releases are written by the project that deploys, and removed by nobody', () => {
  const release = 'arn:aws:s3:::kiro-pipeline-test-artifacts/2222222/app.bin';
  assert.deepEqual(allowing('s3:PutObject', release), ['Worker']);
  assert.deepEqual(allowing('s3:DeleteObject', release), []);
  assert.deepEqual(allowing('s3:DeleteObjectVersion', release), []);
  const live = 'arn:aws:s3:::kiro-worker-test-artifacts/current-version.txt';
  assert.deepEqual(allowing('s3:PutObject', live), ['Act', 'Worker']);
  assert.deepEqual(allowing('s3:AbortMultipartUpload', live), ['Act', 'Worker']);
});

test('what acts opens incidents and changes what runs, in each environment that it reaches', () => {
  for (const environment of ['test', 'staging', 'production']) {
    const releases = `arn:aws:s3:::kiro-pipeline-${environment}-artifacts`;
    const live = `arn:aws:s3:::kiro-worker-${environment}-artifacts`;
    for (const [action, object, may] of [
      ['s3:PutObject', `${releases}/.stepback/incidents/1.md`, true],
      ['s3:DeleteObject', `${releases}/.stepback/incidents/1.md`, false],
      ['s3:PutObject', `${releases}/2222222/app.bin`, false],
      ['s3:DeleteObject', `${releases}/2222222/app.bin`, false],
      ['s3:PutObject', `${releases}/.stepback/manifests/2222222`, false],
      ['s3:PutObject', `${releases}/_tools/stepback`, false],
      ['s3:PutObject', `${live}/app.bin`, true],
      ['s3:DeleteObject', `${live}/app.bin`, true],
      ['s3:ListBucketVersions', releases, true],
    ] as const) {
      assert.equal(allowing(action, object).includes('Act'), may, `${action} ${object}`);
    }
  }
});

test('a denial that lists what it spares is said once for a role', () => {
  for (const role of new Set(all.map((each) => each.role))) {
    const sparing = statementsOf(all, role, 'Deny').filter((each) => each.NotResource);
    assert.equal(sparing.length, role === 'Act' ? 1 : 0, role);
  }
});

test('a build that takes infrastructure back is started and waited for, never stopped', () => {
  for (const role of ['Act', 'Worker']) {
    const allowed = statementsOf(all, role, 'Allow').filter((each) =>
      list(each.Action).some((action) => action.startsWith('codebuild:')),
    );
    assert.ok(allowed.length > 0, role);
    for (const each of allowed) {
      assert.deepEqual(list(each.Action), [
        'codebuild:StartBuild',
        'codebuild:BatchGetBuilds',
        'codebuild:ListBuildsForProject',
      ]);
      for (const project of list(each.Resource)) assert.match(project, /-infrastructure$/);
    }
  }
});

test('an upload of the source may start its own pipeline, and nothing else', () => {
  const [statement, ...others] = statementsOf(ofPipeline, 'Start', 'Allow');
  assert.deepEqual(others, []);
  assert.deepEqual(list(statement.Action), ['codepipeline:StartPipelineExecution']);
  assert.match(list(statement.Resource).join(), /^arn:aws:codepipeline:[^*]*:kiro-pipeline-test$/);
});

function matches(pattern: string, text: string): boolean {
  const parts = pattern.split('*').map((part) => part.replace(/[.$^{}()|[\]\\+?]/g, '\\$&'));
  return new RegExp(`^${parts.join('.*')}$`).test(text);
}

test('what runs code from the source can write no record and change nothing', () => {
  for (const [role, project] of [
    ['Build', 'kiro-worker-test-build'],
    ['Tests', 'kiro-worker-test-tests'],
  ]) {
    const allowed = statementsOf(ofPipeline, role, 'Allow');
    assert.deepEqual(servicesOf(allowed), ['codebuild', 'logs', 's3'], role);
    for (const each of allowed.filter((one) => list(one.Action).includes('s3:PutObject'))) {
      assert.deepEqual(list(each.Resource), [
        'arn:aws:s3:::kiro-pipeline-test-artifacts/kiro-pipeline-*',
      ]);
    }
    // Of CodeBuild nothing but its own reports, which people look at.
    for (const each of allowed.filter((one) => one.Sid === 'ShowReports')) {
      assert.match(
        list(each.Resource).join(),
        new RegExp(`^arn:aws:codebuild:[^*]*:report-group/${project}-reports$`),
      );
    }
    const ofCodeBuild = actionsOf(allowed).filter((action) => action.startsWith('codebuild:'));
    assert.deepEqual(ofCodeBuild, [
      'codebuild:BatchPutTestCases',
      'codebuild:CreateReport',
      'codebuild:CreateReportGroup',
      'codebuild:UpdateReport',
    ]);
  }
});

test('what judges reports keeps records and asks for work, and touches nothing that runs', () => {
  const allowed = statementsOf(ofPipeline, 'Gates', 'Allow');
  assert.deepEqual(actionsOf(allowed), [
    'cloudwatch:DescribeAlarms',
    'codebuild:BatchPutTestCases',
    'codebuild:CreateReport',
    'codebuild:CreateReportGroup',
    'codebuild:UpdateReport',
    'dynamodb:ConditionCheckItem',
    'dynamodb:GetItem',
    'dynamodb:PutItem',
    'dynamodb:Query',
    'dynamodb:UpdateItem',
    'logs:CreateLogStream',
    'logs:PutLogEvents',
    's3:GetBucketLocation',
    's3:GetBucketVersioning',
    's3:GetObject',
    's3:GetObjectVersion',
    's3:PutObject',
    'sqs:GetQueueUrl',
    'sqs:SendMessage',
  ]);
  const named = JSON.stringify(allowed);
  assert.doesNotMatch(named, /kiro-worker-test-artifacts|kiro-\w+-(staging|production)/);
});

test('nobody can change the program that the deploying projects run', () => {
  for (const name of ['_tools/stepback', '_source/source.zip']) {
    const object = `arn:aws:s3:::kiro-pipeline-test-artifacts/${name}`;
    assert.deepEqual(allowing('s3:PutObject', object), []);
  }
});

test('a full rollback reaches the listed environments, and with a list of one no other', () => {
  const reached = (environments: string): string[] => {
    const text = JSON.stringify(
      statementsOf(
        documents(templatesOf(built({ environment: 'test', environments })).core),
        'Act',
        'Allow',
      ),
    );
    return ['test', 'staging', 'production', 'qa'].filter((name) =>
      new RegExp(`kiro-(pipeline|worker)-${name}\\b`).test(text),
    );
  };
  assert.deepEqual(reached('test,staging,production'), ['test', 'staging', 'production']);
  assert.deepEqual(reached('test'), ['test']);
  assert.deepEqual(reached('test,qa'), ['test', 'qa']);
});

test('in another environment it may do what it does in its own', () => {
  const rightsIn = (environment: string) => {
    const ours = new RegExp(`kiro-(pipeline|worker)-${environment}(?!-rollback(-|$))`);
    return statementsOf(ofCore, 'Act', 'Allow')
      .filter((each) => list(each.Resource).some((one) => ours.test(one)))
      .filter((each) => each.Sid !== 'WriteItsLog')
      .map((each) => [each.Sid, each.Action]);
  };
  assert.ok(rightsIn('test').length > 8);
  assert.deepEqual(rightsIn('test'), rightsIn('production'));
});

test('everything that runs is denied what would blind it, lose records or hand out rights', () => {
  for (const [documentsOfStack, roles] of [
    [ofCore, ['Detect', 'Act']],
    [ofPipeline, ['Build', 'Tests', 'Gates', 'Worker', 'Infrastructure']],
  ] as const) {
    for (const role of roles) {
      const denied = actionsOf(
        statementsOf(documentsOfStack, role, 'Deny').filter((each) => each.Resource === '*'),
      );
      for (const action of [
        'dynamodb:DeleteTable',
        's3:DeleteObjectVersion',
        's3:PutBucketPolicy',
        'cloudwatch:PutMetricAlarm',
        'cloudwatch:DeleteAlarms',
        'events:DisableRule',
        'sqs:SetQueueAttributes',
        'iam:PassRole',
        'iam:PutRolePolicy',
      ]) {
        assert.ok(denied.includes(action), `${role}: ${action}`);
      }
    }
  }
});

test('nothing is denied everywhere that is allowed somewhere', () => {
  for (const documentsOfStack of [ofCore, ofPipeline]) {
    for (const role of new Set(documentsOfStack.map((each) => each.role))) {
      const everywhere = actionsOf(
        statementsOf(documentsOfStack, role, 'Deny').filter((each) => each.Resource === '*'),
      );
      const allowed = actionsOf(statementsOf(documentsOfStack, role, 'Allow'));
      assert.deepEqual(
        allowed.filter((action) => everywhere.includes(action)),
        [],
        role,
      );
    }
  }
});

test('only what has no resource in AWS is allowed on all', () => {
  const wide = all.flatMap(({ statements }) =>
    statements.filter((each) => each.Effect === 'Allow' && list(each.Resource).includes('*')),
  );
  assert.deepEqual(actionsOf(wide), [
    'cloudwatch:DescribeAlarms',
    'cloudwatch:PutMetricData',
  ]);
  // The functions write theirs into their log.
  assert.deepEqual(allowing('cloudwatch:PutMetricData', '*'), ['Worker']);
  for (const each of wide.filter((one) => list(one.Action).includes('cloudwatch:PutMetricData'))) {
    assert.deepEqual(each.Condition, {
      StringEquals: { 'cloudwatch:namespace': 'KiroPipeline' },
    });
  }
});

test('what is written to queues and topics from outside comes from this account', () => {
  const allowing = resources(core)
    .filter(([, { Type }]) => /::(QueuePolicy|TopicPolicy|BucketPolicy)$/.test(Type))
    .flatMap(([, { Properties }]) => Properties.PolicyDocument.Statement)
    .filter((each: any) => each.Effect === 'Allow');
  assert.deepEqual(allowing.map((each: any) => each.Principal.Service).sort(), [
    'cloudwatch.amazonaws.com',
    'events.amazonaws.com',
    'events.amazonaws.com',
    'events.amazonaws.com',
  ]);
  for (const each of allowing as any[]) {
    assert.match(JSON.stringify(each.Condition), /aws:SourceA(rn|ccount)/);
  }
});

test('policies stay below the limits of AWS, with the longest names', () => {
  const long = (letter: string): string => letter.repeat(32);
  const environments = [...'abcdefgh'].map(long);
  const { core: a, pipeline: b } = templatesOf(
    built({ environment: environments[0], environments }),
  );
  const inline = new Map<string, number>();
  const managed = new Map<string, number>();
  for (const each of [...documents(a), ...documents(b)]) {
    if (each.managed) {
      assert.ok(each.size <= 6144, `${each.role}: a managed policy of ${each.size}`);
      managed.set(each.role, (managed.get(each.role) ?? 0) + 1);
    } else {
      inline.set(each.role, (inline.get(each.role) ?? 0) + each.size);
    }
  }
  for (const [role, size] of inline) assert.ok(size <= 10_240, `${role}: ${size}`);
  for (const [role, count] of managed) assert.ok(count <= 10, `${role}: ${count}`);
});
