import { expect, test } from 'vitest';
import { isErasersOwn, type KeyEvent } from '../../shared/erasure/key-event.ts';
import { memoryServices } from './memory-services.ts';

const VAULT_ID = '01K9ZZZZZZ0000000000000001';

test('key events come in order, and DeleteKey after the waiting period', async () => {
  const { custody, clock } = memoryServices();
  const events: KeyEvent[] = [];
  custody.onKeyEvent(async (event) => void events.push(event));
  const { keys } = await custody.create(VAULT_ID, 'dedicated');
  await custody.disable(keys.primary);
  await custody.scheduleDeletion(keys.primary, 7);
  await clock.moveDays(6);
  expect(events.map(({ eventName }) => eventName)).toEqual(['DisableKey', 'ScheduleKeyDeletion']);
  await clock.moveDays(1);
  expect(events.at(-1)).toMatchObject({
    eventName: 'DeleteKey',
    keyArn: keys.primary,
    region: 'eu-central-1',
    eventTime: '2026-11-09T08:00:00.000Z',
    actorArn: null,
  });
  expect(new Set(events.map(({ eventId }) => eventId)).size).toBe(events.length);
});

test('steps are taken by the erasing function unless somebody else is named', async () => {
  const { custody } = memoryServices();
  const own: boolean[] = [];
  custody.onKeyEvent(async (event) => void own.push(isErasersOwn(event, 'test')));
  const { keys } = await custody.create(VAULT_ID, 'dedicated');
  await custody.disable(keys.primary);
  custody.actorArn = 'arn:aws:iam::111122223333:user/stranger';
  await custody.enable(keys.primary);
  expect(own).toEqual([true, false]);
});

test('a Region that is down answers nothing, the other one does', async () => {
  const { custody } = memoryServices();
  const { keys, probes } = await custody.create(VAULT_ID, 'dedicated');
  custody.available.primary = false;
  const code = 'KEYS_UNAVAILABLE';
  await expect(custody.state(keys.primary)).rejects.toMatchObject({ code });
  await expect(custody.probe(keys, probes, 'primary')).rejects.toMatchObject({ code });
  expect(await custody.probe(keys, probes, 'secondary')).toEqual({ outcome: 'opened' });
});
