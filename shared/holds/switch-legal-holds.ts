import { COPY_NAMES, type PerCopy } from '../domain/copy-name.ts';
import { isFault } from '../domain/errors.ts';
import type { LegalHold } from '../domain/hold-records.ts';
import type { Copy } from '../ports/copy.ts';
import type { Ledger } from '../ports/ledger.ts';
import type { ObjectHold } from './covered-objects.ts';

/** What switching needs. */
export interface Switching {
  readonly ledger: Ledger;
  readonly copies: PerCopy<Copy>;
  readonly vaultId: string;
}

/** An object on which S3's legal holds are not what they are to be. */
interface Switch extends ObjectHold {
  /** What S3 may have before the switch. */
  readonly before: Versions;
}

type Versions = PerCopy<string | null>;

const NONE = { primary: null, secondary: null } as const;

/** Failures of one copy that another pass may not meet. */
const COPY_FAILS = ['COPY_UNAVAILABLE', 'COPY_DENIED'] as const;

/** @returns whether S3's legal holds on the object are not what they are to be, as far as known. */
export function isToSwitch({ wanted, stored }: ObjectHold): boolean {
  const on = stored?.record.on ?? NONE;
  const differs = COPY_NAMES.some((copy) => on[copy] !== wanted[copy]);
  return differs || stored?.record.confirmed === false;
}

/**
 * Switches S3's legal holds of some objects on or off in both copies. Its course:
 *
 * 1. switches off what is to be off
 * 2. writes down what is about to be on
 * 3. switches it on
 * 4. writes down what S3 has said
 *
 * So nothing is ever held that the ledger does not know of. A copy that does not answer leaves the
 * object unconfirmed: the next pass takes it up.
 *
 * @param objects - such as `isToSwitch`; at most 100, which fit into one transaction.
 * @returns the first failure of a copy, `undefined` when both have done all of it.
 * @throws HoldfastError `LEDGER_CONFLICT` when another pass was at work on the same objects; what
 * this one switched on is off again where the ledger says so.
 */
export async function switchLegalHolds(
  switching: Switching,
  objects: readonly ObjectHold[],
): Promise<unknown> {
  const switches = objects.map(
    (object): Switch => ({ ...object, before: object.stored?.record.on ?? NONE }),
  );
  const failures: unknown[] = [];
  const left = await Promise.all(switches.map((one) => switchOff(switching, one, failures)));
  // A copy that would not switch off the one is not asked to switch on another.
  const aims = switches.map(({ wanted }, index) => without(wanted, left[index] ?? NONE));
  const announced = await announce(switching, switches, aims, left);
  const sure = await Promise.all(
    switches.map(({ key }, index) => switchOn(switching, key, aims[index] ?? NONE, failures)),
  );
  const records = switches.map(
    ({ key }, index): LegalHold => ({
      kind: 'legal-hold',
      vaultId: switching.vaultId,
      key,
      on: union(left[index] ?? NONE, aims[index] ?? NONE),
      confirmed: isEmpty(left[index] ?? NONE) && sure[index] === true,
    }),
  );
  try {
    await switching.ledger.write(
      records.map((record, index) => ({ record, expect: announced[index] ?? 'absent' })),
    );
  } catch (error) {
    if (isFault(error, 'LEDGER_CONFLICT')) {
      await obeyLedger(switching, switches);
    }
    throw error;
  }
  return failures[0];
}

/** @returns the versions that are to be off and may still be on, because their copy failed. */
async function switchOff(
  { copies }: Switching,
  { key, wanted, before }: Switch,
  failures: unknown[],
): Promise<Versions> {
  const left: { -readonly [Name in keyof Versions]: Versions[Name] } = { ...NONE };
  for (const copy of COPY_NAMES) {
    const version = before[copy];
    if (version !== null && version !== wanted[copy]) {
      const isOff = await hasSwitched(copies[copy], { key, version, on: false }, failures);
      left[copy] = isOff ? null : version;
    }
  }
  return left;
}

/** @returns per object, the version of its record from now on. */
async function announce(
  { ledger, vaultId }: Switching,
  switches: readonly Switch[],
  aims: readonly Versions[],
  left: readonly Versions[],
): Promise<(number | 'absent')[]> {
  const versions = switches.map(({ stored }) => stored?.version ?? ('absent' as const));
  const changes = switches.flatMap(({ key }, index) => {
    const aim = aims[index] ?? NONE;
    const on = union(left[index] ?? NONE, aim);
    const record: LegalHold = { kind: 'legal-hold', vaultId, key, on, confirmed: false };
    return isEmpty(aim) ? [] : [{ record, expect: versions[index] ?? ('absent' as const), index }];
  });
  if (changes.length > 0) {
    await ledger.write(changes.map(({ record, expect }) => ({ record, expect })));
  }
  for (const { index, expect } of changes) {
    versions[index] = expect === 'absent' ? 1 : expect + 1;
  }
  return versions;
}

/** @returns whether both copies have done what they were asked. */
async function switchOn(
  { copies }: Switching,
  key: string,
  aim: Versions,
  failures: unknown[],
): Promise<boolean> {
  let isSure = true;
  for (const copy of COPY_NAMES) {
    const version = aim[copy];
    if (version !== null) {
      isSure = (await hasSwitched(copies[copy], { key, version, on: true }, failures)) && isSure;
    }
  }
  return isSure;
}

/** @returns whether the copy has done it; one that has the version no more has nothing to hold. */
async function hasSwitched(
  copy: Copy,
  { key, version, on }: { key: string; version: string; on: boolean },
  failures: unknown[],
): Promise<boolean> {
  try {
    await copy.setLegalHold(key, version, on);
    return true;
  } catch (error) {
    if (isFault(error, 'OBJECT_MISSING')) {
      return true;
    }
    if (!isFault(error, ...COPY_FAILS)) {
      throw error;
    }
    failures.push(error);
    return false;
  }
}

/** Another pass wrote last: what it found to be off must not stay on because of this one. */
async function obeyLedger(switching: Switching, switches: readonly Switch[]): Promise<void> {
  const { ledger, copies, vaultId } = switching;
  for (const { key, wanted } of switches) {
    const on = (await ledger.get('legal-hold', vaultId, key))?.record.on ?? NONE;
    for (const copy of COPY_NAMES) {
      const version = wanted[copy];
      if (version !== null && on[copy] !== version) {
        await hasSwitched(copies[copy], { key, version, on: false }, []);
      }
    }
  }
}

function union(left: Versions, right: Versions): Versions {
  return { primary: left.primary ?? right.primary, secondary: left.secondary ?? right.secondary };
}

/** @returns what is wanted of the copies that have nothing left to switch off. */
function without(wanted: Versions, left: Versions): Versions {
  return {
    primary: left.primary === null ? wanted.primary : null,
    secondary: left.secondary === null ? wanted.secondary : null,
  };
}

function isEmpty({ primary, secondary }: Versions): boolean {
  return primary === null && secondary === null;
}
