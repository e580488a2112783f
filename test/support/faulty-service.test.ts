import { expect, test } from 'vitest';
import { daysAfter } from '../../shared/domain/lock.ts';
import { withFaults } from './faulty-service.ts';
import { MemoryCopy } from './memory-copy.ts';
import { MemoryLedger } from './memory-ledger.ts';
import { MovableClock } from './movable-clock.ts';
import { sampleVault } from './sample-records.ts';

const FAILURE = new Error('planned');

test('the planned call fails before anything happens, the others do not', async () => {
  const ledger = new MemoryLedger();
  const { port, requireAllFired } = withFaults(ledger, [
    { method: 'write', call: 2, when: 'before', error: FAILURE },
  ]);
  await port.write([{ record: sampleVault('a'), expect: 'absent' }]);
  await expect(port.write([{ record: sampleVault('b'), expect: 'absent' }])).rejects.toBe(FAILURE);
  expect(await port.get('vault', 'b')).toBeUndefined();
  await port.write([{ record: sampleVault('b'), expect: 'absent' }]);
  expect(() => requireAllFired()).not.toThrow();
});

test('a lost answer: it happened, and the caller is told it failed', async () => {
  const ledger = new MemoryLedger();
  const { port } = withFaults(ledger, [{ method: 'write', when: 'after', error: FAILURE }]);
  await expect(port.write([{ record: sampleVault('a'), expect: 'absent' }])).rejects.toBe(FAILURE);
  expect(await ledger.get('vault', 'a')).toBeDefined();
});

test('what a call returned can fail as well', async () => {
  const clock = new MovableClock();
  const copy = new MemoryCopy('primary', clock);
  const { port } = withFaults(copy, [
    { method: 'open.writePart', call: 2, when: 'before', error: FAILURE },
  ]);
  const lockedUntil = daysAfter(clock.now(), 1);
  const upload = await port.open('key', { lockedUntil, contentType: 'text/plain' });
  await upload.writePart(Buffer.from('one'));
  await expect(upload.writePart(Buffer.from('two'))).rejects.toBe(FAILURE);
});

test('a list fails when it is read', async () => {
  const copy = new MemoryCopy('primary', new MovableClock());
  const { port } = withFaults(copy, [{ method: 'list', when: 'before', error: FAILURE }]);
  const read = async () => {
    for await (const listing of port.list('')) {
      throw new Error(listing.key);
    }
  };
  await expect(read()).rejects.toBe(FAILURE);
  await expect(read()).resolves.toBeUndefined();
});

test('a fault that never fired is reported', () => {
  const { requireAllFired } = withFaults(new MemoryLedger(), [
    { method: 'write', call: 3, when: 'before', error: FAILURE },
  ]);
  expect(() => requireAllFired()).toThrow('write call 3');
});
