// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import * as path from 'node:path';
import { test } from 'node:test';
import { App } from 'aws-cdk-lib';
import { readSettings, standIn, type Settings } from '../src/settings.js';

const given = (context: Record<string, unknown>): Settings =>
  readSettings(new App({ context }).node);

test('without a word, the environment is test and a full rollback reaches three', () => {
  const settings = given({});
  assert.equal(settings.environment, 'test');
  assert.deepEqual(settings.environments, ['test', 'staging', 'production']);
  assert.deepEqual(settings.contacts, []);
});

test('lists come as text, as the command line gives them, or as lists', () => {
  assert.deepEqual(given({ environments: 'test, qa' }).environments, ['test', 'qa']);
  assert.deepEqual(given({ environments: ['test'] }).environments, ['test']);
});

test('the environment that is deployed is always among those that are reached', () => {
  assert.deepEqual(given({ environment: 'qa', environments: 'test' }).environments, [
    'qa',
    'test',
  ]);
});

test('a setting may differ from environment to environment', () => {
  const environments = { test: 'test', production: 'test,production' };
  assert.deepEqual(given({ environments }).environments, ['test']);
  assert.deepEqual(given({ environments, environment: 'production' }).environments, [
    'test',
    'production',
  ]);
  assert.deepEqual(given({ environments, environment: 'qa' }).environments, [
    'qa',
    'test',
    'staging',
    'production',
  ]);
});

const strange = ['', 'Test', '1st', '-test', 'test-', 'te st', 'test;rm', '$(id)', '../x', 'a\nb'];
for (const name of [...strange, 'x'.repeat(33), 'täst', 7, true, {}]) {
  test(`${JSON.stringify(name)} is no environment`, () => {
    assert.throws(() => given({ environment: name }), /not the name of an environment/);
  });
}

test('a strange environment is refused in the list too', () => {
  assert.throws(() => given({ environments: 'test,$(id)' }), /not the name of an environment/);
});

for (const contact of ['nobody', 'a@b', 'a b@example.com', '-x@example.com', '@example.com']) {
  test(`${JSON.stringify(contact)} is no contact`, () => {
    assert.throws(() => given({ contacts: contact }), /not an address/);
  });
}

for (const place of ['http://github.com/a/b', 'https://example.com/a/b', 'https://github.com/a']) {
  test(`${place} is no repository`, () => {
    assert.throws(() => given({ repository: place }), /not a repository/);
  });
}

test('a switch is true or false', () => {
  assert.equal(given({ workerLogGroup: 'false' }).workerLogGroup, false);
  assert.throws(() => given({ workerLogGroup: 'perhaps' }), /true or false/);
});

test('a function that was asked for by its folder must be there', () => {
  assert.throws(() => given({ function: 'no-such-folder' }), /no bootstrap/);
});

test('a folder with both files is what is deployed', (t) => {
  const folder = mkdtempSync(path.join(tmpdir(), 'function-'));
  t.after(() => rmSync(folder, { recursive: true }));
  writeFileSync(path.join(folder, 'bootstrap'), '');
  assert.throws(() => given({ function: folder }), /no bootstrap and stepback.yaml/);
  writeFileSync(path.join(folder, 'stepback.yaml'), '');
  const settings = given({ function: folder });
  assert.equal(settings.functionFolder, folder);
  assert.equal(settings.functionMissing, false);
});

test('the stand-in is a whole folder, so that the stacks can be looked at without a build', () => {
  assert.equal(given({ function: standIn }).functionFolder, standIn);
});
