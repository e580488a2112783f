import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  utimesSync,
} from 'node:fs';
import { join, relative } from 'node:path';
import { promisify } from 'node:util';

/** What is synthesized, and where results are kept. */
export interface SynthesisOptions {
  /** Folder with `infra/app.ts`. */
  readonly projectDirectory: string;
  /** JSON file with the installation's settings, the app's context key `settings`. */
  readonly settingsFile: string;
  /** Assemblies are kept here by the hash of everything they are made of. */
  readonly cacheDirectory: string;
  /** Called when there is no earlier result, because it takes seconds then. */
  readonly onStart?: () => void;
}

/** `infra/app.ts` refused or failed; the message is what it printed. */
export class SynthesisError extends Error {
  override readonly name = 'SynthesisError';
}

/** Folders and files of the project that decide what is synthesized. */
const SOURCES = ['functions', 'infra', 'shared', 'cdk.json', 'package-lock.json'];

/** Older assemblies are removed; a server that still runs has its own among the newest. */
const KEPT_ASSEMBLIES = 6;

/** An unfinished assembly of this age was left by a process that was killed. */
const ABANDONED_MS = 3_600_000;

/**
 * Synthesizes the CDK app, or finds the result of an earlier run over the same sources.
 * @returns the folder of the assembly.
 * @throws SynthesisError
 */
export async function synthesizeApp(options: SynthesisOptions): Promise<string> {
  mkdirSync(options.cacheDirectory, { recursive: true });
  const assembly = join(options.cacheDirectory, hashOf(options));
  if (!existsSync(assembly)) {
    options.onStart?.();
    const fresh = mkdtempSync(join(options.cacheDirectory, 'new-'));
    try {
      await runApp(options, fresh);
      rename(fresh, assembly);
    } finally {
      rmSync(fresh, { recursive: true, force: true });
    }
  }
  const now = new Date();
  utimesSync(assembly, now, now);
  removeOld(options.cacheDirectory);
  return assembly;
}

async function runApp(options: SynthesisOptions, outputDirectory: string): Promise<void> {
  const context = JSON.stringify({ settings: options.settingsFile });
  try {
    await promisify(execFile)(process.execPath, ['infra/app.ts'], {
      cwd: options.projectDirectory,
      env: {
        // The app bundles with esbuild and needs no more of this process's environment.
        PATH: process.env.PATH ?? '',
        HOME: process.env.HOME ?? '',
        CDK_CONTEXT_JSON: context,
        CDK_OUTDIR: outputDirectory,
      },
      maxBuffer: 16 * 1024 * 1024,
    });
  } catch (cause) {
    const { stderr, message } = cause as { stderr?: string; message: string };
    throw new SynthesisError(stderr?.trim() || message, { cause });
  }
}

/** Another process may have finished the same assembly first; then that one is used. */
function rename(fresh: string, assembly: string): void {
  try {
    renameSync(fresh, assembly);
  } catch (error) {
    if (!existsSync(assembly)) throw error;
  }
}

function hashOf(options: SynthesisOptions): string {
  const hash = createHash('sha256');
  hash.update(readFileSync(options.settingsFile));
  for (const source of SOURCES) {
    for (const file of filesOf(join(options.projectDirectory, source))) {
      hash.update(`\0${relative(options.projectDirectory, file)}\0`);
      hash.update(readFileSync(file));
    }
  }
  return hash.digest('hex').slice(0, 16);
}

function filesOf(path: string): string[] {
  if (!existsSync(path)) return [];
  if (statSync(path).isFile()) return [path];
  return readdirSync(path, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
}

function removeOld(cacheDirectory: string): void {
  const newestFirst = readdirSync(cacheDirectory)
    .filter((name) => /^[0-9a-f]{16}$/.test(name))
    .map((name) => join(cacheDirectory, name))
    .sort((left, right) => statSync(right).mtimeMs - statSync(left).mtimeMs);
  for (const old of newestFirst.slice(KEPT_ASSEMBLIES)) {
    rmSync(old, { recursive: true, force: true });
  }
  for (const name of readdirSync(cacheDirectory).filter((entry) => entry.startsWith('new-'))) {
    const unfinished = join(cacheDirectory, name);
    const age = Date.now() - statSync(unfinished).mtimeMs;
    if (age > ABANDONED_MS) rmSync(unfinished, { recursive: true, force: true });
  }
}
