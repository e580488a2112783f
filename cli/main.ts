#!/usr/bin/env node
import { setTimeout as sleep } from 'node:timers/promises';
import { collectLazily } from '../shared/wiring/collect-lazily.ts';
import { cacheCompiled } from './cache-compiled.ts';
import { EXIT } from './exit-codes.ts';

collectLazily();
cacheCompiled(process.env.XDG_CACHE_HOME);

// Whoever read the output stopped early, as `head` does: nothing is left to say.
process.stdout.on('error', () => process.exit(EXIT.unexpected));

// Only what is loaded after the cache was named can come from it.
const { runCli } = await import('./run-cli.ts');
const code = await runCli({
  args: process.argv.slice(2),
  environment: process.env,
  writeOut: (text) => process.stdout.write(text),
  writeErr: (text) => process.stderr.write(text),
  sleep: async (milliseconds) => sleep(milliseconds),
  columns: process.stderr.isTTY ? process.stderr.columns : undefined,
  now: () => performance.now(),
  onInterrupt: (listener) => {
    process.once('SIGINT', listener).once('SIGTERM', listener);
    return () => {
      process.off('SIGINT', listener).off('SIGTERM', listener);
    };
  },
});
// Connections that are kept open would hold the process.
process.exit(code);
