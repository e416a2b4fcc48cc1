// SPDX-License-Identifier: Apache-2.0

// KiroPipeline: one environment's pipeline, from the source through a build to the deployment.
//
//   Source   `_source/source.zip` in the bucket of the releases, with a file VERSION in it; an
//            upload of it starts the pipeline
//   Build    runs the application's own code and tests, and therefore may do nothing else; a gate
//            then judges what they reported, and keeps a bad version out
//   Deploy   the infrastructure first, then the application; both write records with `stepback`.
//            Then what runs is tested, without any rights, and a gate takes a bad version back. All
//            of it is one stage, since that takes one run at a time: nothing newer is deployed
//            before there is a verdict on this one
//
// The deploying projects can be started by hand too: kiro-worker-ENV puts a published release in
// place, kiro-pipeline-ENV-infrastructure runs `cdk deploy` at a source version.

import { readFileSync } from 'node:fs';
import * as path from 'node:path';
import {
  Duration,
  RemovalPolicy,
  Stack,
  type StackProps,
  aws_codebuild as codebuild,
  aws_codepipeline as codepipeline,
  aws_events as events,
  aws_iam as iam,
  aws_logs as logs,
  aws_s3 as s3,
} from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { arnOf, namesOf, projectLogs, sourceKey, stages, type Names } from './names.js';
import {
  buildRights,
  deployRights,
  gatesRights,
  infrastructureRights,
  never,
  pipelineRights,
  startRights,
  testsRights,
} from './rights.js';

export interface PipelineProps extends StackProps {
  readonly environment: string;
  readonly repository?: string;
}

interface ProjectProps {
  readonly id: string;
  readonly name: string;
  readonly buildspec: string;
  readonly rights: iam.PolicyStatement[];
  readonly limit: Duration;
  readonly variables?: Record<string, string>;
}

interface BuildAction {
  readonly name: string;
  readonly project: string;
  readonly runOrder: number;
  readonly inputs: readonly string[];
  readonly output?: string;
  readonly variables?: Record<string, string>;
}

// The buildspec is part of the project, not of the source: a change to the source cannot change
// what runs with the rights to deploy.
class Written extends codebuild.BuildSpec {
  readonly isImmediate = true;

  constructor(private readonly file: string) {
    super();
  }
  toBuildSpec(): string {
    return readFileSync(path.resolve(__dirname, '../../../buildspecs', this.file), 'utf8');
  }
}

export class Pipeline extends Stack {
  private readonly names: Names;
  private readonly never: iam.ManagedPolicy;

  constructor(
    scope: Construct,
    id: string,
    private readonly props: PipelineProps,
  ) {
    super(scope, id, props);
    this.names = namesOf(props.environment);
    const environment = props.environment;
    // What the infrastructure project can go back to, and what therefore a record has: a commit of
    // the repository, or a version of the zip file.
    const sourceVersions = { SOURCE_VERSIONS: props.repository ? 'commits' : 'objects' };
    this.never = new iam.ManagedPolicy(this, 'Never', {
      description: 'What no build may do, whatever else it is given',
      statements: never(),
    });
    this.project({
      id: 'Build',
      name: this.names.buildProject,
      buildspec: 'build.yml',
      rights: buildRights(this, environment),
      limit: Duration.minutes(30),
      variables: sourceVersions,
    });
    this.project({
      id: 'Tests',
      name: this.names.testsProject,
      buildspec: 'tests.yml',
      rights: testsRights(this, environment),
      limit: Duration.minutes(30),
    });
    this.project({
      id: 'Gates',
      name: this.names.gatesProject,
      buildspec: 'gates.yml',
      rights: gatesRights(this, environment),
      limit: Duration.minutes(10),
      variables: { JUDGE: 'build' },
    });
    this.project({
      id: 'Worker',
      name: this.names.deployProject,
      buildspec: 'worker.yml',
      rights: deployRights(this, environment),
      // Longer than a deployment may be silent: one that takes long gives signs of life.
      limit: Duration.minutes(60),
      variables: { VERSION: '' },
    });
    this.project({
      id: 'Infrastructure',
      name: this.names.infrastructureProject,
      buildspec: 'infrastructure.yml',
      rights: infrastructureRights(this, environment),
      limit: Duration.minutes(20),
      // Never the stacks that Stepback itself lives in, unless a person asks for them.
      variables: { STACKS: 'KiroPipeline KiroPipelineMonitoring', ...sourceVersions },
    });
    this.logGroup('PipelineLog', this.names.pipelineLogs);
    this.pipeline();
    this.startByUpload();
  }

