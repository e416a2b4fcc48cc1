// SPDX-License-Identifier: Apache-2.0
// The pipeline and its projects: what comes after what, and what each is told and given.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import * as path from 'node:path';
import { test } from 'node:test';
import { Match, Template } from 'aws-cdk-lib/assertions';
import { built, resolved, resources, templatesOf, tree, type Resource } from './synthesised.js';

const { core, pipeline } = templatesOf(
  built({ environment: 'test', contacts: 'on-call@example.com' }),
);

const variablesOf = (project: Resource): Record<string, unknown> =>
  Object.fromEntries(
    project.Properties.Environment.EnvironmentVariables.map((each: any) => [each.Name, each.Value]),
  );
function buildspecOf(template: Template, name: string): string {
  const found = resources(template, 'AWS::CodeBuild::Project').find(
    ([, project]) => project.Properties.Name === name,
  );
  return found?.[1].Properties.Source.BuildSpec;
}

test('the pipeline goes from the source through a build to the deployment', () => {
  const [[, made]] = resources(pipeline, 'AWS::CodePipeline::Pipeline');
  assert.equal(made.Properties.PipelineType, 'V2');
  assert.deepEqual(
    made.Properties.Stages.map((stage: any) => [
      stage.Name,
      ...stage.Actions.map((action: any) => action.Configuration.ProjectName ?? 'S3'),
    ]),
    [
      ['Source', 'S3'],
      ['Build', 'kiro-worker-test-build', 'kiro-pipeline-test-gates'],
      [
        'Deploy',
        'kiro-pipeline-test-infrastructure',
        'kiro-worker-test',
        'kiro-worker-test-tests',
        'kiro-pipeline-test-gates',
      ],
    ],
  );
  for (const stage of made.Properties.Stages) {
    const order = stage.Actions.map((action: any) => action.RunOrder);
    assert.deepEqual(order, order.map((_: number, at: number) => at + 1), 'one after the other');
  }
});

test('each gate comes after what wrote its reports, and is told what it judges', () => {
  const [[, made]] = resources(pipeline, 'AWS::CodePipeline::Pipeline');
  const [, building, deploying] = made.Properties.Stages;
  const [build, gate] = building.Actions;
  assert.deepEqual(gate.InputArtifacts, build.OutputArtifacts);
  const [, , tests, verdict] = deploying.Actions;
  assert.deepEqual(tests.InputArtifacts, [{ Name: 'Source' }]);
  // The version is the one that was built and deployed, whatever the tests hand over.
  assert.deepEqual(verdict.InputArtifacts, [...tests.OutputArtifacts, ...build.OutputArtifacts]);
  assert.equal(verdict.Configuration.PrimarySource, 'Tested');
  assert.match(buildspecOf(pipeline, 'kiro-pipeline-test-gates'),
    /"\$\{CODEBUILD_SRC_DIR_Built:-\.\}\/VERSION"/);
  const judged = [gate, verdict].map((each) => JSON.parse(each.Configuration.EnvironmentVariables));
  assert.deepEqual(judged.map(([each]) => [each.name, each.value]), [
    ['JUDGE', 'build'],
    ['JUDGE', 'deployment'],
  ]);
});

test('nothing is deployed with rights of its own from what the build handed over', () => {
  const [[, made]] = resources(pipeline, 'AWS::CodePipeline::Pipeline');
  const [infrastructure] = made.Properties.Stages[2].Actions;
  assert.deepEqual(infrastructure.InputArtifacts, [{ Name: 'Source' }]);
});

test('the deployment hears from the infrastructure whether anything of it changes', () => {
  const [[, made]] = resources(pipeline, 'AWS::CodePipeline::Pipeline');
  const [infrastructure, application] = made.Properties.Stages[2].Actions;
  assert.deepEqual(infrastructure.OutputArtifacts, [{ Name: 'Infrastructure' }]);
  assert.deepEqual(application.InputArtifacts, [{ Name: 'Built' }, { Name: 'Infrastructure' }]);
  assert.equal(application.Configuration.PrimarySource, 'Built');
  assert.match(buildspecOf(pipeline, 'kiro-pipeline-test-infrastructure'),
    /\nartifacts:\n  files:\n    - INFRASTRUCTURE_CHANGED\n$/);
  assert.match(buildspecOf(pipeline, 'kiro-worker-test'),
    /\$CODEBUILD_SRC_DIR_Infrastructure\/INFRASTRUCTURE_CHANGED/);
});

