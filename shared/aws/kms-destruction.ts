import {
  CancelKeyDeletionCommand,
  DisableKeyCommand,
  EnableKeyCommand,
  type KMS,
  ScheduleKeyDeletionCommand,
} from '@aws-sdk/client-kms';
import type { KeyDestruction, KeyState } from '../ports/key-custody.ts';
import { keyFault, ownerOf } from './kms-faults.ts';
import { describeKeyState, regionOfKey } from './kms-key-state.ts';

/**
 * Makes KMS keys unusable and destroys them. Each step is simply tried; when KMS refuses, the key's
 * state tells whether the step is done already.
 */
export class KmsDestruction implements KeyDestruction {
  readonly #clientOf: (region: string) => KMS;

  constructor(options: { clientOf: (region: string) => KMS }) {
    this.#clientOf = options.clientOf;
  }

  async disable(keyArn: string): Promise<void> {
    await this.#unlessIn(['Disabled', 'PendingDeletion'], keyArn, (client) =>
      client.send(new DisableKeyCommand({ KeyId: keyArn })),
    );
  }

  async enable(keyArn: string): Promise<void> {
    await this.#unlessIn(['Enabled'], keyArn, (client) =>
      client.send(new EnableKeyCommand({ KeyId: keyArn })),
    );
  }

  async scheduleDeletion(keyArn: string, windowDays: number): Promise<Date> {
    const present = await this.state(keyArn);
    if (present.deletionDate !== null) {
      return present.deletionDate;
    }
    const answer = await this.#unlessIn(['PendingDeletion'], keyArn, (client) =>
      client.send(
        new ScheduleKeyDeletionCommand({ KeyId: keyArn, PendingWindowInDays: windowDays }),
      ),
    );
    const date = answer?.DeletionDate ?? (await this.state(keyArn)).deletionDate;
    if (date === null) {
      throw new Error('KMS schedules a deletion without a date.');
    }
    return date;
  }

  async cancelDeletion(keyArn: string): Promise<void> {
    await this.#unlessIn(['Enabled', 'Disabled'], keyArn, (client) =>
      client.send(new CancelKeyDeletionCommand({ KeyId: keyArn })),
    );
  }

  /** KMS deletes its keys itself, and its `DeleteKey` event is waited for. */
  async destroyDue(): Promise<boolean> {
    return false;
  }

  state(keyArn: string): Promise<KeyState> {
    return describeKeyState(this.#clientOf(regionOfKey(keyArn)), keyArn);
  }

  /** Takes a step; a refusal is fine when the key is in one of the `done` states. */
  async #unlessIn<Answer>(
    done: readonly KeyState['state'][],
    keyArn: string,
    step: (client: KMS) => Promise<Answer>,
  ): Promise<Answer | undefined> {
    try {
      return await step(this.#clientOf(regionOfKey(keyArn)));
    } catch (error) {
      const fault = keyFault(ownerOf(keyArn), error);
      if (fault.code === 'KEYS_UNUSABLE' && done.includes((await this.state(keyArn)).state)) {
        return undefined;
      }
      throw fault;
    }
  }
}
