// SPDX-License-Identifier: Apache-2.0

// Settings: what a deployment of the stacks is told, checked before anything is built. They come
// from the CDK's context (`--context environment=test`), the same names for every command.

import { existsSync } from 'node:fs';
import * as path from 'node:path';
import type { Node } from 'constructs';

export interface Settings {
  // The one that is deployed, and every one that a full rollback may reach from it.
  readonly environment: string;
  readonly environments: readonly string[];
  readonly contacts: readonly string[]; // addresses that the topic writes to
  readonly functionFolder: string; // holds `bootstrap` and `stepback.yaml`
  readonly functionMissing: boolean; // nobody has built it: the folder is the stand-in
  readonly repository?: string; // where `--source-version COMMIT` finds its commits
  readonly workerLogGroup: boolean; // false: the worker's log group is somebody else's
}

const tree = path.resolve(__dirname, '../../..');
export const standIn = path.join(tree, 'function-missing');

// The program's own grammar for environments, a little shorter: S3 allows names of 63 characters.
const environmentGrammar = /^[a-z](?:[a-z0-9-]{0,30}[a-z0-9])?$/;
const contactGrammar = /^[A-Za-z0-9][A-Za-z0-9._+-]{0,63}@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+$/;
const repositoryGrammar = /^https:\/\/github\.com\/[A-Za-z0-9-]{1,39}\/[A-Za-z0-9._-]{1,100}$/;

export function checkedEnvironment(text: unknown): string {
  if (typeof text === 'string' && environmentGrammar.test(text)) return text;
  throw new Error(
    `not the name of an environment: ${JSON.stringify(text)}; ` +
      'a small letter, then up to 31 small letters, digits and dashes, no dash at the end',
  );
}

function words(value: unknown): string[] {
  const list = Array.isArray(value) ? value : String(value ?? '').split(',');
  return list.map((each) => String(each).trim()).filter((each) => each !== '');
}

function yes(value: unknown, key: string): boolean {
  if (value === undefined || value === true || value === 'true') return true;
  if (value === false || value === 'false') return false;
  throw new Error(`${key} is true or false, not ${JSON.stringify(value)}`);
}

function checked(text: string, grammar: RegExp, what: string): string {
  if (!grammar.test(text)) throw new Error(`not ${what}: ${JSON.stringify(text)}`);
  return text;
}

function functionFolder(
  given: unknown,
  usual: string,
): { functionFolder: string; functionMissing: boolean } {
  const folder = path.resolve(tree, typeof given === 'string' ? given : usual);
  const complete = ['bootstrap', 'stepback.yaml'].every((name) =>
    existsSync(path.join(folder, name)),
  );
  // A folder that was asked for by name must be there.
  if (!complete && given !== undefined) {
    throw new Error(`${folder} has no bootstrap and stepback.yaml`);
  }
  return { functionFolder: complete ? folder : standIn, functionMissing: !complete };
}

// `usualFunction` is where the program lies unless the context says so, if it was built.
export function readSettings(node: Node, usualFunction = '../build/function'): Settings {
  const environment = checkedEnvironment(node.tryGetContext('environment') ?? 'test');
  // {"test": ..., "production": ...} in cdk.json says something else for each environment.
  const given = (key: string): unknown => {
    const value: unknown = node.tryGetContext(key);
    const each = typeof value === 'object' && value !== null && !Array.isArray(value);
    return each ? (value as Record<string, unknown>)[environment] : value;
  };
  const listed = words(given('environments') ?? 'test,staging,production').map(checkedEnvironment);
  const repository = given('repository');
  return {
    environment,
    environments: listed.includes(environment) ? listed : [environment, ...listed],
    contacts: words(given('contacts')).map((each) =>
      checked(each, contactGrammar, 'an address of a person'),
    ),
    ...functionFolder(given('function'), usualFunction),
    repository:
      repository === undefined
        ? undefined
        : checked(String(repository), repositoryGrammar, 'a repository at https://github.com/'),
    workerLogGroup: yes(given('workerLogGroup'), 'workerLogGroup'),
  };
}