test('an upload of the source starts the pipeline', () => {
  core.hasResourceProperties('AWS::S3::Bucket', {
    BucketName: 'kiro-pipeline-test-artifacts',
    NotificationConfiguration: { EventBridgeConfiguration: { EventBridgeEnabled: true } },
  });
  core.resourceCountIs('Custom::S3BucketNotifications', 0);
  const [[, made]] = resources(pipeline, 'AWS::CodePipeline::Pipeline');
  const [{ Configuration: source }] = made.Properties.Stages[0].Actions;
  pipeline.hasResourceProperties('AWS::Events::Rule', {
    Name: 'kiro-pipeline-test-source',
    State: 'ENABLED',
    EventPattern: {
      source: ['aws.s3'],
      'detail-type': ['Object Created'],
      detail: { bucket: { name: [source.S3Bucket] }, object: { key: [source.S3ObjectKey] } },
    },
    Targets: [Match.objectLike({ RoleArn: Match.anyValue() })],
  });
  const [[, rule]] = resources(pipeline, 'AWS::Events::Rule');
  assert.match(resolved(rule.Properties.Targets[0].Arn), /:codepipeline:.*:kiro-pipeline-test$/);
});

test('what the configuration reads from the environment, every project has', () => {
  for (const [, project] of resources(pipeline, 'AWS::CodeBuild::Project')) {
    const account = variablesOf(project).AWS_ACCOUNT_ID;
    assert.deepEqual(account, { Ref: 'AWS::AccountId' });
  }
  const file = readFileSync(path.join(tree, '../examples/aws/stepback.yaml'), 'utf8');
  const read = file.replace(/^ *#.*$/gm, '').matchAll(/\$\{(\w+)\}/g);
  const names = [...new Set([...read].map(([, name]) => name))].sort();
  assert.deepEqual(names, ['AWS_ACCOUNT_ID', 'AWS_REGION']); // AWS sets the second
  assert.doesNotMatch(file, /\b[a-z]{2}-[a-z]+-\d\b/, 'it is for any region');
});

test('no project takes its commands from the source', () => {
  for (const [, project] of resources(pipeline, 'AWS::CodeBuild::Project')) {
    assert.match(project.Properties.Source.BuildSpec, /^# SPDX[^]*\nversion: 0\.2\n/);
  }
});

test('the infrastructure project leaves out the stacks that Stepback lives in', () => {
  const [[, project]] = resources(pipeline, 'AWS::CodeBuild::Project').filter(
    ([, each]) => each.Properties.Name === 'kiro-pipeline-test-infrastructure',
  );
  assert.equal(variablesOf(project).STACKS, 'KiroPipeline KiroPipelineMonitoring');
});

test('with a repository, a source version is a commit of it', () => {
  const { stacks } = built({ repository: 'https://github.com/example/kiro-worker' });
  const template = Template.fromStack(stacks.pipeline);
  for (const [found, expected] of [[pipeline, 'objects'], [template, 'commits']] as const) {
    const said = resources(found, 'AWS::CodeBuild::Project').map(([, project]) => [
      project.Properties.Name,
      variablesOf(project).SOURCE_VERSIONS,
    ]);
    assert.deepEqual(Object.fromEntries(said), {
      'kiro-worker-test-build': expected,
      'kiro-worker-test-tests': undefined,
      'kiro-pipeline-test-gates': undefined,
      'kiro-worker-test': undefined,
      'kiro-pipeline-test-infrastructure': expected,
    });
  }
  template.allResourcesProperties('AWS::CodeBuild::Project', {
    Source: Match.objectLike({
      Type: 'GITHUB',
      Location: 'https://github.com/example/kiro-worker.git',
    }),
  });
});
