// SPDX-License-Identifier: Apache-2.0

// Synthesised: the stacks as templates, for a context as the command line gives it, and the few
// questions that several tests ask of them.

import { App } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import * as path from 'node:path';
import { acknowledge } from '../src/acknowledged.js';
import { readSettings, type Settings } from '../src/settings.js';
import { buildStacks, type Stacks } from '../src/stacks.js';

export const tree = path.resolve(__dirname, '../../..');

export interface Built {
  readonly app: App;
  readonly stacks: Stacks;
  readonly settings: Settings;
}

let count = 0;

export function built(context: Record<string, unknown>, acknowledged = true): Built {
  const outdir = path.join(tree, 'build/synthesised', `${process.pid}-${count++}`);
  const app = new App({ analyticsReporting: false, context, outdir });
  // Without the program unless a test says where it lies: what was built beside changes none.
  const settings = readSettings(app.node, 'build/no-function');
  const stacks = buildStacks(app, settings);
  if (acknowledged) acknowledge(stacks, settings);
  return { app, stacks, settings };
}

export interface Templates {
  readonly shared: Template;
  readonly core: Template;
  readonly pipeline: Template;
  readonly monitoring: Template;
}

export function templatesOf({ stacks }: Built): Templates {
  return {
    shared: Template.fromStack(stacks.shared),
    core: Template.fromStack(stacks.core),
    pipeline: Template.fromStack(stacks.pipeline),
    monitoring: Template.fromStack(stacks.monitoring),
  };
}

export interface Resource {
  readonly Type: string;
  readonly Properties: Record<string, any>;
  readonly DeletionPolicy?: string;
}

export function resources(template: Template, type?: string): [string, Resource][] {
  const all = Object.entries(template.toJSON().Resources as Record<string, Resource>);
  return all.filter(([, each]) => type === undefined || each.Type === type);
}

// The physical names of all resources of a type.
export function namesIn(template: Template, type: string, key: string): string[] {
  return resources(template, type)
    .map(([, each]) => String(each.Properties[key]))
    .sort();
}

const pseudo: Record<string, string> = {
  'AWS::Partition': 'aws',
  'AWS::Region': 'ap-southeast-1',
  'AWS::AccountId': '123456789012',
};

// The value as it will be in AWS, as far as a template knows: addresses are written out.
export function resolved(value: any): any {
  if (Array.isArray(value)) return value.map(resolved);
  if (value === null || typeof value !== 'object') return value;
  if ('Ref' in value) return pseudo[value.Ref] ?? value.Ref;
  if ('Fn::Join' in value) return resolved(value['Fn::Join'][1]).join(value['Fn::Join'][0]);
  if ('Fn::GetAtt' in value) return `${value['Fn::GetAtt'][0]}.${value['Fn::GetAtt'][1]}`;
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, resolved(each)]));
}
