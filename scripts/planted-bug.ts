import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const FOLDER = fileURLToPath(new URL('../test/mutants', import.meta.url));

/** A bug to plant into a copy of the sources: a unified diff, and in words what is wrong. */
export interface PlantedBug {
  /** Name of its file without `.patch`. */
  readonly name: string;
  /** The file's first line. */
  readonly says: string;
  readonly hunks: readonly Hunk[];
}

/** One place to change; line numbers are not looked at, only the text. */
interface Hunk {
  /** Path of the file from the root of the project. */
  readonly path: string;
  /** Its lines as they must be found there, with a line feed after each. */
  readonly before: string;
  readonly after: string;
}

/** @returns every planted bug, by name. */
export function plantedBugs(): PlantedBug[] {
  const files = readdirSync(FOLDER).filter((file) => file.endsWith('.patch'));
  return files.toSorted().map((file) => parse(file, readFileSync(join(FOLDER, file), 'utf8')));
}

/** @returns what keeps a bug from being planted into these sources, `undefined` for nothing. */
export function problemOf({ hunks }: PlantedBug, root: string): string | undefined {
  if (hunks.length === 0) {
    return 'it changes nothing';
  }
  return hunks.map((hunk) => hunkProblem(hunk, root)).find((problem) => problem !== undefined);
}

/**
 * Plants a bug that `problemOf` finds no fault with.
 * @returns a function that removes it again.
 */
export function plant({ hunks }: PlantedBug, root: string): () => void {
  const originals = new Map<string, string>();
  for (const { path, before, after } of hunks) {
    const file = join(root, path);
    const text = readFileSync(file, 'utf8');
    originals.set(file, originals.get(file) ?? text);
    writeFileSync(
      file,
      text.replace(before, () => after),
    );
  }
  return () => {
    for (const [file, text] of originals) {
      writeFileSync(file, text);
    }
  };
}

/** Found twice, it could be planted at the wrong place. */
function hunkProblem({ path, before, after }: Hunk, root: string): string | undefined {
  const places = readFileSync(join(root, path), 'utf8').split(before).length - 1;
  if (before === after || before === '') {
    return `a hunk for ${path} changes nothing`;
  }
  return places === 1 ? undefined : `a hunk for ${path} fits in ${places} places, not in one`;
}

function parse(file: string, text: string): PlantedBug {
  const lines = text.split('\n');
  const hunks: Hunk[] = [];
  let path = '';
  let open: { before: string[]; after: string[] } | undefined;
  const close = () => {
    if (open !== undefined) {
      hunks.push({ path, before: joined(open.before), after: joined(open.after) });
    }
    open = undefined;
  };
  for (const line of lines) {
    if (line.startsWith('--- a/')) {
      close();
      path = line.slice('--- a/'.length);
    } else if (line.startsWith('@@ ')) {
      close();
      open = { before: [], after: [] };
    } else if (open !== undefined && line !== '' && !line.startsWith('+++ b/')) {
      addLine(open, line);
    }
  }
  close();
  return { name: basename(file, '.patch'), says: lines[0] ?? '', hunks };
}

function addLine(hunk: { before: string[]; after: string[] }, line: string): void {
  const text = line.slice(1);
  if (line[0] !== '+') {
    hunk.before.push(text);
  }
  if (line[0] !== '-') {
    hunk.after.push(text);
  }
}

function joined(lines: readonly string[]): string {
  return lines.map((line) => `${line}\n`).join('');
}
