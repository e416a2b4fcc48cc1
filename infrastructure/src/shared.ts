// SPDX-License-Identifier: Apache-2.0

// KiroPipelineShared: the one table of records that decisions rest on, for all environments. It
// names none, so deploying it again from any of them changes nothing.

import { RemovalPolicy, Stack, type StackProps, aws_dynamodb as dynamodb } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { recordsTable } from './names.js';

const text = (name: string): dynamodb.Attribute => ({ name, type: dynamodb.AttributeType.STRING });
const number = (name: string): dynamodb.Attribute => ({
  name,
  type: dynamodb.AttributeType.NUMBER,
});

export class Shared extends Stack {
  constructor(scope: Construct, id: string, props: StackProps) {
    super(scope, id, props);
    const table = new dynamodb.Table(this, 'Records', {
      tableName: recordsTable,
      partitionKey: text('pk'),
      sortKey: text('sk'),
      billingMode: dynamodb.BillingMode.PAY_PER_REQUEST,
      timeToLiveAttribute: 'expires',
      pointInTimeRecoverySpecification: { pointInTimeRecoveryEnabled: true },
      deletionProtection: true,
      removalPolicy: RemovalPolicy.RETAIN,
    });
    // Lists for people; what decides is read from the items themselves.
    const indexes: [string, string, string][] = [
      ['by-list', 'list', 'place'],
      ['by-environment', 'listed', 'place'],
      ['by-owner', 'owner', 'place'],
      ['open', 'open', 'due'],
    ];
    for (const [indexName, partition, sort] of indexes) {
      table.addGlobalSecondaryIndex({
        indexName,
        partitionKey: text(partition),
        sortKey: number(sort),
      });
    }
  }
}
