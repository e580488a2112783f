import { randomUUID } from 'node:crypto';
import type { LocalClock } from '../clock.ts';
import type { LocalService } from '../gateway/service.ts';
import { createJsonService } from '../json-service.ts';
import type { EventBus } from './event-bus.ts';

interface PutEventsEntry {
  readonly Source?: string;
  readonly DetailType?: string;
  readonly Detail?: string;
  readonly Resources?: readonly string[];
  readonly Time?: number;
}

/** EventBridge's `PutEvents` on the default bus of the caller's Region. */
export function createEventsService(bus: EventBus, clock: LocalClock): LocalService {
  return createJsonService({
    label: 'events',
    signingNames: ['events'],
    targetPrefix: 'AWSEvents',
    version: '1.1',
    operations: {
      async PutEvents(input, request) {
        const entries = (input.Entries ?? []) as readonly PutEventsEntry[];
        const results = [];
        for (const entry of entries) {
          const detail = parseDetail(entry.Detail);
          if (detail === undefined) {
            results.push({ ErrorCode: 'MalformedDetail', ErrorMessage: 'Detail is malformed.' });
            continue;
          }
          const id = randomUUID();
          const time = entry.Time === undefined ? clock.now() : new Date(entry.Time * 1000);
          await bus.put({
            version: '0',
            id,
            'detail-type': entry.DetailType ?? '',
            source: entry.Source ?? '',
            account: request.identity.accountId,
            time: time.toISOString(),
            region: request.region,
            resources: entry.Resources ?? [],
            detail,
          });
          results.push({ EventId: id });
        }
        const failed = results.filter((result) => 'ErrorCode' in result).length;
        return { FailedEntryCount: failed, Entries: results };
      },
    },
  });
}

function parseDetail(text: string | undefined): Record<string, unknown> | undefined {
  try {
    const detail: unknown = JSON.parse(text ?? '');
    return typeof detail === 'object' && detail !== null && !Array.isArray(detail)
      ? (detail as Record<string, unknown>)
      : undefined;
  } catch {
    return undefined;
  }
}
