import { expect, test } from 'vitest';
import { countOf } from '../../shared/domain/count-of.ts';
import { HoldfastError } from '../../shared/domain/errors.ts';

test('one thing is one, many are marked between thousands', () => {
  expect([0, 1, 2, 12_345].map((number) => countOf(number, 'record'))).toEqual([
    '0 records',
    '1 record',
    '2 records',
    '12,345 records',
  ]);
});

test('an error counts in whole words', () => {
  const held = (holds: number) => new HoldfastError('VAULT_HELD', { vaultId: 'V', holds }).message;
  expect(held(1)).toBe('Vault V is under 1 legal hold and cannot be erased.');
  expect(held(2)).toContain('under 2 legal holds');
});

test('a source is named by its vault, and by its bucket before there is one', () => {
  const missing = (owner: { vaultId: string } | { bucket: string }) =>
    new HoldfastError('SOURCE_MISSING', owner).message;
  expect(missing({ vaultId: 'V' })).toBe('The source of vault V does not exist.');
  expect(missing({ bucket: 'firm' })).toBe('Bucket firm does not exist.');
});
