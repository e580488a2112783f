import { describe, expect, test } from 'vitest';
import { FUNCTION_NAMES } from '../../infra/function-plans.ts';
import { listOf, rolesOf, type Synthesized, textOf, type Value } from './synthesized.ts';

const FORBIDDEN = ['kms:Decrypt', 'kms:ReEncryptFrom', 'kms:ScheduleKeyDeletion', 'kms:DisableKey'];

/** The signing key, and who may sign and write proofs. */
export function proofsSuite(pairs: () => readonly Synthesized[]): void {
  const everyRole = () => pairs().flatMap((pair) => rolesOf(pair).map((role) => ({ pair, role })));
  const pair = () => pairs()[0] as Synthesized;
  const roleOf = (name: string) => {
    const role = rolesOf(pair()).find((one) => one.name === `${pair().names.prefix}-${name}`);
    if (role === undefined) throw new Error(`no role ${name}`);
    return role;
  };
  /** Names of objects that a role may write, as patterns. */
  const written = (name: string): string[] =>
    roleOf(name)
      .statements.filter((one) => listOf(one.Action).includes('s3:PutObject'))
      .flatMap((one) => listOf(one.Resource).map(textOf))
      .map((resource) => resource.split('/').slice(1).join('/'));
  const sorted = (items: readonly string[]): string[] => [...new Set(items)].sort();

  describe('proofs', () => {
    test('three functions sign, by the alias of one key, and none decrypts or destroys', () => {
      const signing = everyRole().filter(({ role }) => role.actions.includes('kms:Sign'));
      for (const { pair, role } of signing) {
        const { names } = pair;
        expect([
          names.functionName('certify-erasures'),
          names.functionName('write-checkpoint'),
          names.functionName('admin-export'),
        ]).toContain(role.name);
        expect(role.actions.filter((action) => FORBIDDEN.includes(action))).toEqual([]);
        const [statement] = role.statements.filter(({ Sid }) => Sid === 'SignProofs');
        expect(statement.Condition).toEqual({
          StringEquals: { 'kms:RequestAlias': names.signingAlias },
        });
      }
      expect(signing).toHaveLength(3 * pairs().length);
    });

    test('what signs writes proofs and nothing else, below no vault but its tombstone', () => {
      expect(sorted(written('certify-erasures'))).toEqual([
        'certificates/*',
        'vaults/*/tombstone.json',
      ]);
      expect(sorted(written('write-checkpoint'))).toEqual(['checkpoints/*']);
      expect(sorted(written('renew-proofs'))).toEqual([]);
      expect(sorted(written('compare-tombstones'))).toEqual([]);
    });

    test('what signs exports reads no object but checkpoints', () => {
      const { statements } = roleOf('admin-export');
      const read = statements.filter(({ Sid }) => Sid === 'ReadProofs');
      expect(read.flatMap(({ Resource }) => listOf(Resource).map(textOf))).toEqual(
        [1, 2].map(() => expect.stringMatching(/\/checkpoints\/\*$/)),
      );
    });

    test('what backs up or repairs writes packs and snapshots, and no tombstone', () => {
      for (const name of ['run-backup', 'repair-copies', 'writer']) {
        expect(sorted(written(name))).toEqual(['vaults/*/packs/*', 'vaults/*/snapshots/*']);
      }
    });

    test('whoever only looks for tombstones lists nothing else', () => {
      for (const name of ['admin-restore', 'admin-register']) {
        const [statement] = roleOf(name).statements.filter(({ Sid }) => Sid === 'SeeProofs');
        expect(statement.Condition).toEqual({
          StringLike: { 's3:prefix': ['vaults/*/tombstone.json'] },
        });
      }
    });

    test('the signing key signs only, for three functions, and no function controls it', () => {
      for (const { one, names } of pairs()) {
        const key = one('Ledger', 'AWS::KMS::Key');
        expect(key.DeletionPolicy).toBe('Retain');
        expect(key.Properties).toMatchObject({ KeySpec: 'ECC_NIST_P256', KeyUsage: 'SIGN_VERIFY' });
        const denials = (key.Properties.KeyPolicy.Statement as Value[]).filter(
          ({ Effect }) => Effect === 'Deny',
        );
        expect(
          denials.map(({ Sid, Action, Condition }) => [Sid, listOf(Action), Condition]),
        ).toEqual([
          [
            'DenySigningByOthers',
            ['kms:Sign'],
            {
              ArnNotEquals: {
                'aws:PrincipalArn': ['certify-erasures', 'write-checkpoint', 'admin-export'].map(
                  (name) => names.roleArn(`${names.prefix}-${name}`),
                ),
              },
            },
          ],
          [
            'DenyControlByFunctions',
            expect.arrayContaining([
              'kms:ScheduleKeyDeletion',
              'kms:DisableKey',
              'kms:PutKeyPolicy',
            ]),
            {
              ArnEquals: {
                'aws:PrincipalArn': FUNCTION_NAMES.map((name) =>
                  names.roleArn(names.functionRole(name)),
                ),
              },
            },
          ],
        ]);
      }
    });
  });
}
