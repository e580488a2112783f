import type { Cli } from './command.ts';

/**
 * @returns the version that was asked for; otherwise the newest of a policy that needs no approval
 * or has it, as a vault is given it. Nothing when there is none: the API says so.
 */
export async function usableVersion(
  { call }: Pick<Cli, 'call'>,
  policyId: string,
  version: number | undefined,
): Promise<{ version?: number }> {
  if (version !== undefined) {
    return { version };
  }
  const { policies } = await call('listPolicies', { params: {} });
  const usable = policies.filter(
    ({ id, added }) => id === policyId && added?.approval !== 'awaited',
  );
  const newest = usable.at(-1);
  return newest === undefined ? {} : { version: newest.version };
}
