import { describe, expect, test } from 'vitest';
import { keyPolicy } from '../../shared/aws/key-policy.ts';

const ROOT = 'arn:aws-cn:iam::111122223333:root';
const ROLES = {
  users: ['arn:aws-cn:iam::111122223333:role/run-backup'],
  readers: ['arn:aws-cn:iam::111122223333:role/restore', 'arn:aws-cn:iam::111122223333:role/human'],
  eraser: 'arn:aws-cn:iam::111122223333:role/advance-erasures',
  admins: ['arn:aws-cn:iam::111122223333:role/admin-register'],
};

/** The statements that allow an action to a caller; a stand-in for KMS's own evaluation. */
function allowing(action: string, caller: string, roles = ROLES) {
  return keyPolicy('aws-cn', '111122223333', roles).Statement.filter((statement) => {
    const named = statement.Condition?.ArnEquals['aws:PrincipalArn'];
    return statement.Action.includes(action) && (named === undefined || named.includes(caller));
  });
}

const everybody = [...ROLES.users, ...ROLES.readers, ROLES.eraser, ...ROLES.admins, ROOT];
const thoseWho = (action: string) => everybody.filter((caller) => allowing(action, caller).length);

describe('the policy of a vault key', () => {
  test.each([
    ['kms:Decrypt', [...ROLES.users, ...ROLES.readers]],
    ['kms:GenerateDataKey', ROLES.users],
    ['kms:Encrypt', [...ROLES.users, ...ROLES.admins]],
    ['kms:DisableKey', [ROLES.eraser]],
    ['kms:EnableKey', [ROLES.eraser]],
    ['kms:ScheduleKeyDeletion', [ROLES.eraser]],
    ['kms:CancelKeyDeletion', [ROLES.eraser]],
    ['kms:PutKeyPolicy', [...ROLES.admins, ROOT]],
    ['kms:DescribeKey', everybody],
    ['kms:CreateGrant', []],
    ['kms:ReEncryptFrom', []],
  ])('%s is allowed to exactly those who need it', (action, callers) => {
    expect(thoseWho(action).toSorted()).toEqual(callers.toSorted());
  });

  test('nobody can both decrypt and destroy', () => {
    const destroyers = thoseWho('kms:ScheduleKeyDeletion');
    expect(thoseWho('kms:Decrypt').filter((caller) => destroyers.includes(caller))).toEqual([]);
  });

  test('a deletion is scheduled only with a waiting period of 7 days or more', () => {
    const [statement] = allowing('kms:ScheduleKeyDeletion', ROLES.eraser);
    expect(statement?.Condition).toMatchObject({
      NumericGreaterThanEquals: { 'kms:ScheduleKeyDeletionPendingWindowInDays': '7' },
    });
  });

  test('every principal is the account, so that a redeployed role keeps its access', () => {
    const { Statement } = keyPolicy('aws-cn', '111122223333', ROLES);
    expect(Statement.map(({ Principal }) => Principal)).toEqual(
      Statement.map(() => ({ AWS: ROOT })),
    );
  });

  test('an empty list of roles allows nobody', () => {
    const roles = { ...ROLES, users: [], readers: [], admins: [] };
    expect(allowing('kms:Decrypt', 'arn:aws-cn:iam::111122223333:role/any', roles)).toEqual([]);
    expect(allowing('kms:Encrypt', 'arn:aws-cn:iam::111122223333:role/any', roles)).toEqual([]);
  });

  test('it fits into the 32 KB KMS allows', () => {
    const json = JSON.stringify(keyPolicy('aws-cn', '111122223333', ROLES));
    expect(json.length).toBeLessThan(32_768);
  });
});
