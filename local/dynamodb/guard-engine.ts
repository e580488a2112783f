/**
 * A small program between the embedded AWS and its DynamoDB engine: it starts the engine named by
 * its arguments and stops it when its own standard input closes. The operating system closes that
 * pipe however the embedded AWS ends, `kill -9` included, so no engine is ever left behind with the
 * database open.
 */
import { spawn } from 'node:child_process';

/** An engine that has not ended this long after being asked to is killed. */
const PATIENCE_MS = 2_000;

const [command, ...engineArguments] = process.argv.slice(2);
if (command === undefined) throw new Error('usage: guard-engine <command> [argument …]');

const engine = spawn(command, engineArguments, { stdio: ['ignore', 'inherit', 'inherit'] });
engine.on('error', (error) => {
  console.error(error.message);
  process.exitCode = 1;
  process.stdin.destroy();
});
engine.on('exit', (code) => {
  process.exitCode = code ?? 1;
  process.stdin.destroy();
});
process.stdin.resume();
process.stdin.on('close', () => {
  engine.kill('SIGTERM');
  setTimeout(() => engine.kill('SIGKILL'), PATIENCE_MS).unref();
});
