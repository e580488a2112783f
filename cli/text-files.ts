import { readFile, writeFile } from 'node:fs/promises';
import { usageError } from './cli-error.ts';

/** @throws CliError when the file cannot be read. */
export async function readText(file: string): Promise<string> {
  return readFile(file, 'utf8').catch(() => {
    throw usageError(`${file} cannot be read.`);
  });
}

/** @throws CliError when the file cannot be read. */
export async function readBytes(file: string): Promise<Buffer> {
  return readFile(file).catch(() => {
    throw usageError(`${file} cannot be read.`);
  });
}

/** @throws CliError when the file cannot be written. */
export async function writeText(file: string, text: string): Promise<void> {
  await writeFile(file, text).catch(() => {
    throw usageError(`${file} cannot be written.`, 'Name a folder that exists.');
  });
}
