// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { readFileSync, readdirSync } from 'node:fs';
import * as path from 'node:path';
import { test } from 'node:test';
import { plainTemplates } from '../src/templates.js';
import { built, resources, templatesOf, tree } from './synthesised.js';

const plain = plainTemplates();
const folder = path.join(tree, 'templates');

test('the plain templates are those that the stacks give: else run npm run templates', () => {
  assert.deepEqual(readdirSync(folder).sort(), [...plain.keys()].sort());
  for (const [name, text] of plain) {
    assert.equal(readFileSync(path.join(folder, name), 'utf8'), text, `${name} is out of date`);
  }
});

test('they need nothing of the CDK: no assets, no bootstrap', () => {
  for (const [name, text] of plain) {
    assert.doesNotMatch(text, /cdk-hnb659fds-assets|BootstrapVersion|aws:cdk|[0-9a-f]{64}/, name);
  }
});

test('the function comes from where the parameters say', () => {
  const core = JSON.parse(plain.get('KiroPipelineCore.template.json') ?? '');
  assert.deepEqual(Object.keys(core.Parameters), ['Environment', 'FunctionBucket', 'FunctionKey']);
  const functions = Object.values<any>(core.Resources).filter(
    (each) => each.Type === 'AWS::Lambda::Function',
  );
  assert.equal(functions.length, 2);
  for (const each of functions) {
    assert.deepEqual(each.Properties.Code, {
      S3Bucket: { Ref: 'FunctionBucket' },
      S3Key: { Ref: 'FunctionKey' },
    });
  }
});

test('they have the resources that the CDK deploys', () => {
  const templates = templatesOf(built({ environment: 'qa', workerLogGroup: true }));
  for (const [id, template] of [
    ['KiroPipelineShared', templates.shared],
    ['KiroPipelineCore', templates.core],
    ['KiroPipeline', templates.pipeline],
    ['KiroPipelineMonitoring', templates.monitoring],
  ] as const) {
    const types = (all: { Type: string }[]) => all.map((each) => each.Type).sort();
    const text = JSON.parse(plain.get(`${id}.template.json`) ?? '');
    assert.deepEqual(
      types(Object.values<{ Type: string }>(text.Resources)),
      types(resources(template).map(([, each]) => each)),
    );
  }
});
