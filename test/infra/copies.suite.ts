import { describe, expect, test } from 'vitest';
import { COPY_NAMES } from '../../shared/domain/copy-name.ts';
import { covers, listOf, type Synthesized, textOf, type Value } from './synthesized.ts';

const stackOf = { primary: 'CopyPrimary', secondary: 'CopySecondary' } as const;

/** What a bucket policy does to one request: `Deny` if any statement matches it. */
interface Request {
  readonly action: string;
  readonly resource: string;
  readonly context: Readonly<Record<string, string | number>>;
}

function denied(statements: readonly Value[], request: Request): string[] {
  return statements
    .filter((statement) => statement.Sid !== undefined)
    .filter((statement) => listOf(statement.Action).some((one) => covers(one, request.action)))
    .filter((statement) => listOf(statement.Resource).some((one) => covers(one, request.resource)))
    .filter((statement) => conditionHolds(statement.Condition ?? {}, request.context))
    .map((statement) => statement.Sid);
}

function conditionHolds(condition: Value, context: Request['context']): boolean {
  return Object.entries<Value>(condition).every(([operator, keys]) =>
    Object.entries<Value>(keys).every(([key, expected]) => {
      const actual = context[key];
      if (operator === 'ArnNotEquals') return !listOf(expected).includes(actual);
      if (operator === 'StringEquals') return actual === expected;
      if (operator === 'NumericGreaterThan') return actual !== undefined && actual > expected;
      throw new Error(`operator ${operator} is not known to this test`);
    }),
  );
}

