import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import {
  CancelKeyDeletionCommand,
  CreateAliasCommand,
  DecryptCommand,
  DescribeKeyCommand,
  DisableKeyCommand,
  EnableKeyCommand,
  EncryptCommand,
  ListAliasesCommand,
  ListKeysCommand,
  PutKeyPolicyCommand,
  ScheduleKeyDeletionCommand,
} from '@aws-sdk/client-kms';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { AwsEvent } from '../../local/events/event-bus.ts';
import { createKmsService } from '../../local/kms/kms-service.ts';
import { openMovableClock } from '../../local/movable-clock.ts';
import { ACCOUNT_ID, temporaryDirectory } from './gateway-fixture.ts';
import { DAY_MS, startKms } from './kms-fixture.ts';

let local: Awaited<ReturnType<typeof startKms>>;
beforeEach(async () => {
  local = await startKms();
});
afterEach(() => local.close());

function schedule(KeyId: string, PendingWindowInDays?: number, region?: string) {
  const window = PendingWindowInDays === undefined ? {} : { PendingWindowInDays };
  return local.client(region).send(new ScheduleKeyDeletionCommand({ KeyId, ...window }));
}

function names(events: readonly AwsEvent[]): unknown[] {
  return events.map((event) => event.detail.eventName);
}

/** The secret bytes of every key, read from the file itself. */
function materials(directory: string): Buffer[] {
  const database = new DatabaseSync(join(directory, 'kms.sqlite'), { readOnly: true });
  const rows = database.prepare('SELECT material FROM keys').all();
  database.close();
  return rows.map((row) => Buffer.from(row.material as Uint8Array));
}

/** Whether `bytes`, or any 16 of them in a row, are in a file of the directory. */
function isOnDisk(directory: string, bytes: Buffer): boolean {
  const files = readdirSync(directory).map((name) => readFileSync(join(directory, name)));
  const parts = [bytes.subarray(0, 16), bytes.subarray(-16)];
  return files.some((file) => parts.some((part) => file.includes(part)));
}

