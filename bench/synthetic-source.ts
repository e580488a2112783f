import { Readable } from 'node:stream';
import type { Source, SourceContent, SourceEntry } from '../shared/ports/source.ts';

/** Records to a folder and to a page of the listing, as S3 has them. */
const PER_FOLDER = 1000;
const MODIFIED = '2026-01-02T03:04:05.000Z';

/**
 * Records that are made up while they are listed and read: what is measured is the engine alone.
 */
export class SyntheticSource implements Source {
  readonly #records: number;
  readonly #bytes: number;

  constructor(records: number, bytesPerRecord: number) {
    this.#records = records;
    this.#bytes = bytesPerRecord;
  }

  async *list(): AsyncIterable<readonly SourceEntry[]> {
    for (let start = 0; start < this.#records; start += PER_FOLDER) {
      const length = Math.min(PER_FOLDER, this.#records - start);
      yield Array.from({ length }, (_, index) => this.#entry(start + index));
    }
  }

  #entry(index: number): SourceEntry {
    const folder = String(Math.floor(index / PER_FOLDER)).padStart(6, '0');
    const number = String(index).padStart(9, '0');
    const path = `client-${folder}/vouchers/2026/voucher-${number}.json`;
    const etag = `d41d8cd98f00b204e9800998${number}`;
    return { path, size: this.#bytes, etag, modified: MODIFIED };
  }

  async read({ path, size }: SourceEntry): Promise<SourceContent> {
    const bytes = Buffer.from(path.padEnd(size, ' ').slice(0, size));
    return {
      bytes,
      get body() {
        return Readable.from([bytes], { objectMode: false });
      },
      contentType: 'application/json',
      metadata: {},
      tags: {},
    };
  }
}
