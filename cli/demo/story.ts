import { DecryptCommand, DescribeKeyCommand, EncryptCommand } from '@aws-sdk/client-kms';
import { DeleteObjectCommand, ListObjectVersionsCommand } from '@aws-sdk/client-s3';
import type { ErasureAnswer } from '../../shared/admin-api/answers.ts';
import type { InstallationAnswer } from '../../shared/admin-api/installation-answer.ts';
import { listCited } from '../../shared/domain/cited-law.ts';
import { COPY_NAMES, inBothCopies } from '../../shared/domain/copy-name.ts';
import { CliError } from '../cli-error.ts';
import {
  backUp,
  changeRecords,
  compareRestored,
  makeFirmBuckets,
  registerDemoClient,
  restoreToS3,
  wipeSource,
} from './back-up-and-restore.ts';
import { copyOf, type DemoWorld, type Registered } from './demo-world.ts';
import { DEMO_CLIENTS, generateFile, generateRecords } from './generate-records.ts';
import { ensure } from './proofs.ts';
import { proveCertificate } from './prove-certificate.ts';
import { provePrivacy } from './prove-privacy.ts';

/** About 50 MB per client. */
const FILES_PER_CLIENT = 1400;
const MIB = 2 ** 20;
/** A day whose statutory period still runs. */
const RECENT = '2025-12-31';

/** Tells the whole life of a client's records and proves each sentence. */
export async function tellStory(world: DemoWorld): Promise<void> {
  const [first, second] = await register(world);
  await firstBackup(world, [first, second]);
  const installation = await findInstallation(world, first);
  await attemptDeletion(world, installation);
  await secondBackup(world, first);
  await restoreFromSecondary(world, installation, first);
  await erase(world, installation, first, second);
  await others(world, first, second);
  await provePrivacy(world, installation, second);
}

async function register(world: DemoWorld): Promise<[Registered, Registered]> {
  world.proofs.chapter('1. Two clients are registered, each with keys of its own');
  await makeFirmBuckets(world);
  const [a, b] = DEMO_CLIENTS;
  const first = await registerDemoClient(world, a, generateRecords('first', FILES_PER_CLIENT));
  const second = await registerDemoClient(world, b, generateRecords('second', FILES_PER_CLIENT));
  const all = [...first.files.values(), ...second.files.values()];
  const bytes = all.reduce((sum, file) => sum + file.bytes.length, 0);
  world.proofs.tell(`${all.length} records, ${(bytes / MIB).toFixed(0)} MiB, Chinese and English`);
  await world.proofs.prove('No key is shared, between clients or between Regions', async () => {
    const vaults = await Promise.all([first, second].map((one) => showVault(world, one)));
    const arns = vaults.flatMap(({ keys }) => COPY_NAMES.map((copy) => keys[copy].arn));
    ensure(new Set(arns).size === 4, 'a key occurs twice');
    return `2 clients × 2 Regions: ${arns.length} different keys`;
  });
  return [first, second];
}

async function firstBackup(world: DemoWorld, clients: readonly Registered[]): Promise<void> {
  world.proofs.chapter('2. Everything is backed up to two Regions, and locked');
  for (const { client, vaultId, files } of clients) {
    const snapshot = await backUp(world, vaultId);
    const sentence = `All records of client ${client.reference} lie in both Regions, locked`;
    await world.proofs.prove(sentence, async () => {
      const { snapshotId } = snapshot;
      const params = { vaultId, snapshotId };
      const { protection, counts } = await world.operator('showSnapshot', { params });
      ensure(protection.state === 'protected', `S3 says it is ${protection.state}`);
      ensure(counts.records === files.size, `it holds ${counts.records} records`);
      const { primary, secondary } = protection.copies;
      const end = [primary.earliestLockEnd, secondary.earliestLockEnd].sort()[0];
      return `${counts.records} records in ${protection.objects} objects per Region; no lock ends before ${dayOf(end)}`;
    });
  }
}

/** A restore to a folder is answered with where the copies lie. */
async function findInstallation(
  world: DemoWorld,
  { vaultId }: Registered,
): Promise<InstallationAnswer> {
  const body = { target: { kind: 'folder' as const } };
  return (await world.operator('requestRestore', { params: { vaultId }, body })).installation;
}

