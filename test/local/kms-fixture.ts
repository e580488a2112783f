import { CreateKeyCommand, type CreateKeyCommandInput, KMSClient } from '@aws-sdk/client-kms';
import type { AwsEvent } from '../../local/events/event-bus.ts';
import { createKmsService, type KmsService } from '../../local/kms/kms-service.ts';
import { ACCOUNT_ID, OPERATOR, startTestGateway } from './gateway-fixture.ts';

export const DAY_MS = 86_400_000;

/** The embedded KMS behind a gateway, with the events it put and clients of several Regions. */
export async function startKms() {
  const events: AwsEvent[] = [];
  let kms: KmsService | undefined;
  const local = await startTestGateway((clock, dataDirectory) => {
    const bus = {
      put: async (event: AwsEvent) => {
        // A bus takes its time; who does not wait for it must be seen not to.
        await new Promise(setImmediate);
        events.push(event);
      },
    };
    kms = createKmsService({
      dataDirectory,
      clock,
      accountId: ACCOUNT_ID,
      partition: 'aws',
      events: bus,
    });
    return [kms];
  });
  const clients = new Map<string, KMSClient>();
  const client = (region = 'eu-central-1', credentials: typeof OPERATOR = OPERATOR): KMSClient => {
    const name = `${region} ${credentials.accessKeyId}`;
    const known = clients.get(name);
    if (known !== undefined) return known;
    const made = new KMSClient({ region, endpoint: local.endpoint, maxAttempts: 1, credentials });
    clients.set(name, made);
    return made;
  };
  return {
    ...local,
    events,
    kms: kms as KmsService,
    client,
    /** Makes a key; its ARN. */
    async createKey(input: CreateKeyCommandInput = {}, region?: string): Promise<string> {
      const { KeyMetadata } = await client(region).send(new CreateKeyCommand(input));
      return KeyMetadata?.Arn as string;
    },
    async advance(milliseconds: number): Promise<void> {
      await local.clock.moveTo(new Date(local.clock.now().getTime() + milliseconds));
    },
    async close(): Promise<void> {
      for (const made of clients.values()) made.destroy();
      await local.close();
    },
  };
}
