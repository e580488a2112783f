import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** Where the repository lies; every path of these tests is relative to it, with `/`. */
export const ROOT = fileURLToPath(new URL('../..', import.meta.url));

/** Folders of code, as opposed to documents and settings. */
export const CODE_FOLDERS = [
  'bench',
  'cli',
  'functions',
  'infra',
  'local',
  'scripts',
  'shared',
  'test',
] as const;

/** Whatever git tracks or would track; files deleted but not yet committed are left out. */
export function projectFiles(): string[] {
  const args = ['ls-files', '-z', '--cached', '--others', '--exclude-standard'];
  const listed = execFileSync('git', args, { cwd: ROOT, encoding: 'utf8' });
  const files = new Set(listed.split('\0').filter((path) => path !== ''));
  return [...files].filter((path) => existsSync(join(ROOT, path))).sort();
}

/** Files ending in `.ts` or `.mjs` under the code folders. */
export function codeFiles(): string[] {
  return projectFiles().filter((path) => isCode(path));
}

function isCode(path: string): boolean {
  const [folder = ''] = path.split('/');
  return /\.(ts|mjs)$/.test(path) && (CODE_FOLDERS as readonly string[]).includes(folder);
}

export function readProjectFile(path: string): string {
  return readFileSync(join(ROOT, path), 'utf8');
}

export function sizeOf(path: string): number {
  return statSync(join(ROOT, path)).size;
}
