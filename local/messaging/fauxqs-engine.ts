import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { buildApp } from 'fauxqs';

/** SNS and SQS of one Region. */
export interface MessagingEngine {
  /** Passes one HTTP request through the engine, without a port of its own. */
  inject(request: {
    readonly method: 'POST';
    readonly url: string;
    readonly headers: Readonly<Record<string, string>>;
    readonly payload: string;
  }): Promise<{ statusCode: number; headers: Record<string, unknown>; body: string }>;
  close(): Promise<void>;
}

type Stores = NonNullable<NonNullable<Parameters<typeof buildApp>[0]>['stores']>;

interface Persistence {
  loadSqsAndSns(sqs: Stores['sqsStore'], sns: Stores['snsStore']): void;
  close(): void;
}

type Attachable = { persistence?: unknown };

/**
 * Starts fauxqs for one Region, with its state in `messaging/<region>/`.
 *
 * Its own `startFauxqs` is not used because it listens on all interfaces (fauxqs 2.4.1, app.js:
 * `listen({ host: '0.0.0.0' })`); here it has no port at all. The classes that store its state are
 * not among the package's exports, so they are loaded by file. Both can go when fauxqs takes a
 * listening address.
 */
export async function startMessagingEngine(
  dataDirectory: string,
  region: string,
): Promise<MessagingEngine> {
  const base = import.meta.resolve('fauxqs');
  const load = async (file: string) =>
    (await import(new URL(file, base).href)) as Record<string, new (path?: string) => unknown>;
  const make = async <T>(file: string, name: string, path?: string): Promise<T> => {
    const Constructor = (await load(file))[name];
    if (Constructor === undefined) throw new Error(`fauxqs has no ${name} in ${file}`);
    return new Constructor(path) as T;
  };
  const sqsStore = await make<Stores['sqsStore']>('./sqs/sqsStore.js', 'SqsStore');
  const snsStore = await make<Stores['snsStore']>('./sns/snsStore.js', 'SnsStore');
  const s3Store = await make<Stores['s3Store']>('./s3/s3Store.js', 'S3Store');
  const directory = join(dataDirectory, 'messaging', region);
  mkdirSync(directory, { recursive: true });
  const persistence = await make<Persistence>('./persistence.js', 'PersistenceManager', directory);
  persistence.loadSqsAndSns(sqsStore, snsStore);
  (sqsStore as Attachable).persistence = persistence;
  (snsStore as Attachable).persistence = persistence;
  for (const queue of sqsStore.allQueues()) {
    (queue as Attachable).persistence = persistence;
  }
  const app = buildApp({
    logger: false,
    defaultRegion: region,
    stores: { sqsStore, snsStore, s3Store },
  });
  return {
    async inject(request) {
      const answer = await app.inject({ ...request, headers: { ...request.headers } });
      return { statusCode: answer.statusCode, headers: answer.headers, body: answer.body };
    },
    async close() {
      await app.close();
      persistence.close();
    },
  };
}
