import type { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { LEDGER_TABLE } from '../../shared/config/ledger-table.ts';
import type { Names } from '../names.ts';
import { allow } from './statement.ts';

/** Which table it is, is asked for before anything is done with what it says. */
const READ = ['dynamodb:GetItem', 'dynamodb:Query', 'dynamodb:DescribeTable'];

/** A transaction is authorised by the actions inside it, and nearly all are conditional puts. */
const WRITE = ['dynamodb:PutItem'];

const tableAndIndexes = (names: Names): string[] => [
  names.ledgerArn,
  `${names.ledgerArn}/index/${LEDGER_TABLE.workIndex.name}`,
];

/** May read the ledger. */
export function readLedger(names: Names): PolicyStatement[] {
  return [allow({ sid: 'ReadLedger', actions: READ, resources: tableAndIndexes(names) })];
}

/** May read the ledger and write entries and transactions. */
export function useLedger(names: Names): PolicyStatement[] {
  return [
    ...readLedger(names),
    allow({ sid: 'WriteLedger', actions: WRITE, resources: [names.ledgerArn] }),
  ];
}

/** May take out what the ledger has of objects that are gone. Held by one role only. */
export function clearLedger(names: Names): PolicyStatement[] {
  return [
    allow({
      sid: 'ClearLedger',
      actions: ['dynamodb:DeleteItem'],
      resources: [names.ledgerArn],
    }),
  ];
}
