// SPDX-License-Identifier: Apache-2.0

// KiroPipelineMonitoring: what is watched, and who hears of it. Alarms below the two prefixes are
// Stepback's triggers and judges; what watches Stepback itself is named outside them.

import {
  Duration,
  RemovalPolicy,
  Stack,
  type StackProps,
  aws_cloudwatch as cloudwatch,
  aws_cloudwatch_actions as actions,
  aws_logs as logs,
  aws_sns as sns,
} from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { arnOf, functionLogs, namesOf, type Names } from './names.js';

export interface MonitoringProps extends StackProps {
  readonly environment: string;
  readonly workerLogGroup: boolean;
}

interface Watch {
  readonly id: string;
  readonly name: string;
  readonly says: string;
  readonly metric: cloudwatch.IMetric;
  readonly threshold: number;
  readonly below?: boolean;
  readonly periods?: number;
  readonly breaching?: number;
  readonly missing?: cloudwatch.TreatMissingData;
  readonly tell?: boolean; // people at once, beside what Stepback does about it
}

export class Monitoring extends Stack {
  private readonly names: Names;
  private readonly topic: sns.ITopic;

  constructor(
    scope: Construct,
    id: string,
    private readonly props: MonitoringProps,
  ) {
    super(scope, id, props);
    this.names = namesOf(props.environment);
    this.topic = sns.Topic.fromTopicArn(this, 'Rollbacks', arnOf.topic(this, this.names.topic));
    const alarms = [...this.ofThePipeline(), ...this.ofTheWorker(), ...this.ofStepback()].map(
      (watch) => this.alarm(watch),
    );
    this.dashboard(alarms);
    if (props.workerLogGroup) {
      new logs.LogGroup(this, 'WorkerLog', {
        logGroupName: functionLogs(this.names.poller),
        retention: logs.RetentionDays.THREE_MONTHS,
        removalPolicy: RemovalPolicy.RETAIN,
      });
    }
  }

  // The program writes these with the environment as the only dimension.
  private ofUs(metricName: string, statistic: string, period: Duration): cloudwatch.Metric {
    return new cloudwatch.Metric({
      namespace: 'KiroPipeline',
      metricName,
      dimensionsMap: { Environment: this.props.environment },
      statistic,
      period,
    });
  }

  private ofFunction(name: string, metricName: string, statistic: string, period: Duration) {
    return new cloudwatch.Metric({
      namespace: 'AWS/Lambda',
      metricName,
      dimensionsMap: { FunctionName: name },
      statistic,
      period,
    });
  }

  private failedBuilds(): cloudwatch.IMetric {
    const period = Duration.minutes(5);
    const of = (project: string) =>
      new cloudwatch.Metric({
        namespace: 'AWS/CodeBuild',
        metricName: 'FailedBuilds',
        dimensionsMap: { ProjectName: project },
        statistic: 'Sum',
        period,
      });
    return new cloudwatch.MathExpression({
      expression:
        'SUM([FILL(build, 0), FILL(tests, 0), FILL(gates, 0), FILL(worker, 0), ' +
        'FILL(infrastructure, 0)])',
      label: 'failed builds',
      usingMetrics: {
        build: of(this.names.buildProject),
        tests: of(this.names.testsProject),
        gates: of(this.names.gatesProject),
        worker: of(this.names.deployProject),
        infrastructure: of(this.names.infrastructureProject),
      },
      period,
    });
  }

  private ofThePipeline(): Watch[] {
    return [
      {
        id: 'Failures',
        name: `${this.names.pipeline}-failures`,
        says: 'A build or a deployment of the pipeline failed.',
        metric: this.failedBuilds(),
        threshold: 1,
        tell: true,
      },
      {
        id: 'RollbackCount',
        name: `${this.names.pipeline}-rollbacks`,
        says: 'Three rollbacks within an hour. Stepback takes it as a brake, never as a trigger.',
        metric: this.ofUs('RollbackCount', 'Sum', Duration.hours(1)),
        threshold: 3,
        tell: true,
      },
      {
        id: 'Duration',
        name: `${this.names.pipeline}-duration`,
        says: 'A deployment took longer than 30 minutes.',
        // Written when a deployment has ended: too late for a rollback, so it is for people.
        metric: this.ofUs('DeploymentDuration', 'Maximum', Duration.minutes(5)),
        threshold: 30 * 60,
        tell: true,
      },
    ];
  }

