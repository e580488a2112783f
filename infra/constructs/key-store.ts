import { RemovalPolicy } from 'aws-cdk-lib';
import { AttributeType, Billing, TableEncryptionV2, TableV2 } from 'aws-cdk-lib/aws-dynamodb';
import { AnyPrincipal, Effect, PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { Alias, Key } from 'aws-cdk-lib/aws-kms';
import { Construct } from 'constructs';
import { KEY_STORE_TABLE } from '../../shared/config/key-store.ts';
import type { CopyName } from '../../shared/domain/copy-name.ts';
import { FUNCTION_NAMES, type FunctionName } from '../function-plans.ts';
import type { Names } from '../names.ts';
import { ROOT_KEY_REWRAPPER, ROOT_KEY_USERS } from '../permissions/function-permissions.ts';
import type { Conditions } from '../permissions/statement.ts';

/** What ends the root key, or lets others in. */
const CONTROL = [
  'kms:CreateGrant',
  'kms:DisableKey',
  'kms:PutKeyPolicy',
  'kms:ScheduleKeyDeletion',
  'kms:UpdateAlias',
];

export interface KeyStoreProps {
  readonly copy: CopyName;
  readonly names: Names;
}

/**
 * Where the branch keys of one Region lie, for vaults of the tier `shared-root`, and the root key
 * that wraps them.
 *
 * The table has no point-in-time recovery, no backup, no stream and no replica: a deleted entry
 * must not come back from anywhere. What is lost with the table in one Region, the other still
 * opens.
 *
 * The root key's policy denies decrypting to all but those that back up and restore, wrapping anew
 * to all but the one that makes branch keys, and to every function what would end the key: with it
 * all vaults of the tier would be gone in its Region.
 */
export class KeyStore extends Construct {
  constructor(scope: Construct, id: string, { copy, names }: KeyStoreProps) {
    super(scope, id);
    const text = (name: string) => ({ name, type: AttributeType.STRING });
    new TableV2(this, 'Table', {
      tableName: names.keyStore[copy],
      partitionKey: text(KEY_STORE_TABLE.partitionKey),
      sortKey: text(KEY_STORE_TABLE.sortKey),
      billing: Billing.onDemand(),
      encryption: TableEncryptionV2.awsManagedKey(),
      deletionProtection: true,
      removalPolicy: RemovalPolicy.RETAIN,
    });
    const rolesOf = (functions: readonly FunctionName[]): string[] =>
      functions.map((name) => names.roleArn(names.functionRole(name)));
    const key = new Key(this, 'RootKey', {
      description: `Holdfast ${names.installation}: wraps the branch keys of this Region`,
      enableKeyRotation: true,
      removalPolicy: RemovalPolicy.RETAIN,
    });
    const users = [
      ...rolesOf(ROOT_KEY_USERS),
      ...[names.readerRole, names.writerRole].map(names.roleArn),
    ];
    key.addToResourcePolicy(
      deny('DenyDecryptingByOthers', ['kms:Decrypt'], {
        ArnNotEquals: { 'aws:PrincipalArn': users },
      }),
    );
    // What is wrapped anew under a key of one's own could be decrypted with that.
    key.addToResourcePolicy(
      deny('DenyRewrappingByOthers', ['kms:ReEncryptFrom'], {
        ArnNotEquals: { 'aws:PrincipalArn': rolesOf([ROOT_KEY_REWRAPPER]) },
      }),
    );
    key.addToResourcePolicy(
      deny('DenyControlByFunctions', CONTROL, {
        ArnEquals: { 'aws:PrincipalArn': rolesOf(FUNCTION_NAMES) },
      }),
    );
    new Alias(this, 'RootAlias', {
      aliasName: names.rootAlias,
      targetKey: key,
      removalPolicy: RemovalPolicy.RETAIN,
    });
  }
}

function deny(sid: string, actions: string[], conditions: Conditions): PolicyStatement {
  return new PolicyStatement({
    sid,
    effect: Effect.DENY,
    principals: [new AnyPrincipal()],
    actions,
    resources: ['*'],
    conditions,
  });
}
