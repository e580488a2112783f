/**
 * `npm run local`: the embedded AWS with the stacks of this project deployed, until it is stopped.
 */
import { writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Command, InvalidArgumentError } from 'commander';
import { ClockError, clockCommand } from './clock-command.ts';
import { DataDirectoryError } from './data-directory-lock.ts';
import { startEmbeddedAws } from './embedded-aws.ts';
import { exportedEnvironment, shellLines } from './exported-environment.ts';
import { fillBuckets, UploadError } from './fill-buckets.ts';
import { StackError } from './stack/template.ts';
import { SynthesisError, synthesizeApp } from './synthesize-app.ts';
import { parseBucket, parseUpload, type Upload } from './upload-option.ts';

interface MainOptions {
  readonly port: number;
  readonly data: string;
  readonly assembly?: string;
  readonly settings: string;
  readonly writeEnv?: string;
  readonly schedules: boolean;
  readonly bucket?: readonly string[];
  readonly upload?: readonly Upload[];
}

const DEFAULT_PORT = 4566;

const projectDirectory = fileURLToPath(new URL('..', import.meta.url));

function parsePort(text: string): number {
  const port = Number(text);
  if (!Number.isInteger(port) || port < 0 || port > 65_535) {
    throw new InvalidArgumentError('a port is a number from 0 to 65535');
  }
  return port;
}

const command = new Command('local')
  .description('Runs the embedded AWS on 127.0.0.1 with the stacks of this project deployed.')
  .option('--port <number>', 'port to listen on; 0 takes any free one', parsePort, DEFAULT_PORT)
  .option('--data <folder>', 'folder that holds all state', '.holdfast/data')
  .option('--assembly <folder>', 'deploy this synthesized app (default: synthesize infra/app.ts)')
  .option(
    '--settings <file>',
    'settings of the synthesized installation',
    join(projectDirectory, 'local/embedded-installation.json'),
  )
  // Not `--env-file`: Node takes that one for itself wherever it stands.
  .option('--write-env <file>', 'also write the environment to export to this file')
  .option('--no-schedules', 'start schedules only by hand (POST /_local/schedules/<name>/run)')
  .option('--bucket <name>', 'make this bucket in the first Region; may be repeated', parseBucket)
  .option(
    '--upload <folder=s3://bucket/prefix/>',
    'put the files of a folder there, making the bucket; may be repeated',
    parseUpload,
  )
  .action(run)
  .addCommand(
    clockCommand(process.env.AWS_ENDPOINT_URL || `http://127.0.0.1:${DEFAULT_PORT}`, console.log),
  );

async function run(options: MainOptions): Promise<void> {
  const started = performance.now();
  const assembly =
    options.assembly ??
    (await synthesizeApp({
      projectDirectory,
      settingsFile: resolve(options.settings),
      cacheDirectory: join(projectDirectory, '.holdfast/assemblies'),
      onStart: () => console.log('Synthesizing the stacks from infra/ and functions/ …'),
    }));
  const aws = await startEmbeddedAws({
    port: options.port,
    dataDirectory: resolve(options.data),
    assembly,
    schedules: options.schedules,
  });
  const { bucket: buckets = [], upload: uploads = [] } = options;
  try {
    await fillBuckets(aws, { buckets, uploads, tell: console.log });
  } catch (error) {
    await aws.stop();
    throw error;
  }
  const environment = shellLines(exportedEnvironment(aws));
  if (options.writeEnv !== undefined) {
    writeFileSync(options.writeEnv, environment);
  }
  const seconds = ((performance.now() - started) / 1000).toFixed(1);
  console.log(`The embedded AWS runs at ${aws.endpoint} (started in ${seconds} s).`);
  console.log(`Account ${aws.accountId}, Regions ${aws.regions.join(' and ')}.`);
  console.log(`State: ${resolve(options.data)}. It is ${aws.clock.now().toISOString()} there.\n`);
  console.log(`In another terminal:\n\n${environment}`);
  console.log('To act as the supervisor instead of the operator:\n');
  console.log(shellLines(onlyKeys(exportedEnvironment(aws, 'supervisor'))));
  console.log('Stop with Ctrl-C.');
  const signal = await stopSignal();
  console.log(`\n${signal}: stopping.`);
  await aws.stop();
}

function onlyKeys(environment: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(environment).filter(([name]) => /^AWS_(ACCESS|SECRET)/.test(name)),
  );
}

function stopSignal(): Promise<string> {
  return new Promise((resolveSignal) => {
    for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => resolveSignal(signal));
  });
}

function explain(error: unknown): string | undefined {
  if (error instanceof Error && 'code' in error && error.code === 'EADDRINUSE') {
    return `Port ${command.opts<MainOptions>().port} is in use. Stop what listens there, or choose another with --port.`;
  }
  if (error instanceof SynthesisError) {
    return `The project could not be synthesized:\n${error.message}`;
  }
  const known = [ClockError, DataDirectoryError, StackError, UploadError].some(
    (kind) => error instanceof kind,
  );
  return known ? (error as Error).message : undefined;
}

// Functions print and compute local times in UTC on AWS; a thread cannot have a zone of its own.
process.env.TZ = 'UTC';
try {
  await command.parseAsync();
} catch (error) {
  const explanation = explain(error);
  if (explanation === undefined) throw error;
  console.error(explanation);
  process.exitCode = 1;
}
