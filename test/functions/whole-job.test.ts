import { expect, test } from 'vitest';
import { createHandler as createBackup } from '../../functions/admin-backup.ts';
import { createHandler as createGovern } from '../../functions/admin-govern.ts';
import { createHandler as createQuery } from '../../functions/admin-query.ts';
import { createHandler as createRegister } from '../../functions/admin-register.ts';
import { createHandler as createRestore } from '../../functions/admin-restore.ts';
import { createHandler as advanceErasures } from '../../functions/advance-erasures.ts';
import { createHandler as checkProtection } from '../../functions/check-protection.ts';
import { createHandler as confirmErasures } from '../../functions/confirm-erasures.ts';
import { createHandler as recordBackupFailure } from '../../functions/record-backup-failure.ts';
import { createHandler as recordKeyEvent } from '../../functions/record-key-event.ts';
import { createHandler as restoreSnapshot } from '../../functions/restore-snapshot.ts';
import { createHandler as runBackup } from '../../functions/run-backup.ts';
import { createHandler as scheduleBackups } from '../../functions/schedule-backups.ts';
import { METRICS } from '../../shared/config/metric-names.ts';
import { COPY_NAMES } from '../../shared/domain/copy-name.ts';
import { HoldfastError } from '../../shared/domain/errors.ts';
import { memoryServices } from '../support/memory-services.ts';
import { httpRequest, opened, SUPERVISOR } from './http-fixture.ts';

const SOURCE = {
  kind: 's3' as const,
  bucket: 'firm-records',
  prefix: 'clients/1/',
  region: 'eu-central-1',
};
const TARGET = { bucket: 'restored', prefix: 'back/', region: 'eu-central-1' };

/** An installation in memory whose functions call each other as AWS lets them. */
async function setup() {
  const memory = memoryServices();
  const { services, pipeline } = memory;
  pipeline.wire({
    backup: async (vaultId, runId) => {
      await runBackup(services)({ vaultId, runId });
    },
    restore: async (vaultId, restoreId) => {
      await restoreSnapshot(services)({ vaultId, restoreId });
    },
    advanceErasure: async (vaultId) => {
      await advanceErasures(services)({ vaultId });
    },
  });
  const register = createRegister(services);
  const client = { name: '莲花', reference: 'C-1' };
  const { clientId } = opened(await register(httpRequest('addClient', { body: client }))).body;
  const body = { recordClass: 'books', policyId: 'consent-only', source: SOURCE };
  const added = await register(httpRequest('addVault', { params: { clientId }, body }));
  const { vaultId } = opened(added).body;
  memory.sourceAt(SOURCE).put('2025/发票.pdf', Buffer.from('an invoice'));
  memory.sourceAt(SOURCE).put('2025/ledger.csv', Buffer.from('a ledger'));
  const query = createQuery(services);
  return { memory, services, vaultId, params: { vaultId }, query };
}

test('a vault that is due is backed up by the schedule into both copies', async () => {
  const { memory, services, params, query } = await setup();
  expect(await scheduleBackups(services)({})).toEqual({ started: 1 });
  expect(await scheduleBackups(services)({})).toEqual({ started: 0 });

  const { snapshots } = opened(await query(httpRequest('listSnapshots', { params }))).body;
  expect(snapshots).toMatchObject([{ counts: { records: 2, skipped: 0 } }]);
  const { snapshotId } = snapshots[0];
  const ids = { ...params, snapshotId };
  const shown = opened(await query(httpRequest('showSnapshot', { params: ids }))).body;
  expect(shown.protection).toMatchObject({
    state: 'protected',
    copies: { primary: { missing: 0 }, secondary: { missing: 0 } },
  });

  await checkProtection(services)({});
  expect(memory.telemetry.total(METRICS.singleCopySnapshots)).toBe(0);
});

test.each([
  ['one copy does not', ['secondary']],
  ['neither copy does', ['primary', 'secondary']],
] as const)('the protection of a snapshot is unknown when %s answer', async (_, down) => {
  const { services, params, query } = await setup();
  await scheduleBackups(services)({});
  const { snapshots } = opened(await query(httpRequest('listSnapshots', { params }))).body;
  const copies = { ...services.copies };
  for (const copy of down) {
    const fault = new HoldfastError('COPY_UNAVAILABLE', { copy, object: 'seal' });
    const fail = () => Promise.reject(fault);
    copies[copy] = { ...copies[copy], read: fail, inspect: fail };
  }
  const ids = { ...params, snapshotId: snapshots[0].snapshotId };
  const partly = createQuery({ ...services, copies });
  const answer = opened(await partly(httpRequest('showSnapshot', { params: ids })));
  expect(answer.status).toBe(200);
  expect(answer.body.protection.state).toBe('unknown');
  for (const copy of down) {
    expect(answer.body.protection.copies[copy].answered).toBe(false);
  }
});

test('a backup by hand is a run that can be followed to its snapshot', async () => {
  const { services, params, query } = await setup();
  const request = httpRequest('runBackup', { params, body: {} });
  const started = opened(await createBackup(services)(request));
  expect(started.status).toBe(200);
  const ids = { ...params, runId: started.body.runId };
  const run = opened(await query(httpRequest('showBackup', { params: ids }))).body;
  expect(run).toMatchObject({ state: 'SUCCEEDED', failure: null });
  expect(run.snapshotId).toMatch(/^[0-9A-Z]{26}$/);
});

