import {
  DeleteObjectCommand,
  ListMultipartUploadsCommand,
  PutObjectCommand,
} from '@aws-sdk/client-s3';
import { afterAll, beforeAll } from 'vitest';
import { S3Copy } from '../../shared/aws/s3-copy.ts';
import { type EmbeddedServices, startEmbeddedServices } from '../support/embedded-services.ts';
import { TEST_INSTALLATION } from '../support/memory-services.ts';
import { describeCopyContract } from './copy.contract.ts';

const { regions, buckets } = TEST_INSTALLATION;
let embedded: EmbeddedServices;

beforeAll(async () => {
  embedded = await startEmbeddedServices();
}, 60_000);
afterAll(() => embedded.stop());

describeCopyContract('S3', async () => {
  const client = embedded.clients.s3OfCopy(regions.secondary);
  const Bucket = buckets.secondary;
  const { clock, moveDays } = embedded;
  return {
    copy: new S3Copy({ name: 'secondary', client, bucket: Bucket, clock }),
    now: () => clock.now(),
    moveDays,
    overwrite: async (Key, Body) => {
      await client.send(new PutObjectCommand({ Bucket, Key, Body }));
    },
    hide: async (Key) => {
      await client.send(new DeleteObjectCommand({ Bucket, Key }));
    },
    openUploads: async () => {
      const { Uploads } = await client.send(new ListMultipartUploadsCommand({ Bucket }));
      return Uploads?.length ?? 0;
    },
  };
});
