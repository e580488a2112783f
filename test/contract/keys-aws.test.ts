import { randomBytes } from 'node:crypto';
import { PutKeyPolicyCommand } from '@aws-sdk/client-kms';
import { afterAll, beforeAll } from 'vitest';
import { KmsCustody } from '../../shared/aws/kms-custody.ts';
import { KmsDestruction } from '../../shared/aws/kms-destruction.ts';
import { systemPause } from '../../shared/aws/system-clock.ts';
import {
  EMBEDDED_ACCOUNT,
  EMBEDDED_ROLES,
  type EmbeddedServices,
  startEmbeddedServices,
} from '../support/embedded-services.ts';
import { TEST_INSTALLATION } from '../support/memory-services.ts';
import { describeKeyCustodyContract } from './key-custody.contract.ts';
import { describeKeyDestructionContract } from './key-destruction.contract.ts';

let embedded: EmbeddedServices;

beforeAll(async () => {
  embedded = await startEmbeddedServices();
}, 60_000);
afterAll(() => embedded.stop());

async function openKms() {
  const clientOf = embedded.clients.kms;
  return {
    custody: new KmsCustody({
      installation: TEST_INSTALLATION.name,
      partition: 'aws',
      account: EMBEDDED_ACCOUNT,
      regions: TEST_INSTALLATION.regions,
      clientOf,
      roles: EMBEDDED_ROLES,
      pause: systemPause,
      randomBytes,
    }),
    destruction: new KmsDestruction({ clientOf }),
    now: () => embedded.clock.now(),
    moveDays: embedded.moveDays,
    changePolicy: async (KeyId: string) => {
      const Policy = JSON.stringify({ Version: '2012-10-17', Statement: [] });
      const region = KeyId.split(':')[3] ?? '';
      await clientOf(region).send(new PutKeyPolicyCommand({ KeyId, Policy }));
    },
  };
}

describeKeyCustodyContract('KMS', openKms);
describeKeyDestructionContract('KMS', openKms);
