import { describe, expect, test } from 'vitest';
import { COPY_NAMES } from '../../shared/domain/copy-name.ts';
import { listOf, rolesOf, type Synthesized, type Value } from './synthesized.ts';

const stackOf = { primary: 'CopyPrimary', secondary: 'CopySecondary' } as const;

/** The key stores of the tier `shared-root`, their root keys, and who reaches them. */
export function keyStoreSuite(pairs: () => readonly Synthesized[]): void {
  const stores = () =>
    pairs().flatMap((pair) => COPY_NAMES.map((copy) => ({ pair, copy, stack: stackOf[copy] })));
  const everyRole = () => pairs().flatMap((pair) => rolesOf(pair).map((role) => ({ pair, role })));
  const onStore = (pair: Synthesized, statement: Value): boolean =>
    listOf(statement.Resource).some((arn) => pair.names.keyStoreArns.includes(arn as string));
  const actionsOnStore = ({ pair, role }: ReturnType<typeof everyRole>[number]): string[] =>
    role.statements
      .filter((statement) => onStore(pair, statement))
      .flatMap((statement) => listOf(statement.Action));

  describe('key stores', () => {
    test('lie in one Region each, without recovery, backup, stream or replica', () => {
      for (const { pair, copy, stack } of stores()) {
        const { Properties, DeletionPolicy } = pair.one(stack, 'AWS::DynamoDB::GlobalTable');
        expect(Properties.TableName).toBe(pair.names.keyStore[copy]);
        expect(Properties.Replicas).toEqual([
          { Region: pair.names.region[copy], DeletionProtectionEnabled: true },
        ]);
        expect(Properties.StreamSpecification).toBeUndefined();
        expect(DeletionPolicy).toBe('Retain');
        expect(pair.resources(stack, 'AWS::Backup::BackupSelection')).toEqual([]);
      }
    });

    test('have a root key that no function may end, and that others may not decrypt with', () => {
      for (const { pair, stack } of stores()) {
        const key = pair.one(stack, 'AWS::KMS::Key');
        expect(key.DeletionPolicy).toBe('Retain');
        const statements = key.Properties.KeyPolicy.Statement as Value[];
        const denied = (sid: string) => statements.find(({ Sid }) => Sid === sid);
        const { functionRole, roleArn } = pair.names;
        expect(denied('DenyControlByFunctions').Action).toContain('kms:ScheduleKeyDeletion');
        expect(denied('DenyControlByFunctions').Condition.ArnEquals['aws:PrincipalArn']).toContain(
          roleArn(functionRole('advance-erasures')),
        );
        const users = denied('DenyDecryptingByOthers').Condition.ArnNotEquals['aws:PrincipalArn'];
        expect(users).not.toContain(roleArn(functionRole('advance-erasures')));
        expect(users).not.toContain(roleArn(functionRole('admin-register')));
        expect(users).toContain(roleArn(functionRole('run-backup')));
        const { Action, Condition } = denied('DenyRewrappingByOthers');
        expect([Action, ...listOf(Condition.ArnNotEquals['aws:PrincipalArn'])]).toEqual([
          'kms:ReEncryptFrom',
          roleArn(functionRole('admin-register')),
        ]);
      }
    });

    test('who unwraps branch keys reads usable ones only, and changes none', () => {
      const unwrapping = everyRole().filter(({ role }) =>
        role.statements.some(({ Sid }) => Sid === 'UnwrapBranchKeys'),
      );
      expect(unwrapping).toHaveLength(6 * pairs().length);
      for (const { pair, role } of unwrapping) {
        const statements = role.statements.filter((statement) => onStore(pair, statement));
        expect(statements.map(({ Action, Condition }) => [listOf(Action), Condition])).toEqual([
          [
            ['dynamodb:GetItem'],
            {
              'ForAllValues:StringLike': { 'dynamodb:LeadingKeys': ['key-*'] },
              Null: { 'dynamodb:LeadingKeys': 'false' },
            },
          ],
        ]);
        const [unwrap] = role.statements.filter(({ Sid }) => Sid === 'UnwrapBranchKeys');
        expect(unwrap.Condition.StringEquals).toEqual({
          'kms:EncryptionContext:tablename': Object.values(pair.names.keyStore),
        });
      }
    });

    test('the eraser alone deletes branch keys, and it does nothing with the root key', () => {
      const deleting = everyRole().filter((one) =>
        actionsOnStore(one).includes('dynamodb:DeleteItem'),
      );
      for (const { pair, role } of deleting) {
        expect(role.name).toBe(pair.names.functionName('advance-erasures'));
        const sids = role.statements.map(({ Sid }) => Sid);
        expect(sids.filter((sid) => /Branch|RootKey/.test(sid))).toEqual([
          'SeeBranchKeys',
          'DestroyBranchKeys',
        ]);
      }
      expect(deleting).toHaveLength(pairs().length);
    });

    test('who makes branch keys cannot read them, and rewraps under the same key only', () => {
      const making = everyRole().filter(({ role }) =>
        role.statements.some(({ Sid }) => Sid === 'WriteBranchKeys'),
      );
      for (const { pair, role } of making) {
        expect(role.name).toBe(pair.names.functionName('admin-register'));
        expect(actionsOnStore({ pair, role })).toEqual(['dynamodb:PutItem']);
        expect(role.actions).not.toContain('kms:Decrypt');
        const [rewrap] = role.statements.filter(({ Sid }) => Sid === 'RewrapBranchKeys');
        expect(rewrap.Condition.Bool).toEqual({ 'kms:ReEncryptOnSameKey': 'true' });
      }
      expect(making).toHaveLength(pairs().length);
    });
  });
}
