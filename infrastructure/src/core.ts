// SPDX-License-Identifier: Apache-2.0

// KiroPipelineCore: one environment's records for people, its releases, and the two functions that
// take it back. An alarm, or a deployment that failed in the pipeline, goes to the detect function,
// which opens a rollback and puts a message into the work queue; the act function turns it until it
// ends. A sweep each minute finds whatever a lost message left behind. Once a day old records go.

import {
  Aws,
  Duration,
  RemovalPolicy,
  Stack,
  type StackProps,
  aws_dynamodb as dynamodb,
  aws_events as events,
  aws_events_targets as targets,
  aws_iam as iam,
  aws_lambda as lambda,
  aws_logs as logs,
  aws_s3 as s3,
  aws_sns as sns,
  aws_sns_subscriptions as subscriptions,
  aws_sqs as sqs,
} from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { arnOf, deployStage, functionLogs, namesOf, type Names } from './names.js';
import { actRights, detectRights, never, reachRights } from './rights.js';

export interface CoreProps extends StackProps {
  readonly environment: string;
  readonly environments: readonly string[];
  readonly contacts: readonly string[];
  readonly code: (scope: Construct) => lambda.Code;
}

// After this an event is recorded and ignored, so nobody need deliver it.
const oldestEvent = Duration.minutes(20);
// Putting a release in place may take a minute, the limit that the program has for it. A switch
// that is cut off in the middle would begin again each time.
const functionTimeout = Duration.seconds(120);
// What AWS asks for: a function that died with a message gets it again after this.
const messageTimeout = Duration.seconds(6 * functionTimeout.toSeconds());
const mostReplacedKept = 100; // the most that S3 counts

export class Core extends Stack {
  readonly functions: readonly lambda.Function[];
  private readonly names: Names;
  private readonly never: iam.ManagedPolicy;

  constructor(scope: Construct, id: string, props: CoreProps) {
    super(scope, id, props);
    this.names = namesOf(props.environment);
    this.deployments();
    const releases = this.bucket('Releases', this.names.releases, mostReplacedKept);
    // The pipeline starts by what arrives there. Set on the resource itself: the library's own
    // setting brings a function along, with rights.
    (releases.node.defaultChild as s3.CfnBucket).notificationConfiguration = {
      eventBridgeConfiguration: { eventBridgeEnabled: true },
    };
    this.bucket('Live', this.names.live);
    this.topic(props.contacts);
    const { work, deadLetters } = this.queues();
    this.never = new iam.ManagedPolicy(this, 'Never', {
      description: 'What neither function may do, whatever else it is given',
      statements: never(),
    });
    const code = props.code(this);
    const detect = this.function('Detect', this.names.detect, 'detect', props, code, deadLetters);
    const act = this.function('Act', this.names.act, 'act', props, code, deadLetters);
    this.functions = [detect, act];
    this.takeAlarms(detect, deadLetters);
    this.takeFailedStages(detect, deadLetters);
    this.takeFailedBuilds(detect, deadLetters);
    this.takeWork(act, work);
    this.sweep(act);
    this.expire(act);
  }

  // What people's scripts read. The status index answers "the newest that succeeded", the other
  // "the newest of all": no one index can answer both.
  private deployments(): void {
    const string = dynamodb.AttributeType.STRING;
    const table = new dynamodb.Table(this, 'Deployments', {
      tableName: this.names.deployments,
      partitionKey: { name: 'deploymentId', type: string },
      billingMode: dynamodb.BillingMode.PAY_PER_REQUEST,
      pointInTimeRecoverySpecification: { pointInTimeRecoveryEnabled: true },
      deletionProtection: true,
      removalPolicy: RemovalPolicy.RETAIN,
    });
    const environment = { name: 'environment', type: string };
    const startTime = { name: 'startTime', type: dynamodb.AttributeType.NUMBER };
    table.addGlobalSecondaryIndex({
      indexName: 'EnvironmentStatusIndex',
      partitionKey: environment,
      sortKeys: [{ name: 'status', type: string }, startTime],
    });
    table.addGlobalSecondaryIndex({
      indexName: 'EnvironmentStartTimeIndex',
      partitionKey: environment,
      sortKey: startTime,
    });
  }

  // Nothing that is current ever expires: a release that may be gone back to stays, however old.
  // The source is one object that each upload replaces, and infrastructure goes back by building
  // from a replaced version of it; so in the bucket of the releases the newest of those stay too.
  private bucket(id: string, bucketName: string, replacedKept?: number): s3.Bucket {
    return new s3.Bucket(this, id, {
      bucketName,
      versioned: true,
      encryption: s3.BucketEncryption.S3_MANAGED,
      enforceSSL: true,
      blockPublicAccess: s3.BlockPublicAccess.BLOCK_ALL,
      objectOwnership: s3.ObjectOwnership.BUCKET_OWNER_ENFORCED,
      removalPolicy: RemovalPolicy.RETAIN,
      lifecycleRules: [
        {
          id: 'replaced',
          noncurrentVersionExpiration: Duration.days(90),
          noncurrentVersionsToRetain: replacedKept,
        },
        { id: 'unfinished', abortIncompleteMultipartUploadAfter: Duration.days(7) },
      ],
    });
  }

