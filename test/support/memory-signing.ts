import { generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import { HoldfastError } from '../../shared/domain/errors.ts';
import type { Signing } from '../../shared/ports/signing.ts';

/** A signing key in memory. `available` set to `false` plays a key service that is down. */
export class MemorySigning implements Signing {
  available = true;
  /** How often something was signed. */
  signed = 0;
  /** Keys that signed before. */
  retired: readonly string[] = [];
  readonly #key: KeyObject;
  readonly #publicKey: string;

  constructor() {
    const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    this.#key = privateKey;
    this.#publicKey = publicKey.export({ format: 'pem', type: 'spki' }).toString();
  }

  async sign(bytes: Uint8Array): Promise<Uint8Array> {
    this.#requireAvailable();
    this.signed += 1;
    return sign('sha256', bytes, { key: this.#key, dsaEncoding: 'ieee-p1363' });
  }

  async publicKey(): Promise<string> {
    this.#requireAvailable();
    return this.#publicKey;
  }

  retiredKeys(): readonly string[] {
    return this.retired;
  }

  #requireAvailable(): void {
    if (!this.available) {
      throw new HoldfastError('SIGNING_UNAVAILABLE', {});
    }
  }
}
