import { DeleteObjectCommand, PutObjectCommand } from '@aws-sdk/client-s3';
import { afterAll, beforeAll } from 'vitest';
import { makeBucket } from '../../bench/bare-installation.ts';
import { S3Source } from '../../shared/aws/s3-source.ts';
import { type EmbeddedServices, startEmbeddedServices } from '../support/embedded-services.ts';
import { describeSourceContract } from './source.contract.ts';

const REGION = 'eu-central-1';
const BUCKET = 'records-of-clients';
let embedded: EmbeddedServices;
let sources = 0;

beforeAll(async () => {
  embedded = await startEmbeddedServices();
  await makeBucket(embedded.clients.s3(REGION), REGION, BUCKET);
}, 60_000);
afterAll(() => embedded.stop());

describeSourceContract('S3', async () => {
  sources += 1;
  const client = embedded.clients.s3(REGION);
  const prefix = `客户 ${sources}/`;
  const location = { bucket: BUCKET, prefix, region: REGION };
  return {
    source: new S3Source({ client, location, vaultId: '01K9ZZZZZZ0000000000000001' }),
    put: async (path, content, options = {}) => {
      await client.send(
        new PutObjectCommand({
          Bucket: BUCKET,
          Key: prefix + path,
          Body: Buffer.from(content),
          ContentType: options.contentType,
          Metadata: { ...options.metadata },
          Tagging: new URLSearchParams(options.tags).toString(),
        }),
      );
    },
    delete: async (path) => {
      await client.send(new DeleteObjectCommand({ Bucket: BUCKET, Key: prefix + path }));
    },
  };
});