  private logGroup(id: string, logGroupName: string): logs.LogGroup {
    return new logs.LogGroup(this, id, {
      logGroupName,
      retention: logs.RetentionDays.THREE_MONTHS,
      removalPolicy: RemovalPolicy.RETAIN,
    });
  }

  private project(props: ProjectProps): void {
    const role = new iam.Role(this, `${props.id}Role`, {
      assumedBy: new iam.ServicePrincipal('codebuild.amazonaws.com', {
        conditions: { StringEquals: { 'aws:SourceAccount': this.account } },
      }),
    });
    this.never.attachToRole(role);
    const policy = new iam.Policy(this, `${props.id}Rights`, {
      roles: [role],
      statements: props.rights,
    });
    const project = new codebuild.Project(this, props.id, {
      projectName: props.name,
      source: this.source(props.id),
      buildSpec: new Written(props.buildspec),
      // Its rights are written down in rights.ts; the library may add none.
      role: role.withoutPolicyUpdates(),
      grantReportGroupPermissions: false,
      environment: {
        buildImage: codebuild.LinuxBuildImage.STANDARD_7_0,
        computeType: codebuild.ComputeType.SMALL,
      },
      environmentVariables: Object.fromEntries(
        Object.entries({
          ENVIRONMENT: this.props.environment,
          RELEASES: this.names.releases,
          AWS_ACCOUNT_ID: this.account, // stepback.yaml names the topics by it
          ...props.variables,
        }).map(([name, value]) => [name, { value }]),
      ),
      timeout: props.limit,
      queuedTimeout: Duration.minutes(15),
      concurrentBuildLimit: 1,
      logging: {
        cloudWatch: { logGroup: this.logGroup(`${props.id}Log`, projectLogs(props.name)) },
      },
    });
    project.node.addDependency(policy);
  }

  // In the pipeline the source is what it hands over, whatever is said here. Alone, a project takes
  // it from the repository, where a source version is a commit; else from the zip file, where it is
  // a version of that object.
  private source(id: string): codebuild.Source {
    if (this.props.repository !== undefined) {
      const [owner, repo] = this.props.repository.split('/').slice(-2);
      return codebuild.Source.gitHub({ owner, repo, webhook: false });
    }
    return codebuild.Source.s3({
      bucket: s3.Bucket.fromBucketName(this, `${id}Source`, this.names.releases),
      path: sourceKey,
    });
  }

  private pipeline(): void {
    const role = new iam.Role(this, 'PipelineRole', {
      assumedBy: new iam.ServicePrincipal('codepipeline.amazonaws.com'),
    });
    const policy = new iam.Policy(this, 'PipelineRights', {
      roles: [role],
      statements: pipelineRights(this, this.props.environment),
    });
    const pipeline = new codepipeline.CfnPipeline(this, 'Pipeline', {
      name: this.names.pipeline,
      pipelineType: 'V2',
      executionMode: 'SUPERSEDED',
      roleArn: role.roleArn,
      artifactStore: { type: 'S3', location: this.names.releases },
      stages: [
        { name: stages[0], actions: [this.sourceAction()] },
        { name: stages[1], actions: this.building() },
        { name: stages[2], actions: this.deploying() },
      ],
    });
    pipeline.node.addDependency(policy);
  }

