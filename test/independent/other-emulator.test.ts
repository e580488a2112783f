import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { createServer } from 'node:net';
import { DeleteObjectCommand, PutObjectCommand } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, describe } from 'vitest';
import { makeBucket, makeLedgerTable } from '../../bench/bare-installation.ts';
import { type AwsClients, awsClients } from '../../shared/aws/aws-clients.ts';
import { DynamoLedger } from '../../shared/aws/dynamo-ledger.ts';
import { S3Source } from '../../shared/aws/s3-source.ts';
import { systemClock, systemPause } from '../../shared/aws/system-clock.ts';
import { describeLedgerContract } from '../contract/ledger.contract.ts';
import { describeSourceContract } from '../contract/source.contract.ts';
import { EMBEDDED_TABLE } from '../support/embedded-services.ts';

/**
 * The contracts that need no moved clock, on an emulator that nobody here wrote: moto (from PyPI:
 * `moto[server]`). What passes there and on the embedded AWS is not a mistake both share.
 */
const REGION = 'eu-central-1';
const BUCKET = 'records-of-clients';
const LOOK_AGAIN_MS = 200;

const isInstalled = spawnSync('moto_server', ['--help']).status === 0;
if (!isInstalled) {
  console.warn('moto is not installed: the contracts run on the embedded AWS only');
}

let moto: ChildProcess | undefined;
let clients: AwsClients;
let sources = 0;

beforeAll(async () => {
  if (!isInstalled) return;
  const port = await freePort();
  moto = spawn('moto_server', ['-H', '127.0.0.1', '-p', String(port)], { stdio: 'ignore' });
  const endpoint = `http://127.0.0.1:${port}`;
  const credentials = { accessKeyId: 'any', secretAccessKey: 'any' };
  clients = awsClients({ endpoint, credentials });
  while (!(await isUp(endpoint))) {
    await new Promise((resolve) => setTimeout(resolve, LOOK_AGAIN_MS));
  }
  await makeLedgerTable(clients.dynamoDb(REGION), EMBEDDED_TABLE);
  await makeBucket(clients.s3(REGION), REGION, BUCKET);
}, 60_000);

afterAll(() => {
  moto?.kill('SIGKILL');
});

describe.skipIf(!isInstalled)('on moto', () => {
  describeLedgerContract('DynamoDB', async () => {
    const client = clients.dynamoDb(REGION);
    return new DynamoLedger({
      client,
      table: EMBEDDED_TABLE,
      clock: systemClock,
      pause: systemPause,
    });
  });

  describeSourceContract('S3', async () => {
    sources += 1;
    const client = clients.s3(REGION);
    const prefix = `客户 ${sources}/`;
    const location = { bucket: BUCKET, prefix, region: REGION };
    const at = (path: string) => ({ Bucket: BUCKET, Key: prefix + path });
    return {
      source: new S3Source({ client, location, vaultId: '01K9ZZZZZZ0000000000000001' }),
      put: async (path, content, options = {}) => {
        const Body = Buffer.from(content);
        const Tagging = new URLSearchParams(options.tags).toString();
        const { contentType: ContentType, metadata } = options;
        const Metadata = { ...metadata };
        const put = { ...at(path), Body, ContentType, Metadata, Tagging };
        await client.send(new PutObjectCommand(put));
      },
      delete: async (path) => {
        await client.send(new DeleteObjectCommand(at(path)));
      },
    };
  });
});

function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const address = server.address();
      const port = typeof address === 'object' && address !== null ? address.port : 0;
      server.close(() => resolve(port));
    });
  });
}

function isUp(endpoint: string): Promise<boolean> {
  return fetch(`${endpoint}/moto-api/`).then(
    () => true,
    () => false,
  );
}
