import type { PerCopy } from '../../shared/domain/copy-name.ts';
import type { SourceLocation, Vault } from '../../shared/domain/records.ts';
import { requireS3Source } from '../../shared/domain/vault-source.ts';
import type { Pauses } from '../../shared/ports/clock.ts';
import type { Installation, Services } from '../../shared/ports/services.ts';
import { MemoryCopy } from './memory-copy.ts';
import { MemoryCustody } from './memory-custody.ts';
import { MemoryInstallationKeys } from './memory-installation-keys.ts';
import { MemoryLedger } from './memory-ledger.ts';
import { MemoryPipeline } from './memory-pipeline.ts';
import { MemorySigning } from './memory-signing.ts';
import { MemorySource } from './memory-source.ts';
import { MemoryTarget } from './memory-target.ts';
import { MemoryTelemetry } from './memory-telemetry.ts';
import { MovableClock } from './movable-clock.ts';
import { SequentialIds } from './sequential-ids.ts';

/** The installation every test plays in. */
export const TEST_INSTALLATION: Installation = {
  name: 'test',
  regions: { primary: 'eu-central-1', secondary: 'eu-west-1' },
  buckets: { primary: 'test-copy-primary', secondary: 'test-copy-secondary' },
  maxLockDays: 400,
  maxSweepShare: 0.5,
};

/** A whole installation in memory: the services, and handles on what lies behind them. */
export interface MemoryServices {
  readonly services: Services;
  readonly clock: MovableClock;
  readonly ids: SequentialIds;
  readonly ledger: MemoryLedger;
  readonly copies: PerCopy<MemoryCopy>;
  readonly custody: MemoryCustody;
  readonly installationKeys: MemoryInstallationKeys;
  readonly signing: MemorySigning;
  readonly telemetry: MemoryTelemetry;
  readonly pipeline: MemoryPipeline;
  /** The source at a location, made when first asked for. */
  readonly sourceAt: (location: SourceLocation, vaultId?: string) => MemorySource;
  /** The target at a location, made when first asked for. */
  readonly targetAt: (location: SourceLocation) => MemoryTarget;
}

/** @param start - where the clock stands, default 2026-11-02T08:00:00Z. */
export function memoryServices(start?: Date): MemoryServices {
  const clock = new MovableClock(start);
  const ids = new SequentialIds(clock);
  const ledger = new MemoryLedger();
  const copies = {
    primary: new MemoryCopy('primary', clock),
    secondary: new MemoryCopy('secondary', clock),
  };
  const custody = new MemoryCustody(clock, TEST_INSTALLATION.regions);
  const installationKeys = new MemoryInstallationKeys(custody);
  const signing = new MemorySigning();
  const telemetry = new MemoryTelemetry();
  const pipeline = new MemoryPipeline();
  const sources = new Map<string, MemorySource>();
  const targets = new Map<string, MemoryTarget>();
  const sourceAt = (location: SourceLocation, vaultId = 'unregistered'): MemorySource =>
    getOrAdd(sources, addressOf(location), () => new MemorySource(clock, vaultId));
  const targetAt = (location: SourceLocation): MemoryTarget =>
    getOrAdd(targets, addressOf(location), () => new MemoryTarget());
  const services: Services = {
    clock,
    ids,
    pauses: memoryPauses(),
    ledger,
    copies,
    custody,
    destruction: custody,
    installationKeys,
    signing,
    pipeline,
    telemetry,
    openSource: (vault: Vault) => sourceAt(requireS3Source(vault), vault.vaultId),
    openS3Target: targetAt,
    installation: TEST_INSTALLATION,
  };
  return {
    services,
    clock,
    ids,
    ledger,
    copies,
    custody,
    installationKeys,
    signing,
    telemetry,
    pipeline,
    sourceAt,
    targetAt,
  };
}

/** Waits for other work and not for time; how long is drawn, and the same in each run. */
function memoryPauses(): Pauses {
  let drawn = 1;
  return {
    upTo: async (mostMs) => {
      // The generator of C's standard (ISO 9899, rand); only spread matters here.
      drawn = (drawn * 1_103_515_245 + 12_345) % 2 ** 31;
      for (let turns = mostMs * (drawn / 2 ** 31); turns > 0; turns -= 1) {
        await Promise.resolve();
      }
    },
  };
}

function addressOf({ region, bucket, prefix }: SourceLocation): string {
  return `${region}/${bucket}/${prefix}`;
}

function getOrAdd<Value>(map: Map<string, Value>, key: string, make: () => Value): Value {
  const value = map.get(key) ?? make();
  map.set(key, value);
  return value;
}
