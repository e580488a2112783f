import picomatch from 'picomatch';

/**
 * Makes the test by which records are chosen.
 *
 * @param patterns - each a glob over the whole path (`*` within a folder, `**` across folders, dot
 * files included), or a path: then that record, and all below a folder of that name. No pattern
 * chooses every record.
 */
export function selectPaths(patterns: readonly string[]): (path: string) => boolean {
  if (patterns.length === 0) {
    return () => true;
  }
  const tests = patterns.map(selectByPattern);
  return (path) => tests.some((test) => test(path));
}

function selectByPattern(pattern: string): (path: string) => boolean {
  // Keys may hold line feeds, which `.` matches with the flag `s` only; `!` is a usual character.
  const glob = picomatch(pattern, { dot: true, nonegate: true, windows: false, flags: 's' });
  const folder = pattern.endsWith('/') ? pattern : `${pattern}/`;
  return (path) => path === pattern || path.startsWith(folder) || glob(path);
}
