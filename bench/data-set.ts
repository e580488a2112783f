import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { journalFile } from './journal-file.ts';
import { pdfLikeFile } from './pdf-like-file.ts';
import { SeededRandom } from './seeded-random.ts';

const MIB = 1024 * 1024;

/** A generated tree of files. */
export interface DataSet {
  readonly name: 'docs' | 'small';
  readonly files: number;
  /** Bytes of all files. */
  readonly bytes: number;
  /** Makes the content of one file. */
  readonly content: (random: SeededRandom) => Buffer;
  readonly path: (index: number) => string;
}

/** 300 files of about 3 MiB that hardly compress: 922 MiB. */
export const DOCS: DataSet = {
  name: 'docs',
  files: 300,
  bytes: 922 * MIB,
  content: (random) => pdfLikeFile(random, sizeAround(random, (922 * MIB) / 300)),
  path: (index) => `engagement-${index % 25}/2026/statement-${String(index).padStart(4, '0')}.pdf`,
};

/** 20,000 files of about 7.6 kB that compress well: 148 MiB. */
export const SMALL: DataSet = {
  name: 'small',
  files: 20_000,
  bytes: 148 * MIB,
  content: (random) => journalFile(random, sizeAround(random, (148 * MIB) / 20_000)),
  path: (index) =>
    `vouchers/${String(index % 200).padStart(3, '0')}/voucher-${String(index).padStart(6, '0')}.json`,
};

/** Between a quarter of the mean and seven quarters. */
function sizeAround(random: SeededRandom, mean: number): number {
  return Math.floor(mean * (0.25 + random.below(1_500_000) / 1_000_000));
}

/** Writes a data set below a folder. @returns the bytes written. */
export async function writeDataSet(set: DataSet, seed: string, folder: string): Promise<number> {
  let bytes = 0;
  for (let index = 0; index < set.files; index += 1) {
    bytes += await writeOne(set, seed, folder, index, 1);
  }
  return bytes;
}

/** Gives the first `count` files a new content. */
export async function changeFiles(
  set: DataSet,
  seed: string,
  folder: string,
  count: number,
  edition: number,
): Promise<void> {
  for (let index = 0; index < count; index += 1) {
    await writeOne(set, seed, folder, index, edition);
  }
}

async function writeOne(
  set: DataSet,
  seed: string,
  folder: string,
  index: number,
  edition: number,
): Promise<number> {
  const random = new SeededRandom(`${seed} ${set.name} ${index} ${edition}`);
  const content = set.content(random);
  const file = join(folder, set.path(index));
  await mkdir(dirname(file), { recursive: true });
  await writeFile(file, content);
  return content.length;
}
