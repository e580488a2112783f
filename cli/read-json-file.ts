import { readFile } from 'node:fs/promises';
import { usageError } from './cli-error.ts';

/** @throws CliError `USAGE` when the file cannot be read or is no JSON. */
export async function readJsonFile(path: string): Promise<unknown> {
  const text = await readFile(path, 'utf8').catch(() => {
    throw usageError(`The file ${path} cannot be read.`, 'Name a file that exists.');
  });
  try {
    return JSON.parse(text);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw usageError(`The file ${path} is no JSON: ${why}`, 'Correct it and try again.');
  }
}
