import picomatch from 'picomatch';

/**
 * Makes the test by which paths are left out.
 *
 * @param patterns - each a glob (`*` within a folder, `**` across folders, dot files included). One
 * without a `/`, but at its end, is compared with the name alone, in every folder; any other with
 * the whole path. One that ends in `/` means folders only. With a folder goes all below it.
 * @returns takes a path, that of a folder with a `/` at its end.
 */
export function excludePaths(patterns: readonly string[]): (path: string) => boolean {
  const tests = patterns.map(excludeByPattern);
  return (path) => tests.some((test) => test(path));
}

function excludeByPattern(pattern: string): (path: string) => boolean {
  const foldersOnly = pattern.endsWith('/');
  const bare = foldersOnly ? pattern.slice(0, -1) : pattern;
  const anywhere = !bare.includes('/');
  const rooted = bare.startsWith('/') ? bare.slice(1) : bare;
  // `!` is a usual character, and names may hold line feeds: see `selectPaths`.
  const glob = picomatch(rooted, { dot: true, nonegate: true, windows: false, flags: 's' });
  return (path) => {
    const isFolder = path.endsWith('/');
    if (foldersOnly && !isFolder) {
      return false;
    }
    const whole = isFolder ? path.slice(0, -1) : path;
    return glob(anywhere ? whole.slice(whole.lastIndexOf('/') + 1) : whole);
  };
}

/** @returns the patterns of a file: its lines, but for empty ones and those that begin with `#`. */
export function parseExcludeFile(text: string): string[] {
  const lines = text.split('\n').map((line) => line.replace(/\r$/, ''));
  return lines.filter((line) => line.trim() !== '' && !line.startsWith('#'));
}