async function attemptDeletion(world: DemoWorld, where: InstallationAnswer): Promise<void> {
  world.proofs.chapter(
    '3. The root user, who may do everything in the account, tries to delete the backups',
  );
  for (const name of COPY_NAMES) {
    await world.proofs.prove(`S3 refuses to delete any object of the ${name} copy`, async () => {
      const { bucket, region } = copyOf(where, name);
      const s3 = world.s3(region);
      const { Versions = [] } = await s3.send(new ListObjectVersionsCommand({ Bucket: bucket }));
      ensure(Versions.length > 0, 'the copy is empty');
      for (const { Key, VersionId } of Versions) {
        const attempt = s3.send(new DeleteObjectCommand({ Bucket: bucket, Key, VersionId }));
        await refused(attempt, 'AccessDenied');
      }
      return `${Versions.length} of ${Versions.length} attempts answered AccessDenied`;
    });
  }
}

async function secondBackup(world: DemoWorld, registered: Registered): Promise<void> {
  world.proofs.chapter('4. A day later seven records changed, two are new, three are gone');
  await world.aws.control('POST', 'clock', { by: 'P1D' });
  const changed = [1, 10, 25, 333, 700, 801, 1399].map((n) => generateFile('first', n, 2));
  const added = [FILES_PER_CLIENT, FILES_PER_CLIENT + 1].map((n) => generateFile('first', n));
  const gone = [2, 3, 4].map((n) => generateFile('first', n).path);
  await changeRecords(world, registered, [...changed, ...added], gone);
  const snapshot = await backUp(world, registered.vaultId);
  await world.proofs.prove('The second backup reads only what changed', async () => {
    const { readRecords, records } = snapshot.counts;
    ensure(readRecords === 9, `it read ${readRecords} records`);
    ensure(records === registered.files.size, `it holds ${records} records`);
    return `${readRecords} records read, ${records - readRecords} carried forward unread`;
  });
}

async function restoreFromSecondary(
  world: DemoWorld,
  where: InstallationAnswer,
  registered: Registered,
): Promise<void> {
  world.proofs.chapter('5. The original records are wiped, and the primary Region is down');
  const left = await wipeSource(world, registered);
  world.proofs.tell(`${left} original records are left`);
  const { bucket, region } = copyOf(where, 'primary');
  const error = { code: 'ServiceUnavailable', status: 503 };
  const outage = { service: 's3', region, match: bucket, operation: '*', times: 1_000_000, error };
  await world.aws.control('POST', 'faults', outage);
  try {
    await world.proofs.prove(
      'Every record comes back byte for byte from the secondary alone',
      async () => {
        const prefix = await restoreToS3(world, registered.vaultId);
        const { files, bytes } = await compareRestored(world, prefix, registered.files);
        const { faults } = (await world.aws.control('GET', 'faults')) as {
          faults: { fired: number }[];
        };
        const fired = faults.reduce((sum, fault) => sum + fault.fired, 0);
        ensure(fired > 0, 'the primary copy was never asked, so its outage proved nothing');
        return `${files} records, ${(bytes / MIB).toFixed(0)} MiB compared; the primary answered "503 out of service" ${fired} times`;
      },
    );
  } finally {
    await world.aws.control('DELETE', 'faults');
  }
}

