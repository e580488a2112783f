import { describe, expect, test } from 'vitest';
import { FUNCTION_NAMES } from '../../infra/function-plans.ts';
import { LOGS, READ_COPIES, ROLE_ACTIONS } from './role-actions.ts';
import { listOf, type Role, rolesOf, type Synthesized, textOf } from './synthesized.ts';

/** Demanding a tag, which a destroyed key has not, would deny them instead of "not found". */
const ASKED_OF_DESTROYED_KEYS = ['DescribeKeys', 'OpenProbes', 'ReadKeyPolicies'];

const DECRYPTING = ['kms:Decrypt', 'kms:ReEncryptFrom'];
const DESTROYING = ['kms:ScheduleKeyDeletion', 'kms:DisableKey', 'kms:DeleteImportedKeyMaterial'];

/** Statements about the root key that wraps branch keys. */
const ROOT_KEY_STATEMENTS = [
  'UnwrapBranchKeys',
  'WrapBranchKeys',
  'RewrapBranchKeys',
  'FindRootKey',
];

const sorted = (items: readonly string[]): string[] => [...new Set(items)].sort();

/** What roles may and may not do, in every pair of Regions. */
export function rolesSuite(pairs: () => readonly Synthesized[]): void {
  const everyRole = () => pairs().flatMap((pair) => rolesOf(pair).map((role) => ({ pair, role })));
  const pair = () => pairs()[0] as Synthesized;
  const roleOf = (name: string): Role => {
    const role = rolesOf(pair()).find((one) => one.name === `${pair().names.prefix}-${name}`);
    if (role === undefined) throw new Error(`no role ${name}`);
    return role;
  };

  describe('roles', () => {
    test('are complete in themselves: nothing is attached from elsewhere', () => {
      for (const { resources } of pairs()) {
        for (const id of ['Service', 'KeyEvents', 'Watch'] as const) {
          expect(resources(id, 'AWS::IAM::Policy')).toEqual([]);
          for (const role of resources(id, 'AWS::IAM::Role')) {
            expect(role.Properties.ManagedPolicyArns).toBeUndefined();
          }
        }
      }
    });

    test.each(FUNCTION_NAMES)('%s may do exactly what it needs', (name) => {
      expect(sorted(roleOf(name).actions)).toEqual(
        sorted([...(ROLE_ACTIONS[name] ?? []), ...LOGS]),
      );
    });

    test('every function has its own', () => {
      for (const { resources, names } of pairs()) {
        const functions = resources('Service', 'AWS::Lambda::Function');
        expect(functions).toHaveLength(FUNCTION_NAMES.length);
        const roles = new Map(
          resources('Service', 'AWS::IAM::Role').map((role) => [role.id, role.Properties.RoleName]),
        );
        for (const { Properties } of functions) {
          expect(roles.get(Properties.Role['Fn::GetAtt'][0])).toBe(Properties.FunctionName);
          expect(Properties.FunctionName).toContain(names.prefix);
        }
      }
    });

    test('none both decrypts and destroys', () => {
      const both = everyRole().filter(
        ({ role }) =>
          role.actions.some((action) => DECRYPTING.includes(action)) &&
          role.actions.some((action) => DESTROYING.includes(action) || /:Delete/.test(action)),
      );
      expect(both.map(({ role }) => role.name)).toEqual([]);
    });

    test('only the sweeper removes versions and records, and it cannot write or decrypt', () => {
      const removing = everyRole().filter(({ role }) =>
        role.statements.some(
          ({ Sid, Action }) =>
            Sid !== 'DestroyBranchKeys' &&
            listOf(Action).some((action) => /^(s3|dynamodb):Delete/.test(action)),
        ),
      );
      expect(removing).toHaveLength(pairs().length);
      for (const { pair, role } of removing) {
        expect(role.name).toBe(pair.names.functionName('sweep-copies'));
        const other = /^(kms:|s3:Put|s3:AbortMultipartUpload)/;
        expect(role.actions.filter((action) => other.test(action))).toEqual([]);
      }
    });

    test('none hides objects, lifts locks, or changes a bucket', () => {
      for (const { role } of everyRole()) {
        for (const action of role.actions) {
          expect(action).not.toMatch(/^s3:(DeleteObject$|DeleteBucket|Bypass)/);
          expect(action).not.toMatch(/^s3:(PutBucket|PutLifecycle)/);
          expect(action).not.toMatch(/^dynamodb:(BatchWrite|Partiql)/);
          expect(action).not.toMatch(/^(iam|sts|s3-object-lambda):/);
        }
      }
    });

    test("one function alone switches S3's legal holds, and it neither writes nor decrypts", () => {
      const switching = everyRole().filter(({ role }) =>
        role.actions.includes('s3:PutObjectLegalHold'),
      );
      for (const { pair, role } of switching) {
        expect(role.name).toBe(pair.names.functionName('apply-holds'));
        expect(role.actions.filter((action) => /^(kms:|s3:PutObject$)/.test(action))).toEqual([]);
      }
      expect(switching).toHaveLength(pairs().length);
    });

    test('only the eraser disables keys or schedules their deletion', () => {
      for (const {
        pair: { names },
        role,
      } of everyRole()) {
        const destroys = role.actions.some((action) => DESTROYING.includes(action));
        expect([role.name, destroys]).toEqual([
          role.name,
          role.name === names.functionName('advance-erasures'),
        ]);
      }
    });

    test('no role that may replace a key policy also decrypts or destroys', () => {
      const found = everyRole().filter(({ role }) => role.actions.includes('kms:PutKeyPolicy'));
      const names = found.map(({ pair: { names: of }, role }) => role.name.slice(of.prefix.length));
      expect(sorted(names)).toEqual(['-admin-register', '-restore-key-policies']);
      const beyond = found.flatMap(({ role }) =>
        role.statements
          .filter(({ Sid }) => Sid !== 'RewrapBranchKeys')
          .flatMap(({ Action }) => listOf(Action))
          .filter((action) => [...DECRYPTING, ...DESTROYING].includes(action)),
      );
      expect(beyond).toEqual([]);
    });

    test('the eraser must ask for a waiting period of 7 days or more', () => {
      const schedules = roleOf('advance-erasures').statements.filter((statement) =>
        listOf(statement.Action).includes('kms:ScheduleKeyDeletion'),
      );
      expect(schedules).toHaveLength(1);
      expect(listOf(schedules[0].Action)).toEqual(['kms:ScheduleKeyDeletion']);
      expect(schedules[0].Condition.NumericGreaterThanEquals).toEqual({
        'kms:ScheduleKeyDeletionPendingWindowInDays': 7,
      });
    });

    test('no action has a wildcard, and no statement denies by exception', () => {
      for (const { role } of everyRole()) {
        for (const statement of role.statements) {
          expect(statement.Effect).toBe('Allow');
          expect(statement.NotAction ?? statement.NotResource).toBeUndefined();
        }
        expect(role.actions.filter((action) => /[*?]/.test(action))).toEqual([]);
      }
    });

    test('only actions that know no resource are allowed on all of them', () => {
      const open = rolesOf(pair()).flatMap((role) =>
        role.statements
          .filter((statement) => listOf(statement.Resource).includes('*'))
          .map((statement) => statement.Sid),
      );
      expect(open).toEqual(['CreateTaggedKeys', 'DeliverLogs']);
    });

    test('keys of others are never reached: the tag excludes them, in both Regions', () => {
      const resourceTag = 'aws:ResourceTag/holdfast:installation';
      const requestTag = 'aws:RequestTag/holdfast:installation';
      for (const { pair, role } of everyRole()) {
        const { installation } = pair.settings;
        for (const { Sid, Action, Condition, Resource } of role.statements) {
          if (!listOf(Action).some((action) => action.startsWith('kms:'))) continue;
          if (Sid === 'CreateTaggedKeys' || Sid === 'TagNewKeys') {
            expect(Condition.StringEquals[requestTag]).toBe(installation);
          } else if (ASKED_OF_DESTROYED_KEYS.includes(Sid)) {
            expect(Condition.StringEqualsIfExists[resourceTag]).toBe(installation);
          } else if (ROOT_KEY_STATEMENTS.includes(Sid)) {
            expect(Condition['ForAnyValue:StringEquals']).toEqual({
              'kms:ResourceAliases': [pair.names.rootAlias],
            });
          } else if (Sid === 'RestoreInstallationKeys') {
            expect(Condition['ForAnyValue:StringEquals']).toEqual({
              'kms:ResourceAliases': [pair.names.rootAlias, pair.names.signingAlias],
            });
          } else if (Sid === 'SignProofs' || Sid === 'ReadSigningKey') {
            expect(Condition.StringEquals['kms:RequestAlias']).toBe(pair.names.signingAlias);
          } else {
            expect(listOf(Action)).not.toContain('kms:GetKeyPolicy');
            expect(Condition.Null).toEqual({ 'aws:ResourceTag/holdfast:vault': 'false' });
            expect(Condition.StringEquals[resourceTag], `${role.name} ${Sid}`).toBe(installation);
          }
          if (Sid !== 'CreateTaggedKeys') {
            expect(sorted(listOf(Resource))).toEqual(sorted(pair.names.anyKeyArns));
          }
        }
      }
    });

    test('nothing that is judged while a key is made depends on the tags it has', () => {
      // Until CreateKey has answered it has none, so such a condition would never hold.
      const judged = ['kms:CreateKey', 'kms:TagResource'];
      const making = roleOf('admin-register').statements.filter(({ Action }) =>
        listOf(Action).some((action) => judged.includes(action)),
      );
      expect(making.flatMap(({ Action }) => listOf(Action)).sort()).toEqual(judged);
      expect(JSON.stringify(making)).not.toContain('aws:ResourceTag');
    });

    test('the function that proves destruction decrypts nothing but probes', () => {
      const decrypting = roleOf('confirm-erasures').statements.filter((statement) =>
        listOf(statement.Action).includes('kms:Decrypt'),
      );
      expect(decrypting.map((statement) => statement.Condition.StringEquals)).toEqual([
        { 'kms:EncryptionContext:holdfast:purpose': 'probe' },
      ]);
    });

    test('copies are reached only below vaults/, and where proofs lie', () => {
      for (const {
        pair: { names },
        role,
      } of everyRole()) {
        const objects = role.statements
          .flatMap((statement) => listOf(statement.Resource))
          .map(textOf)
          .filter((arn) =>
            Object.values(names.bucketArn).some((copy) => arn.startsWith(`${copy}/`)),
          );
        const places =
          /\/(vaults|certificates|checkpoints)\/(\*|\*\/((packs|snapshots)\/\*|tombstone\.json))$/;
        expect(objects.filter((arn) => !places.test(arn))).toEqual([]);
      }
    });

    test('a person who restores to a folder signs in with MFA, asks and may only read', () => {
      const reader = roleOf('reader');
      expect(reader.trust[0].Condition).toEqual({ Bool: { 'aws:MultiFactorAuthPresent': 'true' } });
      const expected = [...READ_COPIES, 'dynamodb:GetItem', 'kms:Decrypt', 'execute-api:Invoke'];
      expect(sorted(reader.actions)).toEqual(sorted(expected));
    });

    test('a person who pushes a folder needs MFA, and gets what a run has but the ledger', () => {
      const writer = roleOf('writer');
      expect(writer.trust[0].Condition).toEqual({ Bool: { 'aws:MultiFactorAuthPresent': 'true' } });
      expect(sorted(writer.actions)).toEqual(
        sorted([
          ...READ_COPIES,
          'dynamodb:GetItem',
          's3:PutObject',
          's3:PutObjectRetention',
          's3:AbortMultipartUpload',
          'kms:GenerateDataKey',
          'kms:Encrypt',
          'kms:Decrypt',
          'execute-api:Invoke',
        ]),
      );
    });
  });
}
