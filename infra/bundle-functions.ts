import { existsSync, readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { buildSync } from 'esbuild';
import { FUNCTION_NAMES, type FunctionName } from './function-plans.ts';

/** A difference between the files of `functions/` and the plans. The message names the files. */
export class FunctionFilesError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'FunctionFilesError';
  }
}

const REPOSITORY = dirname(dirname(fileURLToPath(import.meta.url)));

/** Some dependencies are CommonJS and call `require` for Node's own modules. */
const REQUIRE_IN_ESM = [
  "import { createRequire } from 'node:module';",
  'const require = createRequire(import.meta.url);',
].join('\n');

/** Where the functions are, one file each. */
export const FUNCTION_SOURCES = join(REPOSITORY, 'functions');

/**
 * Bundles every function into `<outdir>/<name>/index.mjs` with one esbuild call.
 *
 * The AWS SDK is bundled too: versions are those of the lock file, and the Encryption SDK accepts
 * only clients of the very classes it was built with. Code is not minified and has no source map:
 * stack traces then show the names of the source, and equal sources give equal bytes, so nothing is
 * deployed again that did not change.
 *
 * @param sources - directory of the functions' files.
 * @returns the directory of each function's bundle.
 * @throws FunctionFilesError when a planned function has no file, or a file has no plan.
 */
export function bundleFunctions(outdir: string, sources: string): (name: FunctionName) => string {
  checkFiles(sources);
  buildSync({
    absWorkingDir: REPOSITORY,
    entryPoints: Object.fromEntries(
      FUNCTION_NAMES.map((name) => [`${name}/index`, join(sources, `${name}.ts`)]),
    ),
    outdir,
    outExtension: { '.js': '.mjs' },
    bundle: true,
    platform: 'node',
    target: 'node24',
    format: 'esm',
    mainFields: ['module', 'main'],
    treeShaking: true,
    legalComments: 'none',
    charset: 'utf8',
    logLevel: 'error',
    banner: { js: REQUIRE_IN_ESM },
  });
  return (name) => join(outdir, name);
}

function checkFiles(directory: string): void {
  const missing = FUNCTION_NAMES.filter((name) => !existsSync(join(directory, `${name}.ts`)));
  const unplanned = readdirSync(directory)
    .filter((file) => file.endsWith('.ts'))
    .map((file) => file.replace(/\.ts$/, ''))
    .filter((name) => !(FUNCTION_NAMES as readonly string[]).includes(name));
  if (missing.length + unplanned.length === 0) return;
  throw new FunctionFilesError(
    'functions/ and infra/function-plans.ts differ. ' +
      `Without a file: ${missing.join(', ') || '-'}. ` +
      `Without a plan: ${unplanned.join(', ') || '-'}.`,
  );
}
