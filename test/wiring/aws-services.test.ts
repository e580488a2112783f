import { describe, expect, test } from 'vitest';
import { ENV } from '../../shared/config/env-names.ts';
import { awsServices } from '../../shared/wiring/aws-services.ts';

const ROLE = 'arn:aws-cn:iam::111122223333:role/holdfast-main';

/** What every function is told. */
const FOR_ALL = {
  [ENV.installation]: 'main',
  [ENV.primaryRegion]: 'cn-north-1',
  [ENV.secondaryRegion]: 'cn-northwest-1',
  [ENV.primaryBucket]: 'holdfast-main-111122223333-primary-cn-north-1',
  [ENV.secondaryBucket]: 'holdfast-main-111122223333-secondary-cn-northwest-1',
  [ENV.ledgerTable]: 'holdfast-main-ledger',
  [ENV.maxLockDays]: '400',
  [ENV.maxSweepPercent]: '50',
};

describe('the services of a function', () => {
  test('can be made where nothing is set; only using them needs the variables', () => {
    const services = awsServices({});
    expect(() => services.installation).toThrow(
      /HOLDFAST_INSTALLATION is not set.*HOLDFAST_SECONDARY_BUCKET is not set/,
    );
  });

  test('know the installation from the environment', () => {
    expect(awsServices(FOR_ALL).installation).toEqual({
      name: 'main',
      regions: { primary: 'cn-north-1', secondary: 'cn-northwest-1' },
      buckets: {
        primary: 'holdfast-main-111122223333-primary-cn-north-1',
        secondary: 'holdfast-main-111122223333-secondary-cn-northwest-1',
      },
      maxLockDays: 400,
      maxSweepShare: 0.5,
    });
  });

  test('are made once', () => {
    const services = awsServices(FOR_ALL);
    expect(services.ledger).toBe(services.ledger);
    expect(services.copies.primary).toBe(services.copies.primary);
    expect(services.copies.secondary.name).toBe('secondary');
  });

  test('work without what only other functions are told, and name it once needed', async () => {
    const { pipeline, custody } = awsServices(FOR_ALL);
    const vault = '01KB1T8R9ZJ4Y6V3N5M2X9W0RC';
    await expect(pipeline.startBackup(vault, vault)).rejects.toThrow(
      'HOLDFAST_BACKUP_MACHINE is not set',
    );
    await expect(pipeline.startRestore(vault, vault)).rejects.toThrow(
      'HOLDFAST_RESTORER_FUNCTION is not set',
    );
    await expect(pipeline.startVerification(vault, vault)).rejects.toThrow(
      'HOLDFAST_VERIFIER_FUNCTION is not set',
    );
    await expect(pipeline.advanceErasure(vault)).rejects.toThrow(
      'HOLDFAST_ERASER_FUNCTION is not set',
    );
    await expect(custody.create(vault, 'dedicated')).rejects.toThrow(
      /HOLDFAST_(ACCOUNT|KEY_\w+) is not set/,
    );
  });

  test('refuse a list of roles that is not one', async () => {
    const roles = {
      [ENV.account]: '111122223333',
      [ENV.keyUserRoles]: `${ROLE}-run-backup,`,
      [ENV.keyReaderRoles]: ROLE,
      [ENV.keyEraserRole]: ROLE,
      [ENV.keyAdminRoles]: ROLE,
    };
    const { custody } = awsServices({ ...FOR_ALL, ...roles });
    await expect(custody.create('01KB1T8R9ZJ4Y6V3N5M2X9W0RC', 'dedicated')).rejects.toThrow(
      ENV.keyUserRoles,
    );
  });
});