  private ofTheWorker(): Watch[] {
    const minute = Duration.minutes(1);
    return [
      {
        id: 'WorkerErrors',
        name: `${this.names.worker}-errors`,
        says: 'The worker fails, two minutes out of three.',
        metric: this.ofFunction(this.names.poller, 'Errors', 'Sum', minute),
        threshold: 1,
        periods: 3,
        breaching: 2,
      },
      {
        id: 'WorkerLatency',
        name: `${this.names.worker}-latency`,
        says: 'One of twenty calls of the worker takes 5 s or more, two minutes out of three.',
        metric: this.ofFunction(this.names.poller, 'Duration', 'p95', minute),
        threshold: 5000,
        periods: 3,
        breaching: 2,
      },
    ];
  }

  private ofStepback(): Watch[] {
    return [
      {
        id: 'DeadLetters',
        name: this.names.deadLettersAlarm,
        says: 'Stepback could not handle an event or a turn. It lies in the dead letters.',
        metric: new cloudwatch.Metric({
          namespace: 'AWS/SQS',
          metricName: 'ApproximateNumberOfMessagesVisible',
          dimensionsMap: { QueueName: this.names.deadLetters },
          statistic: 'Maximum',
          period: Duration.minutes(1),
        }),
        threshold: 1,
        tell: true,
      },
      {
        id: 'Asleep',
        name: this.names.asleepAlarm,
        says: 'The sweep has not run for five minutes: nobody would notice a lost message.',
        metric: this.ofFunction(this.names.act, 'Invocations', 'Sum', Duration.minutes(5)),
        threshold: 1,
        below: true,
        missing: cloudwatch.TreatMissingData.BREACHING,
        tell: true,
      },
    ];
  }

  private alarm(watch: Watch): cloudwatch.Alarm {
    const alarm = new cloudwatch.Alarm(this, watch.id, {
      alarmName: watch.name,
      alarmDescription: watch.says,
      metric: watch.metric,
      threshold: watch.threshold,
      comparisonOperator: watch.below
        ? cloudwatch.ComparisonOperator.LESS_THAN_THRESHOLD
        : cloudwatch.ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
      evaluationPeriods: watch.periods ?? 1,
      datapointsToAlarm: watch.breaching ?? 1,
      treatMissingData: watch.missing ?? cloudwatch.TreatMissingData.NOT_BREACHING,
    });
    if (watch.tell) alarm.addAlarmAction(new actions.SnsAction(this.topic));
    return alarm;
  }

  private dashboard(alarms: cloudwatch.IAlarm[]): void {
    const board = new cloudwatch.Dashboard(this, 'Dashboard', {
      dashboardName: this.names.pipeline,
      defaultInterval: Duration.hours(24),
    });
    board.addWidgets(
      new cloudwatch.AlarmStatusWidget({ title: 'Alarms', width: 24, height: 3, alarms }),
    );
    board.addWidgets(
      new cloudwatch.GraphWidget({
        title: 'Rollbacks',
        width: 8,
        left: [this.ofUs('RollbackCount', 'Sum', Duration.hours(1))],
        right: [this.ofUs('RollbackDuration', 'Maximum', Duration.hours(1))],
      }),
      new cloudwatch.GraphWidget({
        title: 'Deployments: seconds',
        width: 8,
        left: [this.ofUs('DeploymentDuration', 'Average', Duration.hours(1))],
      }),
      new cloudwatch.GraphWidget({
        title: 'The worker',
        width: 8,
        left: [this.ofFunction(this.names.poller, 'Errors', 'Sum', Duration.minutes(5))],
        right: [this.ofFunction(this.names.poller, 'Duration', 'p95', Duration.minutes(5))],
      }),
    );
    board.addWidgets(
      new cloudwatch.GraphWidget({
        title: 'Stepback itself',
        width: 24,
        left: [this.names.detect, this.names.act].flatMap((name) =>
          ['Invocations', 'Errors', 'Throttles'].map((metric) =>
            this.ofFunction(name, metric, 'Sum', Duration.minutes(5)),
          ),
        ),
      }),
    );
  }
}
