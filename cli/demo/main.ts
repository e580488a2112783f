import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { demoWorld } from './demo-world.ts';
import { startEmbeddedAwsProcess } from './embedded-aws-process.ts';
import { Proofs } from './proofs.ts';
import { tellStory } from './story.ts';

/**
 * `npm run demo`: the whole life of two clients' records on an embedded AWS, each sentence proved.
 * Exit code 0 only if every proof held.
 */
const print = (line: string): void => {
  process.stdout.write(`${line}\n`);
};

const began = performance.now();
print("Holdfast: the life of a client's records, on an AWS that runs inside this machine.");
print('Nothing leaves it, and only a certificate is kept afterwards. About a minute.');
print('Each ✓ was checked just now; the line below it says what was seen.');
const directory = await mkdtemp(join(tmpdir(), 'holdfast-demo-'));
const proofs = new Proofs(print);
try {
  const aws = await startEmbeddedAwsProcess(directory);
  try {
    await tellStory(demoWorld(aws, proofs));
  } finally {
    await aws.stop();
  }
} finally {
  await rm(directory, { recursive: true, force: true });
}
const seconds = ((performance.now() - began) / 1000).toFixed(0);
print(`\n${proofs.held} proofs held, ${proofs.failed.length} failed, in ${seconds} s.`);
for (const sentence of proofs.failed) {
  print(`NOT PROVED: ${sentence}`);
}
process.exitCode = proofs.failed.length === 0 ? 0 : 1;