  private topic(contacts: readonly string[]): void {
    const topic = new sns.Topic(this, 'Rollbacks', {
      topicName: this.names.topic,
      enforceSSL: true,
    });
    // The alarms that tell people of Stepback itself.
    topic.addToResourcePolicy(
      new iam.PolicyStatement({
        sid: 'AlarmsOfThisAccount',
        principals: [new iam.ServicePrincipal('cloudwatch.amazonaws.com')],
        actions: ['sns:Publish'],
        resources: [topic.topicArn],
        conditions: { StringEquals: { 'aws:SourceAccount': this.account } },
      }),
    );
    for (const contact of contacts) {
      topic.addSubscription(new subscriptions.EmailSubscription(contact));
    }
  }

  private queues(): { work: sqs.Queue; deadLetters: sqs.Queue } {
    const encryption = sqs.QueueEncryption.SQS_MANAGED;
    const deadLetters = new sqs.Queue(this, 'DeadLetters', {
      queueName: this.names.deadLetters,
      encryption,
      enforceSSL: true,
      retentionPeriod: Duration.days(14),
    });
    // A message is only a hint that something is due; losing one costs a minute, until the sweep.
    const work = new sqs.Queue(this, 'Work', {
      queueName: this.names.work,
      encryption,
      enforceSSL: true,
      visibilityTimeout: messageTimeout,
      deadLetterQueue: { queue: deadLetters, maxReceiveCount: 5 },
    });
    return { work, deadLetters };
  }

  private function(
    id: string,
    name: string,
    role: 'detect' | 'act',
    props: CoreProps,
    code: lambda.Code,
    deadLetterQueue: sqs.Queue,
  ): lambda.Function {
    const logGroup = new logs.LogGroup(this, `${id}Log`, {
      logGroupName: functionLogs(name),
      retention: logs.RetentionDays.THREE_MONTHS,
      removalPolicy: RemovalPolicy.RETAIN,
    });
    const identity = new iam.Role(this, `${id}Role`, {
      assumedBy: new iam.ServicePrincipal('lambda.amazonaws.com'),
      description: `What the ${role} function of ${props.environment} may do`,
    });
    const acts = role === 'act';
    const rights = acts
      ? actRights(this, props.environment, this.others(props))
      : detectRights(this, props.environment);
    this.never.attachToRole(identity);
    if (acts) this.reach(identity, props);
    const policy = new iam.Policy(this, `${id}Rights`, {
      roles: [identity],
      statements: [
        ...rights,
        new iam.PolicyStatement({
          sid: 'WriteItsLog',
          actions: ['logs:CreateLogStream', 'logs:PutLogEvents'],
          resources: [arnOf.logGroup(this, functionLogs(name))],
        }),
        new iam.PolicyStatement({
          sid: 'KeepWhatItCouldNotDo',
          actions: ['sqs:SendMessage'],
          resources: [deadLetterQueue.queueArn],
        }),
      ],
    });
    const made = new lambda.Function(this, id, {
      functionName: name,
      description: `Stepback: ${role}`,
      runtime: lambda.Runtime.PROVIDED_AL2023,
      architecture: lambda.Architecture.X86_64,
      handler: 'bootstrap',
      code,
      timeout: functionTimeout,
      memorySize: 256,
      role: iam.Role.fromRoleArn(this, `${id}Identity`, identity.roleArn, { mutable: false }),
      environment: {
        STEPBACK_ROLE: role,
        STEPBACK_ENVIRONMENT: props.environment,
        AWS_ACCOUNT_ID: Aws.ACCOUNT_ID, // stepback.yaml names the topics by it
      },
      logGroup,
      deadLetterQueue,
      maxEventAge: oldestEvent,
      // A sweep comes again in a minute; an alarm does not.
      retryAttempts: acts ? 0 : 2,
      // Turn, message, turn is how it waits, far more often than the guard of 16 rounds allows. The
      // program has limits of its own: a deadline for every rollback.
      recursiveLoop: acts ? lambda.RecursiveLoop.ALLOW : undefined,
    });
    made.node.addDependency(policy);
    return made;
  }

