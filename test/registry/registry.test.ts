import { describe, expect, test } from 'vitest';
import { closeClient } from '../../shared/closing/close-client.ts';
import { vaultsOf } from '../../shared/registry/every-vault.ts';
import { registerClient } from '../../shared/registry/register-client.ts';
import { registerVault } from '../../shared/registry/register-vault.ts';
import { withFaults } from '../support/faulty-service.ts';
import { interrupted, writes } from '../support/interrupted-services.ts';
import { livingInstallation, OPERATOR, vaultNow } from '../support/living-installation.ts';
import { TEST_INSTALLATION } from '../support/memory-services.ts';

const SOMEBODY = { name: 'Somebody', reference: 'A-1' };
const UNKNOWN = '01ARZ3NDEKTSV4RRFFQ69G5FAV';
const VAULT = {
  recordClass: 'engagement-file',
  policyId: 'engagement-10y',
  source: { kind: 's3' as const, bucket: 'records-of-the-firm', prefix: 'a/' },
};

describe('registering a client', () => {
  test('gives it an id', async () => {
    const { services, ledger } = livingInstallation();
    const client = await registerClient(services, OPERATOR, SOMEBODY);
    const stored = await ledger.get('client', client.clientId);
    const { audit: _, ...rest } = client;
    expect(stored?.record).toMatchObject(rest);
    expect(client).toMatchObject({ ...SOMEBODY, registeredBy: OPERATOR });
  });

  test('refuses a reference that is taken and names the client that has it', async () => {
    const { services } = livingInstallation();
    const { clientId } = await registerClient(services, OPERATOR, SOMEBODY);
    const again = registerClient(services, OPERATOR, { name: 'Else', reference: 'A-1' });
    await expect(again).rejects.toMatchObject({ code: 'CLIENT_EXISTS', data: { clientId } });
  });
});

describe('registering a vault', () => {
  test('makes two enabled keys and a vault that is due for its first backup', async () => {
    const living = livingInstallation();
    const { services, custody } = living;
    const { clientId } = await registerClient(services, OPERATOR, SOMEBODY);
    const vault = await registerVault(services, OPERATOR, clientId, VAULT);
    expect(vault).toMatchObject({ state: 'ACTIVE', clientId, nextBackupAt: vault.createdAt });
    expect(vault.source).toMatchObject({ region: TEST_INSTALLATION.regions.primary });
    const states = await custody.states(vault.keys);
    expect([states.primary.state, states.secondary.state]).toEqual(['Enabled', 'Enabled']);
    expect(await vaultNow(living, vault.vaultId)).toEqual(vault);
  });

  test('refuses an unknown client and an unknown policy', async () => {
    const { services } = livingInstallation();
    await expect(registerVault(services, OPERATOR, UNKNOWN, VAULT)).rejects.toMatchObject({
      code: 'CLIENT_UNKNOWN',
    });
    await expect(registerVault(services, OPERATOR, 'x', VAULT)).rejects.toMatchObject({
      code: 'ID_INVALID',
    });
    const { clientId } = await registerClient(services, OPERATOR, SOMEBODY);
    const wrong = { ...VAULT, policyId: 'no-such' };
    await expect(registerVault(services, OPERATOR, clientId, wrong)).rejects.toMatchObject({
      code: 'POLICY_UNKNOWN',
    });
  });

  test('refuses a source that is one of the copies', async () => {
    const { services } = livingInstallation();
    const { clientId } = await registerClient(services, OPERATOR, SOMEBODY);
    const source = { kind: 's3' as const, bucket: TEST_INSTALLATION.buckets.secondary, prefix: '' };
    await expect(
      registerVault(services, OPERATOR, clientId, { ...VAULT, source }),
    ).rejects.toMatchObject({ code: 'SOURCE_IS_COPY' });
  });

  test('refuses a second vault of the same record class', async () => {
    const { services } = livingInstallation();
    const { clientId } = await registerClient(services, OPERATOR, SOMEBODY);
    const { vaultId } = await registerVault(services, OPERATOR, clientId, VAULT);
    await expect(registerVault(services, OPERATOR, clientId, VAULT)).rejects.toMatchObject({
      code: 'VAULT_EXISTS',
      data: { vaultId },
    });
  });

  test('is completed by the next try after it broke off', async () => {
    const { services } = livingInstallation();
    const { clientId } = await registerClient(services, OPERATOR, SOMEBODY);
    const { port, requireAllFired } = withFaults(services.custody, [
      { method: 'create', when: 'after', error: new Error('killed') },
    ]);
    const broken = registerVault({ ...services, custody: port }, OPERATOR, clientId, VAULT);
    await expect(broken).rejects.toThrow('killed');
    requireAllFired();
    const vault = await registerVault(services, OPERATOR, clientId, VAULT);
    expect(vault.state).toBe('ACTIVE');
  });

  test('is refused when its client is closed in the same moment', async () => {
    const living = livingInstallation();
    const { clientId } = await registerClient(living.services, OPERATOR, SOMEBODY);
    const racing = interrupted(living, writes('vault'), 'before', () =>
      closeClient(living.services, OPERATOR, clientId, { event: '2026-11-02' }),
    );
    await expect(registerVault(racing, OPERATOR, clientId, VAULT)).rejects.toMatchObject({
      code: 'CLIENT_CLOSED',
    });
    expect(await vaultsOf(living.ledger, clientId)).toEqual([]);
  });
});
