import { CfnOutput, RemovalPolicy } from 'aws-cdk-lib';
import {
  AttributeType,
  Billing,
  ProjectionType,
  TableEncryptionV2,
  TableV2,
} from 'aws-cdk-lib/aws-dynamodb';
import type { Construct } from 'constructs';
import { LEDGER_TABLE } from '../../shared/config/ledger-table.ts';
import { SigningKey } from '../constructs/signing-key.ts';
import type { Settings } from '../settings.ts';
import { HoldfastStack } from './holdfast-stack.ts';

/** The longest window DynamoDB offers for point-in-time recovery. */
const RECOVERY_DAYS = 35;

const text = (name: string) => ({ name, type: AttributeType.STRING });

/**
 * The ledger: one table with a replica in the secondary Region. The AWS managed key makes every use
 * of it visible in CloudTrail; what it holds is metadata, never record contents. Beside it lies the
 * signing key: certificates must be verifiable longer than any function lives.
 */
export class LedgerStack extends HoldfastStack {
  constructor(scope: Construct, id: string, props: { settings: Settings }) {
    const { settings } = props;
    super(scope, id, {
      settings,
      place: 'primary',
      suffix: 'ledger',
      description: 'Holdfast: the ledger, and the key that signs certificates',
      stateful: true,
    });
    const table = new TableV2(this, 'Ledger', {
      tableName: this.names.ledgerTable,
      partitionKey: text(LEDGER_TABLE.partitionKey),
      sortKey: text(LEDGER_TABLE.sortKey),
      billing: Billing.onDemand(),
      encryption: TableEncryptionV2.awsManagedKey(),
      pointInTimeRecoverySpecification: {
        pointInTimeRecoveryEnabled: true,
        recoveryPeriodInDays: RECOVERY_DAYS,
      },
      deletionProtection: true,
      removalPolicy: RemovalPolicy.RETAIN,
      replicas: [{ region: settings.secondaryRegion }],
      globalSecondaryIndexes: [
        {
          indexName: LEDGER_TABLE.workIndex.name,
          partitionKey: text(LEDGER_TABLE.workIndex.partitionKey),
          sortKey: text(LEDGER_TABLE.workIndex.sortKey),
          projectionType: ProjectionType.ALL,
        },
      ],
    });
    new SigningKey(this, 'Signing', { names: this.names });
    new CfnOutput(this, 'LedgerTable', { value: table.tableName });
  }
}
