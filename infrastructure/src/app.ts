// SPDX-License-Identifier: Apache-2.0
import { App, Annotations } from 'aws-cdk-lib';
import { acknowledge } from './acknowledged.js';
import { readSettings } from './settings.js';
import { buildStacks } from './stacks.js';

const app = new App({ analyticsReporting: false });
const settings = readSettings(app.node);
const stacks = buildStacks(app, settings);
acknowledge(stacks, settings);
if (settings.functionMissing) {
  Annotations.of(stacks.core).addWarningV2(
    'stepback:function-missing',
    'the program is not built (../build/function has no bootstrap and stepback.yaml): ' +
      'these stacks can be looked at, and KiroPipelineCore is not deployed without a word',
  );
}
app.synth();
