import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { GetObjectCommand } from '@aws-sdk/client-s3';
import { S3PartUpload } from '../shared/aws/s3-part-upload.ts';
import { PART_BYTES } from '../shared/domain/limits.ts';
import type { BenchContext, Benchmark } from './benchmark.ts';
import type { EmbeddedAws } from './embedded-aws-process.ts';
import type { EngineJob } from './engine-jobs.ts';
import { atMost, exactly, rounded } from './goals.ts';
import { clientsOf, INSTALLATION, PLAIN_BUCKET } from './installation.ts';
import { makeVault, runEngine } from './run-engine.ts';
import { SeededRandom } from './seeded-random.ts';
import { withEmbeddedAws } from './with-embedded-aws.ts';

const MIB = 1024 * 1024;
const FILE_MIB = 1024;
/** Most memory of the engine, a share of a Lambda function's that leaves room for the rest. */
const PEAK_GOAL_MIB = 400;
const NAME = 'ledger-export.bin';

/**
 * One file of 1 GiB through the whole engine and the real adapters: memory must not follow size.
 */
export const largeFile: Benchmark = {
  name: 'large-file',
  summary: 'a file of 1 GiB: peak memory of backup and restore, to S3 and to a folder',
  run: (context) => withEmbeddedAws(context.directory, (aws) => measure(context, aws)),
};

async function measure({ directory, seed, say, profileDirectory }: BenchContext, aws: EmbeddedAws) {
  say(`writing ${FILE_MIB} MiB to the source`);
  const sha256 = await uploadFile(aws, 'source/', seed);
  const vaultId = await makeVault(aws, 'source/');
  const run = async (what: string, job: EngineJob) => {
    const answer = await runEngine(aws, job, profileDirectory);
    const { peakMiB, cpu, wall } = answer;
    say(`${what}: peak ${peakMiB.toFixed(0)} MiB, CPU ${cpu} s, wall ${wall} s`);
    return answer;
  };
  const backup = await run('backup', {
    kind: 'backup',
    vaultId,
    source: { kind: 's3', prefix: 'source/' },
  });
  const { snapshotId = '' } = backup;
  const restore = { kind: 'restore', vaultId, snapshotId, patterns: [] } as const;
  const path = join(directory, 'restored');
  const toS3 = await run('restore to S3', {
    ...restore,
    target: { kind: 's3', prefix: 'restored/' },
  });
  const toFolder = await run('restore to a folder', {
    ...restore,
    target: { kind: 'folder', path },
  });
  const wrong = [
    await hashOf(await download(aws, `restored/${NAME}`)),
    await hashOf(createReadStream(join(path, NAME))),
  ].filter((hash) => hash !== sha256).length;
  const named = { backup, 'restore to S3': toS3, 'restore to a folder': toFolder };
  const costs = Object.entries(named).map(([what, { cpu, wall, peakMiB }]) => [
    what,
    { cpu, wall, peakMiB: rounded(peakMiB) },
  ]);
  return {
    fileMiB: FILE_MIB,
    ...Object.fromEntries(costs),
    goals: [
      ...Object.entries(named).map(([what, { peakMiB }]) =>
        atMost(`peak memory, ${what}`, PEAK_GOAL_MIB, 'MiB', peakMiB),
      ),
      exactly('restored files that differ from the source', 0, 'files', wrong),
    ],
  };
}

/** Writes the file in parts, half of each compressible. @returns its SHA-256. */
async function uploadFile(aws: EmbeddedAws, prefix: string, seed: string): Promise<string> {
  const random = new SeededRandom(seed);
  const client = clientsOf(aws.endpoint).s3(INSTALLATION.regions.primary);
  const input = { Bucket: PLAIN_BUCKET, Key: prefix + NAME };
  const upload = await S3PartUpload.open(client, input);
  const hash = createHash('sha256');
  for (let written = 0; written < FILE_MIB * MIB; written += PART_BYTES) {
    const rows = Buffer.alloc(PART_BYTES / 2, `${written};1405;Receivables;1234.56;EUR\n`);
    const part = Buffer.concat([random.bytes(PART_BYTES / 2), rows]);
    hash.update(part);
    await upload.writePart(part);
  }
  await upload.complete(false);
  return hash.digest('hex');
}

async function download(aws: EmbeddedAws, Key: string): Promise<Readable> {
  const client = clientsOf(aws.endpoint).s3(INSTALLATION.regions.primary);
  const { Body } = await client.send(new GetObjectCommand({ Bucket: PLAIN_BUCKET, Key }));
  return Body as Readable;
}

async function hashOf(bytes: Readable): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of bytes) {
    hash.update(chunk as Buffer);
  }
  return hash.digest('hex');
}
