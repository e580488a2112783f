import { randomBytes } from 'node:crypto';
import { BranchKeyCustody } from '../aws/branch-key-custody.ts';
import { dataClients } from '../aws/data-clients.ts';
import { KmsCustody } from '../aws/kms-custody.ts';
import { systemClock, systemPause } from '../aws/system-clock.ts';
import { TieredCustody } from '../aws/tiered-keys.ts';
import type { Installation, Services } from '../ports/services.ts';
import { s3Copies } from './s3-copies.ts';

/**
 * What a restore on the caller's own machine reads with: the copies and the keys, with the
 * credentials of the caller. Such a machine knows no roles and can make no keys.
 * @param installation - as the admin API answers it.
 */
export function folderRestoreServices(
  installation: Installation,
): Pick<Services, 'copies' | 'custody'> {
  const clients = dataClients();
  const options = {
    installation: installation.name,
    regions: installation.regions,
    clientOf: clients.kms,
    clients: { dynamoDbOf: clients.dynamoDb, kmsOf: clients.kms },
    pause: systemPause,
    randomBytes,
    partition: '',
    account: '',
    get roles(): never {
      throw new Error('keys are made by the pipeline only');
    },
  };
  const custody = new TieredCustody({
    dedicated: new KmsCustody(options),
    'shared-root': new BranchKeyCustody(options),
  });
  return { copies: s3Copies(installation, clients, systemClock), custody };
}
