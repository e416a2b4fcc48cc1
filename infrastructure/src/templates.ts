// SPDX-License-Identifier: Apache-2.0

// The stacks as plain CloudFormation, for those without the CDK: one file for each, with the
// environment and the function's zip file as parameters. `npm run templates` writes them; the tests
// compare.

import { mkdirSync, writeFileSync } from 'node:fs';
import * as path from 'node:path';
import {
  App,
  CfnParameter,
  DefaultStackSynthesizer,
  Fn,
  type CfnParameterProps,
  type Stack,
  type StackProps,
  aws_lambda as lambda,
  aws_s3 as s3,
} from 'aws-cdk-lib';
import { Core } from './core.js';
import { Monitoring } from './monitoring.js';
import { Pipeline } from './pipeline.js';
import { Shared } from './shared.js';

const parameters: Record<string, CfnParameterProps> = {
  Environment: {
    type: 'String',
    default: 'test',
    allowedPattern: '^[a-z]([a-z0-9-]{0,30}[a-z0-9])?$',
    description: 'The environment: a small letter, then small letters, digits and dashes',
  },
  FunctionBucket: { type: 'String', description: 'The bucket that has the zip file' },
  FunctionKey: {
    type: 'String',
    default: 'stepback-function.zip',
    description: 'The zip file, with bootstrap and stepback.yaml at its top',
  },
};

const environment = Fn.ref('Environment');

const builders: Record<string, { takes: string[]; build: (app: App, props: StackProps) => Stack }> =
  {
    KiroPipelineShared: {
      takes: [],
      build: (app, props) => new Shared(app, 'KiroPipelineShared', props),
    },
    KiroPipelineCore: {
      takes: ['Environment', 'FunctionBucket', 'FunctionKey'],
      build: (app, props) =>
        new Core(app, 'KiroPipelineCore', {
          ...props,
          environment,
          environments: ['test', 'staging', 'production'],
          contacts: [],
          code: (scope) =>
            lambda.Code.fromBucketV2(
              s3.Bucket.fromBucketName(scope, 'Code', Fn.ref('FunctionBucket')),
              Fn.ref('FunctionKey'),
            ),
        }),
    },
    KiroPipeline: {
      takes: ['Environment'],
      build: (app, props) => new Pipeline(app, 'KiroPipeline', { ...props, environment }),
    },
    KiroPipelineMonitoring: {
      takes: ['Environment'],
      build: (app, props) =>
        new Monitoring(app, 'KiroPipelineMonitoring', {
          ...props,
          environment,
          workerLogGroup: true,
        }),
    },
  };

export function plainTemplates(): Map<string, string> {
  const written = new Map<string, string>();
  for (const [id, { takes, build }] of Object.entries(builders)) {
    const outdir = path.resolve(__dirname, '../../synthesised', `${process.pid}-${id}`);
    const app = new App({ analyticsReporting: false, outdir });
    const synthesizer = new DefaultStackSynthesizer({ generateBootstrapVersionRule: false });
    const stack = build(app, { synthesizer, description: `Stepback: ${id}` });
    for (const name of takes) new CfnParameter(stack, name, parameters[name]);
    const template: unknown = app.synth().getStackByName(id).template;
    written.set(`${id}.template.json`, `${JSON.stringify(template, null, 1)}\n`);
  }
  return written;
}

if (require.main === module) {
  const folder = path.resolve(__dirname, '../../../templates');
  mkdirSync(folder, { recursive: true });
  for (const [name, text] of plainTemplates()) writeFileSync(path.join(folder, name), text);
}