async function erase(
  world: DemoWorld,
  where: InstallationAnswer,
  registered: Registered,
  second: Registered,
): Promise<void> {
  const { proofs } = world;
  const { vaultId } = registered;
  const params = { vaultId };
  proofs.chapter('6. The first client leaves: its vault is erased by destroying its keys');
  const vault = await showVault(world, registered);
  const opening = await inBothCopies((name) =>
    sealSecret(world, where.regions[name], vault.keys[name].arn),
  );
  const formed = '2010-06-30';
  const body = { reason: 'the period is over', event: formed };
  const { erasureId, decision } = await world.operator('requestErasure', { params, body });
  const { plan } = await world.supervisor('planErasure', { params });
  const approval = { params, body: { erasureId, planHash: plan.hash } };
  await proofs.prove(
    'The law is asked first: a file of last year is restricted, not erased',
    async () => {
      const query = { event: RECENT };
      const other = await world.operator('planErasure', {
        params: { vaultId: second.vaultId },
        query,
      });
      ensure(other.decision.outcome === 'restrict', `the answer is ${other.decision.outcome}`);
      ensure(decision.outcome === 'erase', `the answer is ${decision.outcome}`);
      return `formed ${RECENT}: ${other.decision.rule} until ${dayOf(other.decision.until)} (${listCited(other.decision.basis)}); formed ${formed}: ${decision.rule}`;
    },
  );
  await proofs.prove('Whoever requests an erasure cannot approve it', async () => {
    await refused(world.operator('approveErasure', approval), 'OWN_REQUEST');
    return 'the same person was refused';
  });
  await proofs.prove('Approved by a second person, the vault is unreadable at once', async () => {
    const erasure = await world.supervisor('approveErasure', approval);
    ensure(erasure.state === 'SUSPENDED', `the erasure is ${erasure.state}`);
    await refused(restoreToS3(world, vaultId), 'VAULT_UNREADABLE');
    const until = dayOf(erasure.graceUntil);
    return `both keys are disabled; until ${until} two people can undo it at once`;
  });
  await proofs.prove(
    'Three days later the deletion of the keys is scheduled, which is not yet called erased',
    async () => {
      await world.aws.control('POST', 'clock', { by: 'P3D' });
      const erasure = await showErasure(world, vaultId);
      ensure(erasure.state === 'SCHEDULED', `the erasure is ${erasure.state}`);
      const { state } = await showVault(world, registered);
      ensure(state === 'ERASE_PENDING', `the vault is ${state}`);
      return `AWS will destroy both keys on ${dayOf(erasure.deletionDates?.primary)}; the vault is ${state}`;
    },
  );
  await proofs.prove(
    'The waiting period of AWS is over: both keys are destroyed, with evidence',
    async () => {
      await world.aws.control('POST', 'clock', { by: 'P8D' });
      const erasure = await showErasure(world, vaultId);
      ensure(erasure.state === 'ERASED', `the erasure is ${erasure.state}`);
      const { primary, secondary } = erasure.evidence;
      ensure(primary?.kind === 'event' && secondary?.kind === 'event', 'an event is missing');
      return `AWS reported both: events ${primary.eventId} and ${secondary.eventId}`;
    },
  );
  for (const name of COPY_NAMES) {
    await proofs.prove(`Nothing decrypts in the ${name} Region any more`, async () => {
      const kms = world.kms(where.regions[name]);
      const KeyId = vault.keys[name].arn;
      await refused(kms.send(new DescribeKeyCommand({ KeyId })), 'NotFoundException');
      await refused(kms.send(opening[name]), 'NotFoundException');
      return 'AWS does not know the key any more; the locked bytes stay, and nobody can read them';
    });
  }
  const keys = COPY_NAMES.map((name) => vault.keys[name].arn);
  await proveCertificate(world, registered, keys);
}

/** Something encrypted under a vault's key while it exists; it opens then. */
async function sealSecret(
  world: DemoWorld,
  region: string,
  KeyId: string,
): Promise<DecryptCommand> {
  const kms = world.kms(region);
  const Plaintext = Buffer.from('opens as long as the key exists');
  const { CiphertextBlob } = await kms.send(new EncryptCommand({ KeyId, Plaintext }));
  const open = new DecryptCommand({ CiphertextBlob, KeyId });
  const { Plaintext: opened } = await kms.send(open);
  ensure(Plaintext.equals(opened ?? Buffer.of()), 'a working key opened something else');
  return open;
}

async function others(world: DemoWorld, first: Registered, second: Registered): Promise<void> {
  world.proofs.chapter('7. The other client is not touched');
  await world.proofs.prove('Its records still come back byte for byte', async () => {
    const prefix = await restoreToS3(world, second.vaultId);
    const { files } = await compareRestored(world, prefix, second.files);
    return `${files} records compared`;
  });
  await world.proofs.prove('Every step of the erasure is in an unbroken audit chain', async () => {
    const params = { chainId: first.vaultId };
    const { chain } = await world.operator('showAudit', { params });
    ensure(chain.whole, `the chain is broken at entry ${chain.brokenAt}`);
    return `${chain.entries} entries, each bound to the one before`;
  });
}

/** @returns the day of an instant, for people. */
function dayOf(instant: string | null | undefined): string {
  return instant?.slice(0, 10) ?? 'an unknown day';
}

async function showVault(world: DemoWorld, { vaultId }: Registered) {
  return world.operator('showVault', { params: { vaultId } });
}

async function showErasure(world: DemoWorld, vaultId: string): Promise<ErasureAnswer> {
  return world.operator('showErasure', { params: { vaultId } });
}

/** @throws Error unless the attempt fails with exactly that error. */
async function refused(attempt: Promise<unknown>, expected: string): Promise<void> {
  const answer = await attempt.then(
    () => 'nothing: it was allowed',
    (error: unknown) =>
      error instanceof CliError ? error.code : error instanceof Error ? error.name : String(error),
  );
  ensure(answer === expected, `expected ${expected}, got ${answer}`);
}