test('a run that gives up is recorded with the error that ended it', async () => {
  const { memory, services, params, query, vaultId } = await setup();
  memory.sourceAt(SOURCE).failure = 'SOURCE_DENIED';
  const request = httpRequest('runBackup', { params, body: {} });
  const { runId } = opened(await createBackup(services)(request)).body;
  expect(memory.pipeline.failures).toMatchObject([{ name: 'SOURCE_DENIED' }]);

  const failure = { Error: 'SOURCE_DENIED', Cause: '{"errorMessage":"…"}' };
  await recordBackupFailure(services)({ vaultId, runId, error: failure });
  const shown = await query(httpRequest('showBackup', { params: { ...params, runId } }));
  expect(opened(shown).body).toMatchObject({ state: 'FAILED', failure: 'SOURCE_DENIED' });
  expect(memory.telemetry.total(METRICS.backupFailed)).toBe(1);
});

test('a restore to S3 runs by itself and can be followed to its end', async () => {
  const { services, params, query } = await setup();
  await scheduleBackups(services)({});
  const body = { patterns: ['**/*.pdf'], target: { kind: 's3', ...TARGET } };
  const request = httpRequest('requestRestore', { params, body });
  const { restore, plan } = opened(await createRestore(services)(request)).body;
  expect(plan).toBeNull();
  const ids = { ...params, restoreId: restore.restoreId };
  const shown = opened(await query(httpRequest('showRestore', { params: ids }))).body;
  expect(shown).toMatchObject({ state: 'SUCCEEDED', records: 1, bytes: 10 });
});

test('a restore to a folder is answered with all that the caller needs to run it', async () => {
  const { memory, services, params } = await setup();
  await scheduleBackups(services)({});
  const body = { target: { kind: 'folder' } };
  const request = httpRequest('requestRestore', { params, body });
  const answer = opened(await createRestore(services)(request)).body;
  expect(answer).toMatchObject({
    restore: { state: 'DELEGATED' },
    plan: { ...params, snapshotId: answer.restore.snapshotId },
    installation: services.installation,
  });
  expect(memory.pipeline.restores).toEqual([]);
});

test('an erasure ends with evidence from both Regions and a refused decrypt in each', async () => {
  const { memory, services, params, query } = await setup();
  const govern = createGovern(services);
  const body = { reason: 'contract ended', contractEnded: true };
  const requested = await govern(httpRequest('requestErasure', { params, body }));
  const { erasureId, plan } = opened(requested).body;
  const approval = { params, body: { erasureId, planHash: plan.hash }, actor: SUPERVISOR };
  const approved = await govern(httpRequest('approveErasure', approval));
  // The policy of this vault has no grace, so its keys are scheduled at once.
  expect(opened(approved).body.state).toBe('SCHEDULED');

  expect(await confirmErasures(services)({})).toEqual({ confirmed: 0 });
  await memory.clock.moveDays(8);
  const shown = opened(await query(httpRequest('showVault', { params }))).body;
  for (const copy of COPY_NAMES) {
    const event = deleteKeyEvent(services.installation.regions[copy], shown.keys[copy].arn);
    const recorded = await recordKeyEvent(services)(event);
    expect(recorded).toMatchObject({ recorded: true, eventName: 'DeleteKey' });
  }
  expect(await confirmErasures(services)({})).toEqual({ confirmed: 1 });

  const erasure = opened(await query(httpRequest('showErasure', { params }))).body;
  expect(erasure).toMatchObject({
    state: 'ERASED',
    evidence: { primary: { region: 'eu-central-1' }, secondary: { region: 'eu-west-1' } },
    probes: { primary: { outcome: 'refused' }, secondary: { outcome: 'refused' } },
  });
  expect(memory.telemetry.total(METRICS.unexpectedKeyEvent)).toBe(0);
  const { chain } = opened(
    await query(httpRequest('showAudit', { params: { chainId: params.vaultId } })),
  ).body;
  expect(chain.whole).toBe(true);
});

test('what functions log holds no name of a client or a record', async () => {
  const { memory, services, params } = await setup();
  await scheduleBackups(services)({});
  const body = { patterns: ['**/发票.pdf'], target: { kind: 's3', ...TARGET } };
  await createRestore(services)(httpRequest('requestRestore', { params, body }));
  const said = JSON.stringify(memory.telemetry.events);
  for (const name of ['莲花', '发票', 'ledger.csv', 'clients/1', 'firm-records']) {
    expect(said).not.toContain(name);
  }
});

/** `DeleteKey` as CloudTrail reports it and EventBridge delivers it. */
function deleteKeyEvent(region: string, keyArn: string): unknown {
  return {
    version: '0',
    id: `event-${region}`,
    source: 'aws.kms',
    'detail-type': 'AWS Service Event via CloudTrail',
    account: '111122223333',
    time: '2026-11-10T08:00:00Z',
    region,
    resources: [keyArn],
    detail: {
      eventSource: 'kms.amazonaws.com',
      eventName: 'DeleteKey',
      eventType: 'AwsServiceEvent',
      eventID: `trail-${region}`,
      eventTime: '2026-11-10T08:00:00Z',
      awsRegion: region,
      userIdentity: { accountId: '111122223333', invokedBy: 'AWS Internal' },
      requestParameters: null,
      resources: [{ accountId: '111122223333', type: 'AWS::KMS::Key', ARN: keyArn }],
    },
  };
}