  // Nobody asks S3 every few minutes: it says itself when there is a new source. An event that
  // cannot be delivered is tried again for a while; then the next upload, or a person, starts it.
  private startByUpload(): void {
    const role = new iam.Role(this, 'StartRole', {
      assumedBy: new iam.ServicePrincipal('events.amazonaws.com', {
        conditions: { StringEquals: { 'aws:SourceAccount': this.account } },
      }),
    });
    const policy = new iam.Policy(this, 'StartRights', {
      roles: [role],
      statements: startRights(this, this.props.environment),
    });
    const rule = new events.Rule(this, 'SourceRule', {
      ruleName: this.names.sourceRule,
      description: 'A new source was uploaded',
      eventPattern: {
        source: ['aws.s3'],
        detailType: ['Object Created'],
        detail: { bucket: { name: [this.names.releases] }, object: { key: [sourceKey] } },
      },
      targets: [
        {
          bind: () => ({
            arn: arnOf.pipeline(this, this.names.pipeline),
            role,
            retryPolicy: { maximumEventAgeInSeconds: 1200, maximumRetryAttempts: 20 },
          }),
        },
      ],
    });
    rule.node.addDependency(policy);
  }

  private sourceAction(): codepipeline.CfnPipeline.ActionDeclarationProperty {
    return {
      name: 'Source',
      actionTypeId: { category: 'Source', owner: 'AWS', provider: 'S3', version: '1' },
      configuration: {
        S3Bucket: this.names.releases,
        S3ObjectKey: sourceKey,
        PollForSourceChanges: false,
      },
      outputArtifacts: [{ name: 'Source' }],
      runOrder: 1,
    };
  }

  private building(): codepipeline.CfnPipeline.ActionDeclarationProperty[] {
    return [
      this.buildAction({
        name: 'Build',
        project: this.names.buildProject,
        runOrder: 1,
        inputs: ['Source'],
        output: 'Built',
      }),
      this.buildAction({
        name: 'Gate',
        project: this.names.gatesProject,
        runOrder: 2,
        inputs: ['Built'],
        variables: { JUDGE: 'build' },
      }),
    ];
  }

  private deploying(): codepipeline.CfnPipeline.ActionDeclarationProperty[] {
    return [
      // Not from what the build handed over: it ran code that may not deploy anything. It says
      // whether it changes anything, for the record of the deployment.
      this.buildAction({
        name: 'Infrastructure',
        project: this.names.infrastructureProject,
        runOrder: 1,
        inputs: ['Source'],
        output: 'Infrastructure',
        // The pipeline does not rewrite itself while it runs.
        variables: { STACKS: 'KiroPipelineMonitoring' },
      }),
      this.buildAction({
        name: 'Application',
        project: this.names.deployProject,
        runOrder: 2,
        inputs: ['Built', 'Infrastructure'],
      }),
      this.buildAction({
        name: 'Tests',
        project: this.names.testsProject,
        runOrder: 3,
        inputs: ['Source'],
        output: 'Tested',
      }),
      // Of the version that was deployed, whatever the tests say that it is.
      this.buildAction({
        name: 'Verdict',
        project: this.names.gatesProject,
        runOrder: 4,
        inputs: ['Tested', 'Built'],
        variables: { JUDGE: 'deployment' },
      }),
    ];
  }

  // Of several inputs the first is where the build works.
  private buildAction(action: BuildAction): codepipeline.CfnPipeline.ActionDeclarationProperty {
    const { name, project, runOrder, inputs, output } = action;
    const given = Object.entries(action.variables ?? {}).map(([key, value]) => ({
      name: key,
      value,
      type: 'PLAINTEXT',
    }));
    return {
      name,
      actionTypeId: { category: 'Build', owner: 'AWS', provider: 'CodeBuild', version: '1' },
      configuration: {
        ProjectName: project,
        ...(inputs.length > 1 ? { PrimarySource: inputs[0] } : {}),
        ...(given.length > 0 ? { EnvironmentVariables: JSON.stringify(given) } : {}),
      },
      inputArtifacts: inputs.map((each) => ({ name: each })),
      outputArtifacts: output === undefined ? undefined : [{ name: output }],
      runOrder,
    };
  }
}
