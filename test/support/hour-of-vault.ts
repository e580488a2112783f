import { idTime } from '../../shared/domain/ids.ts';
import type { Vault } from '../../shared/domain/records.ts';
import type { MemoryServices } from './memory-services.ts';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

/** Moves the clock to the hour in which a vault's locks are asked after, some days ahead. */
export async function moveToHourOf(
  { clock }: Pick<MemoryServices, 'clock'>,
  { vaultId }: Pick<Vault, 'vaultId'>,
  days: number,
): Promise<void> {
  const hour = idTime(vaultId).getTime() % 24;
  const at = Math.floor((clock.now().getTime() + days * DAY_MS) / DAY_MS) * DAY_MS;
  await clock.moveTo(new Date(Math.max(at, clock.now().getTime() + 1)));
  const midnight = Math.floor(clock.now().getTime() / DAY_MS) * DAY_MS;
  const today = midnight + hour * HOUR_MS;
  const next = today >= clock.now().getTime() ? today : today + DAY_MS;
  await clock.moveTo(new Date(next));
}
