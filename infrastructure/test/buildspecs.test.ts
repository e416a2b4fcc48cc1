// SPDX-License-Identifier: Apache-2.0

// What the projects run, as YAML and as text. That the commands do what they say is tested with
// pretended programs, in tests/infrastructure.

import assert from 'node:assert/strict';
import { readFileSync, readdirSync } from 'node:fs';
import * as path from 'node:path';
import { test } from 'node:test';
import { parse } from 'yaml';
import { built, resources, templatesOf, tree } from './synthesised.js';

interface Buildspec {
  version: number;
  env: { shell: string; variables?: Record<string, string> };
  phases: Record<string, { commands?: string[]; 'runtime-versions'?: Record<string, number> }>;
  artifacts?: { files: string[] };
  reports?: Record<string, { files: string[]; 'file-format': string }>;
}

const folder = path.join(tree, 'buildspecs');
const read = (name: string): Buildspec => parse(readFileSync(path.join(folder, name), 'utf8'));
const buildspecs = new Map(readdirSync(folder).map((name) => [name, read(name)]));
const commandsOf = (name: string): string[] =>
  Object.values(buildspecs.get(name)?.phases ?? {}).flatMap((phase) => phase.commands ?? []);
const textOf = (name: string): string =>
  commandsOf(name).join('\n').replace(/^ *#.*$/gm, '').replace(/\\\n */g, '');
const reportsIn = (text: string): string[] =>
  [...new Set([...text.matchAll(/reports\/[\w.-]+/g)].map(([found]) => found))].sort();

// What the scripts of the application's package.json leave, as the README asks of them.
const byTheApplication = ['reports/lcov.info', 'reports/unit.xml'];

test('each is whole: its version, its shell, and commands that are texts', () => {
  assert.equal(buildspecs.size, 5);
  for (const [name, each] of buildspecs) {
    assert.equal(each.version, 0.2, name);
    assert.equal(each.env.shell, 'bash', name);
    for (const [phase, { commands }] of Object.entries(each.phases)) {
      assert.match(phase, /^(install|pre_build|build|post_build)$/, name);
      for (const command of commands ?? []) assert.equal(typeof command, 'string', name);
    }
  }
});

test('each project runs its own, and none is left over', () => {
  const { pipeline } = templatesOf(built({ environment: 'test' }));
  const run = resources(pipeline, 'AWS::CodeBuild::Project').map(
    ([, project]) => project.Properties.Source.BuildSpec,
  );
  const files = [...buildspecs.keys()].map((name) => readFileSync(path.join(folder, name), 'utf8'));
  assert.deepEqual([...run].sort(), files.sort());
});

test('every gate names the environment, the version and reports', () => {
  const calls = [...textOf('gates.yml').matchAll(/stepback gate .*/g)].map(([call]) => call);
  assert.equal(calls.length, 1, 'one function asks all gates');
  for (const word of ['"$kind"', '"$ENVIRONMENT"', '--version "$version"', '"${given[@]}"']) {
    assert.ok(calls[0].includes(word), word);
  }
});

test('every report that is judged is one that an earlier build writes and hands over', () => {
  const judged = reportsIn(textOf('gates.yml'));
  assert.deepEqual(judged, [
    'reports/guard.json',
    'reports/infrastructure.json',
    'reports/lcov.info',
    'reports/lint.json',
    'reports/packages.json',
  ]);
  const written = [...textOf('build.yml').matchAll(/>"?(?:\$)?(reports\/[\w.-]+)/g)].map(
    ([, found]) => found,
  );
  for (const report of judged) {
    assert.ok([...written, ...byTheApplication].includes(report), `${report} is not written`);
  }
  for (const name of ['build.yml', 'tests.yml']) {
    assert.ok(buildspecs.get(name)?.artifacts?.files.includes('reports/**/*'), name);
  }
});

test('the suites that are judged are those that run, in the same environments', () => {
  const suites = (name: string, line: RegExp) =>
    [...textOf(name).matchAll(line)].map(([, environment, suite]) => [environment, suite]);
  const run = suites('tests.yml', /^ *(\w+)\) suite=([\w-]+) ;;$/gm);
  assert.deepEqual(run, [
    ['test', 'integration'],
    ['staging', 'end-to-end'],
  ]);
  assert.deepEqual(suites('gates.yml', /^ *deployment\/(\w+)\) tests ([\w-]+) ;;$/gm), run);
  assert.match(textOf('gates.yml'), /^ *tests unit$/m);
  assert.match(textOf('build.yml'), />reports\/unit\.exit/);
  assert.match(textOf('tests.yml'), />"reports\/\$suite\.exit"/);
});

test('where the program runs, nothing of the source does', () => {
  for (const name of buildspecs.keys()) {
    const text = textOf(name);
    const foreign = /^\s*npm |\bnpx /m.test(text);
    const ours = /\bstepback"? (gate|deploy|rollback)\b/.test(text);
    // The infrastructure's own packages deploy with the rights of the CDK; nothing else does both.
    assert.equal(foreign && ours, name === 'infrastructure.yml', name);
  }
});

test('what people are shown is JUnit, in the one group that the rights name', () => {
  for (const [name, { reports }] of buildspecs) {
    const shown = ['build.yml', 'tests.yml', 'gates.yml'].includes(name);
    assert.deepEqual(Object.keys(reports ?? {}), shown ? ['reports'] : [], name);
    for (const each of Object.values(reports ?? {})) assert.equal(each['file-format'], 'JUNITXML');
  }
});

test('a variable is quoted wherever it becomes a part of a command', () => {
  for (const name of buildspecs.keys()) {
    const words = textOf(name)
      .replace(/"[^"\n]*"|'[^'\n]*'/g, '')
      .split('\n')
      .filter((line) => !/^\s*(for|if|local|case)\b/.test(line))
      .join('\n')
      .replace(/^\s*\w+=\S*$|\$\{\w+:\+/gm, '');
    const bare = [...words.matchAll(/\$\{?\w+/g)].map(([found]) => found);
    // Words that the script chose itself.
    assert.deepEqual(bare.filter((each) => !['$alone'].includes(each)), [], name);
  }
});
