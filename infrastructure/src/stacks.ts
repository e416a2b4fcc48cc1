// SPDX-License-Identifier: Apache-2.0

// The stacks of one environment, and the one that all share. Their ids are what `cdk deploy` takes;
// their names carry the environment, so that environments do not overwrite each other.

import { CfnParameter, aws_lambda as lambda } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { Core } from './core.js';
import { Monitoring } from './monitoring.js';
import { Pipeline } from './pipeline.js';
import type { Settings } from './settings.js';
import { Shared } from './shared.js';

// A checkout in which nobody built the program must not replace functions that work, which a
// `cdk deploy --all` of an older version would do. A parameter without a value stops it before
// anything is changed; looking at the stacks needs none.
function refuseToDeploy(core: Core): void {
  const agreed = new CfnParameter(core, 'DeployTheStandIn', {
    type: 'String',
    allowedValues: ['yes'],
    description: 'The program is not built: yes deploys functions that refuse every event',
  });
  for (const each of core.functions) each.addEnvironment('STEPBACK_STAND_IN', agreed.valueAsString);
}

export interface Stacks {
  readonly shared: Shared;
  readonly core: Core;
  readonly pipeline: Pipeline;
  readonly monitoring: Monitoring;
}

export function buildStacks(scope: Construct, settings: Settings): Stacks {
  const { environment, environments, contacts, repository, workerLogGroup } = settings;
  const named = (id: string, description: string) => ({
    stackName: `${id}-${environment}`,
    description: `Stepback: ${description}, ${environment}`,
  });
  const shared = new Shared(scope, 'KiroPipelineShared', {
    stackName: 'KiroPipelineShared',
    description: 'Stepback: the records of all environments',
  });
  const core = new Core(scope, 'KiroPipelineCore', {
    ...named('KiroPipelineCore', 'releases and the functions that take them back'),
    environment,
    environments,
    contacts,
    code: () => lambda.Code.fromAsset(settings.functionFolder),
  });
  const pipeline = new Pipeline(scope, 'KiroPipeline', {
    ...named('KiroPipeline', 'from the source to the deployment'),
    environment,
    repository,
  });
  const monitoring = new Monitoring(scope, 'KiroPipelineMonitoring', {
    ...named('KiroPipelineMonitoring', 'alarms and the dashboard'),
    environment,
    workerLogGroup,
  });
  if (settings.functionMissing) refuseToDeploy(core);
  core.addStackDependency(shared);
  pipeline.addStackDependency(core);
  monitoring.addStackDependency(core);
  return { shared, core, pipeline, monitoring };
}
