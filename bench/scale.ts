import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { PutObjectCommand } from '@aws-sdk/client-s3';
import type { BenchContext, Benchmark } from './benchmark.ts';
import { countOf, countsSince, type EmbeddedAws } from './embedded-aws-process.ts';
import type { EngineAnswer, EngineJob } from './engine-jobs.ts';
import { atMost, exactly, rounded } from './goals.ts';
import { clientsOf, INSTALLATION, PLAIN_BUCKET } from './installation.ts';
import { makeVault, runEngine } from './run-engine.ts';
import type { ProcessCost } from './run-process.ts';
import { withEmbeddedAws } from './with-embedded-aws.ts';

const MANY = 1_000_000;
const TINY_RECORDS = 200_000;
/** A voucher of one line. */
const TINY_BYTES = 200;

/** Entries of a listing that is really made, in S3 and on the disk, and how often it is listed. */
const LISTED = 10_000;
const TIMES = 10;
const PER_FOLDER = 500;
const AT_ONCE = 16;

/**
 * An unchanged run over a million entries, and a first run over 200,000 tiny records.
 *
 * A million objects or files are not made. The engine runs over a source that makes its entries
 * up, through the real copies, keys and ledger; the listing of S3 and of a folder is measured by
 * itself, over 10,000 entries listed ten times, and its CPU for each entry counted a million times.
 */
export const scale: Benchmark = {
  name: 'scale',
  summary: 'an unchanged run over 1,000,000 entries; a first run over 200,000 tiny records',
  run: (context) => withEmbeddedAws(context.directory, (aws) => measure(context, aws)),
};

type Run = (what: string, job: EngineJob) => Promise<EngineAnswer & ProcessCost>;

async function measure(context: BenchContext, aws: EmbeddedAws) {
  const run: Run = async (what, job) => {
    const answer = await runEngine(aws, job, context.profileDirectory);
    const { cpu, wall, peakMiB, records } = answer;
    context.say(`${what}: ${records} entries, CPU ${cpu} s, wall ${wall} s, peak ${peakMiB} MiB`);
    return answer;
  };
  const s3Listing = await listS3(context, aws, run);
  const folderListing = await listFolder(context, run);
  const tiny = await firstRun(aws, run);
  const vaultId = await makeVault(aws, 'many/');
  const source = { kind: 'synthetic', records: MANY, bytesPerRecord: 1 } as const;
  const first = await run('first run', { kind: 'backup', vaultId, source });
  const unchanged = await run('unchanged run', { kind: 'backup', vaultId, source });
  const fromS3 = unchanged.cpu + (s3Listing * MANY) / 1e6;
  const fromFolder = unchanged.cpu + (folderListing * MANY) / 1e6;
  return {
    microsecondsPerListedEntry: { s3: rounded(s3Listing), folder: rounded(folderListing) },
    tinyFirstRun: tiny,
    manyFirstRun: costOf(first),
    unchangedRun: costOf(unchanged),
    goals: [
      exactly('unchanged run: records read', 0, 'records', unchanged.readRecords ?? Number.NaN),
      atMost('unchanged run from S3, CPU: engine, and listing scaled', 25, 's', fromS3),
      atMost('unchanged run from a folder, CPU: engine, and listing scaled', 20, 's', fromFolder),
      atMost('unchanged run, peak memory', 512, 'MiB', unchanged.peakMiB),
    ],
  };
}

/** @returns CPU microseconds for each entry of an S3 listing. */
async function listS3(context: BenchContext, aws: EmbeddedAws, run: Run): Promise<number> {
  context.say(`making ${LISTED} objects`);
  const client = clientsOf(aws.endpoint).s3(INSTALLATION.regions.primary);
  const numbers = Array.from({ length: LISTED }, (_, number) => number).values();
  const worker = async (): Promise<void> => {
    for (const number of numbers) {
      const Key = `listed/${nameOf(number)}`;
      await client.send(new PutObjectCommand({ Bucket: PLAIN_BUCKET, Key, Body: 'x' }));
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
  const source = { kind: 's3', prefix: 'listed/' } as const;
  const { jobCpu, records } = await run('S3 listing', { kind: 'list', source, times: TIMES });
  return (jobCpu / records) * 1e6;
}

/** @returns CPU microseconds for each entry of a folder. */
async function listFolder({ directory, say }: BenchContext, run: Run): Promise<number> {
  say(`making ${LISTED} files`);
  const path = join(directory, 'listed');
  for (let number = 0; number < LISTED; number += 1) {
    const file = join(path, nameOf(number));
    if (number % PER_FOLDER === 0) {
      await mkdir(join(file, '..'), { recursive: true });
    }
    await writeFile(file, 'x');
  }
  const source = { kind: 'folder', path } as const;
  const { jobCpu, records } = await run('folder listing', { kind: 'list', source, times: TIMES });
  return (jobCpu / records) * 1e6;
}

function nameOf(number: number): string {
  const folder = String(Math.floor(number / PER_FOLDER)).padStart(4, '0');
  return `client-${folder}/voucher-${String(number).padStart(9, '0')}.json`;
}

async function firstRun(aws: EmbeddedAws, run: Run) {
  const vaultId = await makeVault(aws, 'tiny/');
  const source = {
    kind: 'synthetic',
    records: TINY_RECORDS,
    bytesPerRecord: TINY_BYTES,
  } as const;
  const before = await aws.counts();
  const answer = await run('first run, tiny records', { kind: 'backup', vaultId, source });
  const requests = countsSince(before, await aws.counts());
  const s3Writes = countOf(requests, /^s3 (?:Put|Create|Upload|Complete)/);
  return { ...costOf(answer), s3Writes, requests };
}

function costOf({ cpu, wall, peakMiB, records }: EngineAnswer & ProcessCost) {
  return { records, cpu: rounded(cpu), wall: rounded(wall), peakMiB: rounded(peakMiB) };
}