  // A full rollback is one piece of work about several environments, so whoever acts on it reaches
  // them all. With `--context environments=production` production is all that it reaches.
  private reach(identity: iam.Role, props: CoreProps): void {
    for (const other of this.others(props)) {
      new iam.ManagedPolicy(this, `Reach${other}`, {
        description: `What a full rollback begun in ${props.environment} may do in ${other}`,
        roles: [identity],
        statements: reachRights(this, other),
      });
    }
  }

  private others(props: CoreProps): string[] {
    return props.environments.filter((each) => each !== props.environment);
  }

  // What any rule hears goes the same way to the detect function: tried again for as long as it may
  // still mean something, then with the dead letters.
  private detected(
    id: string,
    ruleName: string,
    description: string,
    to: { detect: lambda.Function; deadLetters: sqs.Queue },
    eventPattern: events.EventPattern,
  ): void {
    new events.Rule(this, id, {
      ruleName,
      description,
      eventPattern,
      targets: [
        new targets.LambdaFunction(to.detect, {
          deadLetterQueue: to.deadLetters,
          maxEventAge: oldestEvent,
          retryAttempts: 20,
        }),
      ],
    });
  }

  // ALARM only. An alarm that went back to OK starts nothing, and what judges a rollback reads the
  // states itself; the events would only cost invocations. The prefixes end with a dash, so that
  // "prod" does not hear of "production"; of "prod" and "prod-eu" the program takes the longer.
  private takeAlarms(detect: lambda.Function, deadLetters: sqs.Queue): void {
    const description = 'An alarm of this environment went off';
    this.detected('AlarmRule', this.names.alarmRule, description, { detect, deadLetters }, {
      source: ['aws.cloudwatch'],
      detailType: ['CloudWatch Alarm State Change'],
      detail: {
        alarmName: [{ prefix: `${this.names.pipeline}-` }, { prefix: `${this.names.worker}-` }],
        state: { value: ['ALARM'] },
      },
    });
  }

  // The stage that deploys, and what is in it. Such an event names no version, so it counts against
  // whatever is being deployed; in this stage, which takes one run at a time, that is the one that
  // failed. A newer run whose tests fail in an earlier stage meanwhile must take nothing back, and
  // its gate, which knows the version, has kept it out. The run's own event does not say where it
  // failed, and comes after that of its stage: it is not asked for.
  private takeFailedStages(detect: lambda.Function, deadLetters: sqs.Queue): void {
    const description = 'A deployment to this environment failed in its pipeline';
    this.detected('StageRule', this.names.stageRule, description, { detect, deadLetters }, {
      source: ['aws.codepipeline'],
      detailType: [
        'CodePipeline Stage Execution State Change',
        'CodePipeline Action Execution State Change',
      ],
      detail: { pipeline: [this.names.pipeline], stage: [deployStage], state: ['FAILED'] },
    });
  }

  // The builds that deploy, where the pipeline started them. What a rollback started, it waits for
  // itself; what a person started records how it went.
  private takeFailedBuilds(detect: lambda.Function, deadLetters: sqs.Queue): void {
    const description = 'A build that deploys to this environment failed';
    this.detected('BuildRule', this.names.buildRule, description, { detect, deadLetters }, {
      source: ['aws.codebuild'],
      detailType: ['CodeBuild Build State Change'],
      detail: {
        'project-name': [this.names.deployProject, this.names.infrastructureProject],
        'build-status': ['FAILED', 'FAULT', 'TIMED_OUT'],
        'additional-information': { initiator: [`codepipeline/${this.names.pipeline}`] },
      },
    });
  }

  private takeWork(act: lambda.Function, work: sqs.Queue): void {
    act.addEventSourceMapping('FromWork', {
      eventSourceArn: work.queueArn,
      batchSize: 1,
      reportBatchItemFailures: true,
      maxConcurrency: 5,
    });
  }

  private sweep(act: lambda.Function): void {
    new events.Rule(this, 'SweepRule', {
      ruleName: this.names.sweepRule,
      description: 'Looks for whatever is due',
      schedule: events.Schedule.rate(Duration.minutes(1)),
      targets: [
        new targets.LambdaFunction(act, {
          event: events.RuleTargetInput.fromObject({ source: 'stepback.sweep' }),
          maxEventAge: Duration.minutes(1),
          retryAttempts: 0,
        }),
      ],
    });
  }

  // Records that policy.keep keeps no longer go by the program, which knows what is still needed.
  // The table's own expiry takes only what was marked for it, and that is signals.
  private expire(act: lambda.Function): void {
    new events.Rule(this, 'ExpireRule', {
      ruleName: this.names.expireRule,
      description: 'Forgets records whose time is over',
      schedule: events.Schedule.rate(Duration.days(1)),
      targets: [
        new targets.LambdaFunction(act, {
          event: events.RuleTargetInput.fromObject({ source: 'stepback.expire' }),
          maxEventAge: oldestEvent,
          retryAttempts: 3,
        }),
      ],
    });
  }
}