describe('when the deletion date is passed', () => {
  test('the key, its aliases and what it encrypted are gone', async () => {
    const KeyId = await local.createKey();
    const alias = { AliasName: 'alias/gone', TargetKeyId: KeyId };
    await local.client().send(new CreateAliasCommand(alias));
    const encrypt = new EncryptCommand({ KeyId, Plaintext: Buffer.from('x') });
    const { CiphertextBlob } = await local.client().send(encrypt);
    await schedule(KeyId, 7);
    await local.advance(7 * DAY_MS - 60_000);
    const described = await local.client().send(new DescribeKeyCommand({ KeyId }));
    expect(described.KeyMetadata?.KeyState).toBe('PendingDeletion');

    await local.advance(60_000);
    const notFound = { name: 'NotFoundException' };
    const client = local.client();
    await expect(client.send(new DescribeKeyCommand({ KeyId }))).rejects.toMatchObject(notFound);
    await expect(client.send(new DecryptCommand({ KeyId, CiphertextBlob }))).rejects.toMatchObject(
      notFound,
    );
    await expect(client.send(new DecryptCommand({ CiphertextBlob }))).rejects.toMatchObject({
      name: 'AccessDeniedException',
    });
    await expect(client.send(new CancelKeyDeletionCommand({ KeyId }))).rejects.toMatchObject(
      notFound,
    );
    expect((await client.send(new ListAliasesCommand({}))).Aliases).toEqual([]);
    expect((await client.send(new ListKeysCommand({}))).Keys).toEqual([]);
  });

  test('its material is in no file any more, while another key keeps its own', async () => {
    const KeyId = await local.createKey();
    await local.createKey({ KeySpec: 'ECC_NIST_P256', KeyUsage: 'SIGN_VERIFY' }).then(schedule);
    const kept = await local.createKey();
    await schedule(KeyId, 7);
    const [first, second, third] = materials(local.dataDirectory) as [Buffer, Buffer, Buffer];
    for (const material of [first, second, third]) {
      expect(isOnDisk(local.dataDirectory, material)).toBe(true);
    }
    await local.advance(31 * DAY_MS);
    const left = materials(local.dataDirectory);
    expect(left).toHaveLength(1);
    for (const material of [first, second, third]) {
      const isKept = left[0]?.equals(material) === true;
      expect(isOnDisk(local.dataDirectory, material)).toBe(isKept);
    }
    await local.client().send(new EncryptCommand({ KeyId: kept, Plaintext: Buffer.from('x') }));
  });

  test('DeleteKey events of CloudTrail’s shape arrive before the move ends, by date', async () => {
    const [late, early] = [await local.createKey({}, 'us-east-1'), await local.createKey()];
    await schedule(late, 20, 'us-east-1');
    const { DeletionDate } = await schedule(early, 10);
    await local.kms.drain();
    local.events.length = 0;
    await local.advance(40 * DAY_MS);
    expect(local.events.map((event) => [event.region, event.time])).toEqual([
      ['eu-central-1', DeletionDate?.toISOString().replace(/\.\d+/, '')],
      ['us-east-1', expect.any(String)],
    ]);
    expect(local.events[0]).toEqual({
      version: '0',
      id: expect.any(String),
      'detail-type': 'AWS Service Event via CloudTrail',
      source: 'aws.kms',
      account: ACCOUNT_ID,
      time: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/),
      region: 'eu-central-1',
      resources: [],
      detail: expect.objectContaining({
        eventType: 'AwsServiceEvent',
        eventSource: 'kms.amazonaws.com',
        eventName: 'DeleteKey',
        userIdentity: { accountId: ACCOUNT_ID, invokedBy: 'AWS Internal' },
        eventID: expect.stringMatching(/^[0-9a-f-]{36}$/),
        awsRegion: 'eu-central-1',
        resources: [{ ARN: early, accountId: ACCOUNT_ID, type: 'AWS::KMS::Key' }],
      }),
    });
    await local.advance(DAY_MS);
    expect(local.events).toHaveLength(2);
  });

  test('a cancelled deletion does not happen', async () => {
    const KeyId = await local.createKey();
    await schedule(KeyId, 7);
    await local.client().send(new CancelKeyDeletionCommand({ KeyId }));
    await local.advance(60 * DAY_MS);
    const { KeyMetadata } = await local.client().send(new DescribeKeyCommand({ KeyId }));
    expect(KeyMetadata?.KeyState).toBe('Disabled');
    await local.kms.drain();
    expect(names(local.events)).not.toContain('DeleteKey');
  });
});

describe('events of calls', () => {
  test('tell who did what to which key, with what answer', async () => {
    const KeyId = await local.createKey();
    const issued = local.credentials.issueForRole(
      `arn:aws:iam::${ACCOUNT_ID}:role/Eraser`,
      'session',
    );
    const client = local.client('eu-central-1', issued);
    await client.send(new DisableKeyCommand({ KeyId }));
    await client.send(new EnableKeyCommand({ KeyId }));
    const Policy = JSON.stringify({ Statement: [] });
    await client.send(new PutKeyPolicyCommand({ KeyId, Policy }));
    await client.send(new ScheduleKeyDeletionCommand({ KeyId, PendingWindowInDays: 12 }));
    await client.send(new CancelKeyDeletionCommand({ KeyId }));
    await local.kms.drain();
    expect(names(local.events)).toEqual([
      'CreateKey',
      'DisableKey',
      'EnableKey',
      'PutKeyPolicy',
      'ScheduleKeyDeletion',
      'CancelKeyDeletion',
    ]);
    const scheduled = local.events[4];
    expect(scheduled?.['detail-type']).toBe('AWS API Call via CloudTrail');
    expect(scheduled?.detail).toMatchObject({
      eventType: 'AwsApiCall',
      userIdentity: {
        type: 'AssumedRole',
        arn: `arn:aws:sts::${ACCOUNT_ID}:assumed-role/Eraser/session`,
        sessionContext: { sessionIssuer: { arn: `arn:aws:iam::${ACCOUNT_ID}:role/Eraser` } },
      },
      requestParameters: { keyId: KeyId, pendingWindowInDays: 12 },
      responseElements: {
        keyId: KeyId,
        keyState: 'PendingDeletion',
        deletionDate: expect.stringMatching(/^[A-Z][a-z]{2} \d+, \d{4} \d\d:\d\d:\d\d [AP]M$/),
      },
      resources: [{ ARN: KeyId, accountId: ACCOUNT_ID, type: 'AWS::KMS::Key' }],
    });
    const by = local.events[0]?.detail.userIdentity;
    expect(by).toMatchObject({ type: 'IAMUser', userName: 'operator' });
  });

  test('a refused call has none', async () => {
    const KeyId = await local.createKey();
    await expect(schedule(KeyId, 3)).rejects.toThrow();
    await local.kms.drain();
    expect(names(local.events)).toEqual(['CreateKey']);
  });
});

