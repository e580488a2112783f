import { expect, test } from 'vitest';
import { ENV } from '../../shared/config/env-names.ts';
import { ConfigError, readConfig } from '../../shared/config/service-config.ts';

const ROLE = 'arn:aws:iam::111122223333:role/holdfast-main-run-backup';

test('only the variables that are asked for must be there', () => {
  const environment = { [ENV.installation]: 'main' };
  expect(readConfig([ENV.installation], environment)).toEqual({ [ENV.installation]: 'main' });
});

test('a list of roles becomes a list', () => {
  const environment = { [ENV.keyUserRoles]: `${ROLE},${ROLE}-2` };
  expect(readConfig([ENV.keyUserRoles], environment)[ENV.keyUserRoles]).toEqual([
    ROLE,
    `${ROLE}-2`,
  ]);
});

test('every variable that is missing or empty is named at once', () => {
  const read = () => readConfig([ENV.ledgerTable, ENV.account], { [ENV.account]: '' });
  expect(read).toThrow(ConfigError);
  expect(read).toThrow(/HOLDFAST_LEDGER_TABLE is not set; HOLDFAST_ACCOUNT is not set/);
});

test.each([
  [ENV.installation, 'Main Office'],
  [ENV.primaryRegion, 'Frankfurt'],
  [ENV.maxLockDays, 'ever'],
  [ENV.shardRecords, 'few'],
  [ENV.maxSweepPercent, '101'],
  [ENV.account, '1234'],
  [ENV.retiredSigningKeys, 'one key'],
  [ENV.backupMachine, 'backup'],
  [ENV.keyUserRoles, `${ROLE},`],
])('a malformed %s is refused without repeating its value', (variable, value) => {
  const read = () => readConfig([variable], { [variable]: value });
  expect(read).toThrow(variable);
  expect(read).not.toThrow(value);
});
