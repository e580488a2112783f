import { COPY_NAMES, type PerCopy } from '../domain/copy-name.ts';
import { isFault } from '../domain/errors.ts';
import type { Copy } from '../ports/copy.ts';
import type { Ledger } from '../ports/ledger.ts';
import { writeDecision } from '../registry/write-decision.ts';
import type { ObjectHold } from './covered-objects.ts';

/** What switching needs. */
export interface Switching {
  readonly ledger: Ledger;
  readonly copies: PerCopy<Copy>;
  readonly vaultId: string;
}

/** An object on which S3's legal holds are not what they are to be. */
interface Switch {
  readonly key: string;
  readonly wanted: Versions;
  /** Of its record in the ledger, as this pass wrote it last. */
  version: number | 'absent';
  /** The version in each copy on which S3 may have a legal hold now. */
  on: Versions;
  /** Whether S3 has done all that it was asked. */
  isSure: boolean;
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
 * 1. writes down what is about to be switched, as unconfirmed
 * 2. switches off what is to be off
 * 3. writes down what is to be on in the place of another version
 * 4. switches on what is to be on
 * 5. writes down what S3 has said
 *
 * So nothing is ever held that the ledger does not know of, and what the ledger calls confirmed S3
 * has. A copy that does not answer leaves the object unconfirmed: the next pass takes it up.
 *
 * @param objects - such as `isToSwitch`; at most 100, which fit into one transaction.
 * @returns the first failure of a copy, `undefined` when both have done all of it.
 * @throws HoldfastError `LEDGER_CONFLICT` when another pass was at work on the same objects: which
 * of the two S3 has heard last is not known, and the ledger says so. Look at the objects anew.
 */
export async function switchLegalHolds(
  switching: Switching,
  objects: readonly ObjectHold[],
): Promise<unknown> {
  const failures: unknown[] = [];
  const switches = objects.map(({ key, wanted, stored }): Switch => {
    const on = union(stored?.record.on ?? NONE, wanted);
    return { key, wanted, version: stored?.version ?? 'absent', on, isSure: true };
  });
  await writeDown(switching, switches, false);
  try {
    const turned = await inEach(switches, (one) => switchOff(switching, one, failures));
    await writeDown(
      switching,
      switches.filter((_, index) => turned[index]),
      false,
    );
    await inEach(switches, (one) => switchOn(switching, one, failures));
    await writeDown(switching, switches, true);
  } catch (error) {
    if (isFault(error, 'LEDGER_CONFLICT')) {
      await admitUnknown(switching, switches);
    }
    throw error;
  }
  return failures[0];
}

function inEach<Result>(
  switches: readonly Switch[],
  act: (one: Switch) => Promise<Result>,
): Promise<Result[]> {
  return Promise.all(switches.map(act));
}

/** Writes what S3 may have now, and whether that is sure. */
async function writeDown(
  { ledger, vaultId }: Switching,
  switches: readonly Switch[],
  isDone: boolean,
): Promise<void> {
  const changes = switches.map(({ key, on, version: expect, isSure }) => {
    const confirmed = isDone && isSure;
    return { record: { kind: 'legal-hold', vaultId, key, on, confirmed } as const, expect };
  });
  if (changes.length > 0) {
    await ledger.write(changes);
  }
  for (const one of switches) {
    one.version = one.version === 'absent' ? 1 : one.version + 1;
  }
}

/**
 * A copy that would not switch off the one version is not asked to switch on another.
 * @returns whether another version is to be on than the ledger knows of.
 */
async function switchOff(
  { copies }: Switching,
  one: Switch,
  failures: unknown[],
): Promise<boolean> {
  let isTurned = false;
  for (const copy of COPY_NAMES) {
    const version = one.on[copy];
    if (version !== null && version !== one.wanted[copy]) {
      const { key } = one;
      if (await hasSwitched(copies[copy], { key, version, on: false }, failures)) {
        one.on = { ...one.on, [copy]: one.wanted[copy] };
        isTurned ||= one.wanted[copy] !== null;
      } else {
        one.isSure = false;
      }
    }
  }
  return isTurned;
}

async function switchOn({ copies }: Switching, one: Switch, failures: unknown[]): Promise<void> {
  for (const copy of COPY_NAMES) {
    const version = one.on[copy];
    if (version !== null && version === one.wanted[copy]) {
      const { key } = one;
      const isOn = await hasSwitched(copies[copy], { key, version, on: true }, failures);
      one.isSure &&= isOn;
    }
  }
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

/**
 * Another pass wrote last, and S3 may have heard this one after it: so nothing is sure any more.
 * What this pass has switched on may be on as well; where the ledger has another version by now, it
 * is switched off at once, because the ledger has place for one.
 */
async function admitUnknown(switching: Switching, switches: readonly Switch[]): Promise<void> {
  const { ledger, copies, vaultId } = switching;
  for (const { key, on: mine } of switches) {
    await writeDecision({ ledger }, async () => {
      const stored = await ledger.get('legal-hold', vaultId, key);
      const on = union(stored?.record.on ?? NONE, mine);
      const record = { kind: 'legal-hold', vaultId, key, on, confirmed: false } as const;
      return { changes: [{ record, expect: stored?.version ?? 'absent' }], result: undefined };
    });
    const now = (await ledger.get('legal-hold', vaultId, key))?.record.on ?? NONE;
    for (const copy of COPY_NAMES) {
      const version = mine[copy];
      if (version !== null && now[copy] !== version) {
        await hasSwitched(copies[copy], { key, version, on: false }, []);
      }
    }
  }
}

function union(left: Versions, right: Versions): Versions {
  return { primary: left.primary ?? right.primary, secondary: left.secondary ?? right.secondary };
}
