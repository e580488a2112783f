/**
 * Makes every `npm run` command work in a bare clone: installs the packages named by
 * package-lock.json when `node_modules` is missing or differs from it, and sees to it that the
 * command after this one finds Node 24. Prints nothing when there is nothing to do.
 *
 * Runs first in each command, on whatever Node started npm (20, 22, 24 or later), before anything
 * is installed: so no dependencies and no TypeScript here. It is part of the command and not a
 * `pre…` script because npm skips those for users who turned install scripts off. The commands
 * continue with `exec env node`: the shell remembers where it found `node`, `env` looks again.
 */
import { spawnSync } from 'node:child_process';
import { accessSync, constants, lstatSync, readFileSync, symlinkSync } from 'node:fs';
import { delimiter, dirname, join, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { withInstallLock } from './install-lock.mjs';

/** Runs TypeScript without a build step; the version Lambda runs, too. */
const NODE_MAJOR = 24;

/** Tells an install started by an install to do nothing. */
const GUARD = 'HOLDFAST_INSTALLING';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const modules = join(root, 'node_modules');
const projectNode = join(modules, '.bin', 'node');

class InstallError extends Error {}

function readPackages(file) {
  try {
    return JSON.parse(readFileSync(file, 'utf8')).packages ?? {};
  } catch (error) {
    if (error.code === 'ENOENT' || error instanceof SyntaxError) return undefined;
    throw error;
  }
}

/**
 * Whether `node_modules` holds what package-lock.json asks for. npm notes what it installed in
 * `node_modules/.package-lock.json`, last of all, so an install cut short is seen as well. Content
 * is compared instead of times: a checkout touches the lock file without changing it.
 */
function packagesMatchLock() {
  const wanted = readPackages(join(root, 'package-lock.json'));
  if (wanted === undefined) {
    throw new InstallError('package-lock.json is missing or unreadable: restore it from git.');
  }
  const installed = readPackages(join(modules, '.package-lock.json'));
  if (installed === undefined) return false;
  const isCurrent = ([path, entry]) => {
    if (path === '') return true;
    const found = installed[path];
    // An optional package of another platform is in the lock file only.
    if (found === undefined) return entry.optional === true || entry.devOptional === true;
    return found.version === entry.version && found.integrity === entry.integrity;
  };
  return (
    Object.entries(wanted).every(isCurrent) &&
    Object.keys(installed).every((path) => wanted[path] !== undefined)
  );
}

function majorOf(version) {
  return Number(/^v(\d+)\./.exec(version)?.[1] ?? 0);
}

function majorOfBinary(file) {
  const run = spawnSync(file, ['--version'], { encoding: 'utf8' });
  return run.error === undefined ? majorOf(run.stdout) : 0;
}

/** Asks the binary itself: a file of that name may be a link to nothing, or of another platform. */
function projectNodeWorks() {
  if (process.execPath.startsWith(modules + sep)) return majorOf(process.version) === NODE_MAJOR;
  return majorOfBinary(projectNode) === NODE_MAJOR;
}

function isExecutable(file) {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** A Node outside `node_modules`, because `npm ci` begins by deleting that folder. */
function machineNode() {
  const candidates = [process.env.npm_node_execpath, process.execPath];
  for (const folder of (process.env.PATH ?? '').split(delimiter)) {
    candidates.push(join(folder, 'node'));
  }
  const outside = candidates.filter((file) => file && !file.startsWith(modules + sep));
  return outside.find(isExecutable) ?? process.execPath;
}

/** Runs npm, the same one that started this script if one did. Output appears only on failure. */
function npm(args, options) {
  const runner = process.env.npm_execpath;
  const [command, prefix] = runner?.endsWith('.js') ? [machineNode(), [runner]] : ['npm', []];
  return runQuietly(command, [...prefix, ...args], options);
}

function runQuietly(command, args, { cwd, allowScripts = false }) {
  const env = { ...process.env, [GUARD]: '1', npm_config_loglevel: 'error' };
  // The npm that started us passes its settings on, and they would overrule the user's own files.
  if (allowScripts) env.npm_config_ignore_scripts = 'false';
  delete env.npm_config_dry_run;
  delete env.npm_config_omit;
  const run = spawnSync(command, args, { cwd, env, encoding: 'utf8', maxBuffer: 64 * 1024 * 1024 });
  if (run.error === undefined && run.status === 0) return { ok: true, output: '' };
  const output = `${run.stdout ?? ''}${run.stderr ?? ''}${run.error?.message ?? ''}`.trim();
  return { ok: false, output };
}

/**
 * Install scripts stay off: npm 12 runs them only where package.json allows it and users may have
 * turned them off, so relying on them would give three different results. `ensureNode` does the one
 * piece of work that matters; esbuild's script only replaces a small launcher by its binary.
 */
function installPackages() {
  process.stderr.write('Installing packages (first run, or package-lock.json changed) …\n');
  const flags = ['--ignore-scripts', '--include=dev', '--include=optional', '--no-audit'];
  const result = npm(['ci', ...flags, '--no-fund', '--loglevel=error'], { cwd: root });
  if (!result.ok) {
    throw new InstallError(
      `npm ci failed:\n\n${result.output}\n\nFix the cause above and run the command again.`,
    );
  }
}

/** The npm package `node` fetches the binary of this platform by its install script. */
function fetchProjectNode() {
  const folder = join(modules, 'node');
  const script = ['installArchSpecificPackage.js'];
  const result = runQuietly(machineNode(), script, { cwd: folder, allowScripts: true });
  if (result.ok && lstatSync(projectNode, { throwIfNoEntry: false }) === undefined) {
    // npm leaves out the link to a file that does not exist at that moment.
    symlinkSync(join('..', 'node', 'bin', 'node'), projectNode);
  }
  return result;
}

/** Node 24 from the npm package `node`, or the machine's own when that is recent enough. */
function ensureNode() {
  if (projectNodeWorks()) return;
  const result = fetchProjectNode();
  if (projectNodeWorks() || majorOfBinary(machineNode()) >= NODE_MAJOR) return;
  throw new InstallError(
    `Node ${NODE_MAJOR} is needed and could not be installed into node_modules. Install it on ` +
      'this machine (https://nodejs.org), or fix the cause below and run the command again.\n\n' +
      `${result.output || 'The npm package "node" has no working binary for this platform.'}`,
  );
}

function isReady() {
  return packagesMatchLock() && (projectNodeWorks() || majorOfBinary(machineNode()) >= NODE_MAJOR);
}

async function ensureInstalled() {
  if (process.env[GUARD] !== undefined || isReady()) return;
  await withInstallLock(join(root, '.holdfast'), () => {
    // Whoever held the lock before may have done all of it.
    if (!packagesMatchLock()) installPackages();
    ensureNode();
  });
}

try {
  await ensureInstalled();
} catch (error) {
  if (!(error instanceof InstallError)) throw error;
  process.stderr.write(`\n${error.message}\n`);
  process.exit(1);
}