/** The locked buckets and the ledger, in every pair of Regions. */
export function copiesSuite(pairs: () => readonly Synthesized[]): void {
  const copies = () =>
    pairs().flatMap((pair) => COPY_NAMES.map((copy) => ({ pair, copy, stack: stackOf[copy] })));
  const policy = () => {
    const pair = pairs()[0] as Synthesized;
    const statements = pair.one('CopyPrimary', 'AWS::S3::BucketPolicy').Properties.PolicyDocument
      .Statement as Value[];
    const role = (name: string): string => pair.names.roleArn(`${pair.names.prefix}-${name}`);
    const bucket = pair.names.bucketArn.primary;
    const ask = (action: string, who: string | undefined, context: Request['context'] = {}) =>
      denied(statements, {
        action,
        resource: /Bucket|Configuration$/.test(action) ? bucket : `${bucket}/vaults/V/packs/P`,
        context: { ...context, ...(who && { 'aws:PrincipalArn': who }) },
      });
    return { pair, statements, role, ask };
  };

  describe('copies', () => {
    test('lie in their Region under a name that follows from the settings', () => {
      for (const { pair, copy, stack } of copies()) {
        expect(pair.stack(stack).region).toBe(pair.names.region[copy]);
        const bucket = pair.one(stack, 'AWS::S3::Bucket');
        expect(bucket.Properties.BucketName).toBe(pair.names.bucket[copy]);
        expect(pair.names.bucket[copy].length).toBeLessThanOrEqual(63);
      }
    });

    test('are versioned, lockable without a default, encrypted, private, and kept', () => {
      for (const { pair, stack } of copies()) {
        const bucket = pair.one(stack, 'AWS::S3::Bucket');
        expect(bucket.DeletionPolicy).toBe('Retain');
        expect(bucket.Properties).toMatchObject({
          ObjectLockEnabled: true,
          VersioningConfiguration: { Status: 'Enabled' },
          OwnershipControls: { Rules: [{ ObjectOwnership: 'BucketOwnerEnforced' }] },
          PublicAccessBlockConfiguration: {
            BlockPublicAcls: true,
            BlockPublicPolicy: true,
            IgnorePublicAcls: true,
            RestrictPublicBuckets: true,
          },
        });
        expect(bucket.Properties.ObjectLockConfiguration).toBeUndefined();
        expect(JSON.stringify(bucket.Properties.BucketEncryption)).toContain('AES256');
      }
    });

    test('never remove a version by lifecycle', () => {
      for (const { pair, stack } of copies()) {
        const rules = pair.one(stack, 'AWS::S3::Bucket').Properties.LifecycleConfiguration
          .Rules as Value[];
        expect(rules.map((rule) => Object.keys(rule).sort())).toEqual([
          ['AbortIncompleteMultipartUpload', 'Id', 'Status'],
        ]);
      }
    });

    test('accept only TLS 1.2 or newer', () => {
      const { statements } = policy();
      const conditions = statements.map(({ Condition }) => JSON.stringify(Condition));
      expect(conditions).toContain('{"Bool":{"aws:SecureTransport":"false"}}');
      expect(conditions).toContain('{"NumericLessThan":{"s3:TlsVersion":1.2}}');
    });

    test('have policies that only deny, to everyone', () => {
      for (const { pair, stack } of copies()) {
        const resource = pair.one(stack, 'AWS::S3::BucketPolicy');
        expect(resource.DeletionPolicy).toBe('Retain');
        for (const statement of resource.Properties.PolicyDocument.Statement as Value[]) {
          expect([statement.Effect, statement.Principal]).toEqual(['Deny', { AWS: '*' }]);
        }
      }
    });

    test.each([
      's3:GetObject',
      's3:GetObjectVersion',
      's3:GetObjectRetention',
      's3:GetObjectTagging',
      's3:GetObjectAttributes',
      's3:RestoreObject',
    ])('deny %s to everyone but the pipeline, its reader and its writer', (action) => {
      const { role, ask, pair } = policy();
      expect(ask(action, undefined)).toEqual(['DenyReadsByOthers']);
      expect(ask(action, pair.names.roleArn('Admin'))).toEqual(['DenyReadsByOthers']);
      expect(ask(action, role('advance-erasures'))).toEqual(['DenyReadsByOthers']);
      expect(ask(action, role('run-backup'))).toEqual([]);
      expect(ask(action, role('restore-snapshot'))).toEqual([]);
      expect(ask(action, role('reader'))).toEqual([]);
      expect(ask(action, role('writer'))).toEqual([]);
    });

    test.each([
      's3:PutObject',
      's3:PutObjectRetention',
      's3:PutObjectTagging',
      's3:PutObjectVersionTagging',
      's3:ReplicateObject',
      's3:AbortMultipartUpload',
    ])('deny %s to everyone but backups and pushes', (action) => {
      const { role, ask, pair } = policy();
      expect(ask(action, undefined)).toEqual(['DenyWritesByOthers']);
      expect(ask(action, pair.names.roleArn('Admin'))).toEqual(['DenyWritesByOthers']);
      expect(ask(action, role('restore-snapshot'))).toEqual(['DenyWritesByOthers']);
      expect(ask(action, role('reader'))).toEqual(['DenyWritesByOthers']);
      expect(ask(action, role('run-backup'))).toEqual([]);
      expect(ask(action, role('writer'))).toEqual([]);
    });

    test('let one function alone switch legal holds', () => {
      const { role, ask, pair } = policy();
      const action = 's3:PutObjectLegalHold';
      expect(ask(action, role('apply-holds'))).toEqual([]);
      for (const who of [role('run-backup'), role('writer'), pair.names.roleArn('Admin')]) {
        expect(ask(action, who)).toContain('DenyLegalHoldsByOthers');
      }
    });

    test('deny the removal of versions to everyone but the sweeper', () => {
      const { role, ask, pair } = policy();
      const action = 's3:DeleteObjectVersion';
      for (const who of [
        role('run-backup'),
        role('advance-erasures'),
        pair.names.deploymentRoleArn('primary'),
        pair.names.roleArn('Admin'),
        undefined,
      ]) {
        expect(ask(action, who)).toEqual(['DenyRemovalByOthers']);
      }
      expect(ask(action, role('sweep-copies'))).toEqual([]);
    });

    test('deny the removal of tombstones to the sweeper too', () => {
      for (const { pair, stack } of copies()) {
        const { Statement } = pair.one(stack, 'AWS::S3::BucketPolicy').Properties.PolicyDocument;
        const found = (Statement as Value[]).find(({ Sid }) => Sid === 'DenyRemovalOfTombstones');
        expect(found).toMatchObject({ Effect: 'Deny', Action: 's3:DeleteObjectVersion' });
        expect(textOf(found.Resource)).toMatch(/\/vaults\/\*\/tombstone\.json$/);
        expect(found.Condition).toBeUndefined();
      }
    });

    test('deny the sweeper to write, and to extend or lift what keeps an object', () => {
      const { role, ask } = policy();
      for (const action of ['s3:PutObject', 's3:PutObjectRetention', 's3:PutObjectLegalHold']) {
        expect(ask(action, role('sweep-copies'))).toContain('DenyWritesByOthers');
      }
    });

    test.each(['s3:DeleteObject', 's3:DeleteObjectVersionTagging', 's3:BypassGovernanceRetention'])(
      'deny %s to everyone, whoever it is',
      (action) => {
        const { role, ask, pair } = policy();
        for (const who of [
          role('run-backup'),
          role('sweep-copies'),
          pair.names.deploymentRoleArn('primary'),
          undefined,
        ]) {
          expect(ask(action, who)).toContain('DenyDeletion');
        }
      },
    );

    test('cap locks at the longest that the settings allow', () => {
      const { role, ask, pair } = policy();
      const days = 's3:object-lock-remaining-retention-days';
      const longest = pair.settings.maxLockDays;
      for (const action of ['s3:PutObject', 's3:PutObjectRetention']) {
        expect(ask(action, role('run-backup'), { [days]: longest })).toEqual([]);
        expect(ask(action, role('run-backup'), { [days]: longest + 1 })).toEqual(['DenyLongLocks']);
      }
    });

    test('deny locks that someone could lift', () => {
      const { role, ask } = policy();
      const mode = 's3:object-lock-mode';
      expect(ask('s3:PutObject', role('run-backup'), { [mode]: 'COMPLIANCE' })).toEqual([]);
      expect(ask('s3:PutObject', role('run-backup'), { [mode]: 'GOVERNANCE' })).toEqual([
        'DenyWeakLocks',
      ]);
    });

    test.each([
      's3:PutBucketPolicy',
      's3:DeleteBucketPolicy',
      's3:PutBucketVersioning',
      's3:PutBucketObjectLockConfiguration',
      's3:PutBucketPublicAccessBlock',
      's3:PutLifecycleConfiguration',
      's3:PutReplicationConfiguration',
      's3:PutEncryptionConfiguration',
    ])('leave %s to the deployment role of that Region alone', (action) => {
      const { role, ask, pair } = policy();
      const others = [
        role('run-backup'),
        pair.names.roleArn('Admin'),
        pair.names.deploymentRoleArn('secondary'),
      ];
      for (const who of others) expect(ask(action, who)).toEqual(['DenyConfigurationByOthers']);
      expect(ask(action, pair.names.deploymentRoleArn('primary'))).toEqual([]);
    });
  });

  describe('the ledger', () => {
    test('can be rolled back 35 days, is protected, replicated and kept', () => {
      for (const pair of pairs()) {
        const table = pair.one('Ledger', 'AWS::DynamoDB::GlobalTable');
        expect(table.DeletionPolicy).toBe('Retain');
        expect(table.Properties.TableName).toBe(pair.names.ledgerTable);
        const replicas = table.Properties.Replicas as Value[];
        expect(replicas.map(({ Region }) => Region).sort()).toEqual(
          [pair.settings.primaryRegion, pair.settings.secondaryRegion].sort(),
        );
        for (const replica of replicas) {
          expect(replica).toMatchObject({
            DeletionProtectionEnabled: true,
            PointInTimeRecoverySpecification: {
              PointInTimeRecoveryEnabled: true,
              RecoveryPeriodInDays: 35,
            },
          });
        }
      }
    });

    test('has the keys and indexes that the pipeline asks by', () => {
      const table = (pairs()[0] as Synthesized).one('Ledger', 'AWS::DynamoDB::GlobalTable');
      const keys = (schema: Value[]) => schema.map(({ AttributeName }) => AttributeName);
      expect(keys(table.Properties.KeySchema)).toEqual(['pk', 'sk']);
      const indexes = table.Properties.GlobalSecondaryIndexes as Value[];
      expect(indexes.map((one) => [one.IndexName, ...keys(one.KeySchema)])).toEqual([
        ['byWork', 'workQueue', 'workDue'],
      ]);
      expect(indexes.map((one) => one.Projection)).toEqual([{ ProjectionType: 'ALL' }]);
    });
  });

  test('no change of code replaces a bucket or the table: their logical ids are pinned', () => {
    for (const { resources } of pairs()) {
      const ids = [
        ...resources('CopyPrimary', 'AWS::S3::Bucket'),
        ...resources('CopySecondary', 'AWS::S3::Bucket'),
        ...resources('Ledger', 'AWS::DynamoDB::GlobalTable'),
      ].map(({ id }) => id);
      expect(ids).toEqual(['CopyBucketA4BC6C4A', 'CopyBucketA4BC6C4A', 'LedgerB7379752']);
    }
  });
}