describe('across restarts', () => {
  let directory: ReturnType<typeof temporaryDirectory>;
  let machine = Date.parse('2026-11-23T00:00:00Z');
  beforeEach(() => {
    directory = temporaryDirectory();
  });
  afterEach(() => directory.remove());

  function open(put: (event: AwsEvent) => Promise<void>, holdEvents = false) {
    const clock = openMovableClock({ dataDirectory: directory.path, machineNow: () => machine });
    const errors: unknown[] = [];
    const kms = createKmsService({
      dataDirectory: directory.path,
      clock,
      accountId: ACCOUNT_ID,
      partition: 'aws',
      events: { put },
      holdEvents,
      onError: (error) => errors.push(error),
    });
    const close = async () => {
      await kms.stop();
      clock.close();
    };
    return { clock, kms, errors, close };
  }

  /** A key whose window ends while nothing runs. */
  async function leavePendingKey(): Promise<void> {
    const first = open(async () => undefined);
    await first.kms.drain();
    const database = new DatabaseSync(join(directory.path, 'kms.sqlite'));
    database.exec(
      `INSERT INTO keys (key_id, region, arn, spec, usage, state, description, policy,
                         created_at, deletion_date, material)
       VALUES ('k', 'eu-central-1', 'arn:k', 'SYMMETRIC_DEFAULT', 'ENCRYPT_DECRYPT',
               'PendingDeletion', '', '', 0, ${machine + DAY_MS}, x'00112233')`,
    );
    database.close();
    await first.close();
    machine += 2 * DAY_MS;
  }

  test('a date passed while it was off is made up for, and its event comes once', async () => {
    await leavePendingKey();
    const events: AwsEvent[] = [];
    const put = async (event: AwsEvent) => void events.push(event);
    const second = open(put);
    await second.kms.drain();
    await second.close();
    const third = open(put);
    await third.kms.drain();
    await third.close();
    expect(names(events)).toEqual(['DeleteKey']);
  });

  test('an event the bus did not take is kept and put again under the same id', async () => {
    await leavePendingKey();
    const tried: string[] = [];
    const refusing = open(async (event) => {
      tried.push(event.id);
      throw new Error('bus is down');
    });
    await expect(refusing.kms.drain()).rejects.toThrow('bus is down');
    await refusing.close();
    const events: AwsEvent[] = [];
    const second = open(async (event) => void events.push(event));
    await second.kms.drain();
    await second.close();
    expect(events.map((event) => event.id)).toEqual([tried[0]]);
  });

  test('events can be held back until the rules are there', async () => {
    await leavePendingKey();
    const events: AwsEvent[] = [];
    const held = open(async (event) => void events.push(event), true);
    await new Promise(setImmediate);
    expect(events).toEqual([]);
    await held.kms.drain();
    expect(names(events)).toEqual(['DeleteKey']);
    await held.close();
  });
});
