import { expect, test } from 'vitest';
import { costOfKeys } from '../../bench/key-costs.ts';
import { KEY_STEPS, type KeyStep, type StepCost } from '../../bench/key-steps.ts';

const NOTHING: StepCost = { calls: {}, units: {}, wall: 0, cpu: 0 };

function stepsWith(step: KeyStep, cost: Partial<StepCost>): Record<KeyStep, StepCost> {
  const steps = Object.fromEntries(KEY_STEPS.map((name) => [name, NOTHING]));
  return { ...(steps as Record<KeyStep, StepCost>), [step]: { ...NOTHING, ...cost } };
}

test('keys are paid for by the vault, or once for all of them', () => {
  const steps = stepsWith('register', {});
  expect(costOfKeys('dedicated', steps, 1_000).keysPerMonth).toBe(2_000);
  expect(costOfKeys('shared-root', steps, 1_000).keysPerMonth).toBeCloseTo(2, 2);
  expect(costOfKeys('shared-root', steps, 1).keysPerMonth).toBe(2);
});

test('calls cost what their Region asks, and the ledger is written in both', () => {
  const costOf = (cost: Partial<StepCost>) =>
    costOfKeys('dedicated', stepsWith('backup', cost), 1).steps.backup;
  expect(costOf({ calls: { 'kms Decrypt eu-west-1': 1_000_000 } })).toBe(3);
  expect(costOf({ calls: { 's3 PutObject eu-west-1': 1_000_000 } })).toBe(5);
  expect(costOf({ calls: { 's3 HeadObject eu-central-1': 1_000_000 } })).toBe(0.43);
  expect(costOf({ units: { 'bench-ledger writes': 1_000_000 } })).toBe(1.467);
  expect(costOf({ units: { 'bench-ledger reads': 1_000_000 } })).toBe(0.153);
  expect(costOf({ units: { 'holdfast-bench-keys-secondary reads': 1_000_000 } })).toBe(0.141);
});

test('a vault that waits to be destroyed is looked at each hour of seven days', () => {
  const calls = { 'kms DescribeKey eu-central-1': 10_000 };
  const { wait } = costOfKeys('dedicated', stepsWith('wait', { calls }), 1).steps;
  expect(wait).toBeCloseTo(0.03 * 168, 6);
});
