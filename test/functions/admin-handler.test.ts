import { describe, expect, test } from 'vitest';
import { adminHandler } from '../../functions/http/admin-handler.ts';
import { FAULT_STATUS } from '../../shared/admin-api/fault-status.ts';
import { HoldfastError } from '../../shared/domain/errors.ts';
import { FAULTS, type FaultCode } from '../../shared/domain/fault-catalogue.ts';
import { memoryServices } from '../support/memory-services.ts';
import { httpRequest, OPERATOR, opened } from './http-fixture.ts';

const CLIENT = '01KB1T7Q8ZJ4Y6V3N5M2X9W0RC';
const SECRET_NAME = '莲花贸易有限公司';
const BODY = { name: SECRET_NAME, reference: 'C-1042' };

/** A function whose routes echo what reaches them, or throw. */
function setup(thrown?: unknown) {
  const { services, telemetry } = memoryServices();
  const seen: unknown[] = [];
  const answer = async (request: unknown) => {
    seen.push(request);
    if (thrown !== undefined) {
      throw thrown;
    }
    return { answered: true } as never;
  };
  const handle = adminHandler('admin-register', services, () => ({
    addClient: answer,
    addVault: answer,
    moveVault: answer,
  }));
  return { handle, seen, telemetry };
}

describe('a request that passes every check', () => {
  test('reaches its route with caller, ids and the checked body', async () => {
    const { handle, seen } = setup();
    const source = { kind: 's3' as const, bucket: 'firm-records', prefix: 'a/' };
    const body = { recordClass: 'books', policyId: 'consent-only', source };
    const request = httpRequest('addVault', { params: { clientId: CLIENT }, body });
    const response = await handle(request);
    expect(opened(response)).toEqual({ status: 200, body: { answered: true } });
    expect(seen).toEqual([{ actor: OPERATOR, params: { clientId: CLIENT }, query: {}, body }]);
  });

  test('may have its body in base64, as API Gateway sends what it takes for binary', async () => {
    const { handle, seen } = setup();
    const body = Buffer.from(JSON.stringify(BODY)).toString('base64');
    await handle({ ...httpRequest('addClient'), body, isBase64Encoded: true });
    expect(seen).toMatchObject([{ body: BODY }]);
  });
});

describe('a request that does not', () => {
  const refused = async (request: Parameters<ReturnType<typeof setup>['handle']>[0]) => {
    const { handle, seen } = setup();
    const answer = opened(await handle(request));
    expect(seen).toEqual([]);
    return answer;
  };

  test.each([null, ''])('is refused when its caller is not known (%j)', async (actor) => {
    const answer = await refused(httpRequest('addClient', { body: BODY, actor }));
    expect(answer).toMatchObject({ status: 403, body: { error: 'NOT_AUTHENTICATED' } });
  });

  test('is refused when its body is not JSON, without quoting it', async () => {
    const answer = await refused({ ...httpRequest('addClient'), body: `{"name": ${SECRET_NAME}` });
    expect(answer).toMatchObject({ status: 400, body: { error: 'INPUT_INVALID' } });
    expect(JSON.stringify(answer)).not.toContain(SECRET_NAME);
  });

  test('is refused when its body is larger than any valid one', async () => {
    const body = JSON.stringify({ ...BODY, name: 'x'.repeat(512 * 1024) });
    const answer = await refused({ ...httpRequest('addClient'), body });
    expect(answer.status).toBe(400);
    expect(answer.body.message).toContain('at most 524288 bytes');
  });

  test('is told which fields are wrong and what they must be, never what they were', async () => {
    const body = { name: SECRET_NAME.repeat(40), referense: SECRET_NAME };
    const { status, body: answer } = await refused(httpRequest('addClient', { body }));
    expect(status).toBe(400);
    expect(answer.message).toContain('name must be at most 200 characters');
    expect(answer.message).toContain('reference must be given');
    expect(answer.message).toContain('unknown fields: referense');
    expect(JSON.stringify(answer)).not.toContain(SECRET_NAME);
  });

  test('is told the path of a field inside another', async () => {
    const source = { kind: 's3' as const, bucket: 'firm-records', prefix: 'no-slash' };
    const body = { recordClass: 'Books', policyId: 'p', source };
    const params = { clientId: CLIENT };
    const { body: answer } = await refused(httpRequest('addVault', { params, body }));
    expect(answer.message).toContain('source.prefix must be empty or end in "/"');
    expect(answer.message).toContain('recordClass must be lower-case');
  });

  test('is refused when an id in its path is not an id', async () => {
    const answer = await refused(httpRequest('addVault', { params: { clientId: '../1' } }));
    expect(answer).toMatchObject({ status: 400, body: { error: 'ID_INVALID' } });
  });

  test('is refused when it has a query parameter that the route does not know', async () => {
    const request = httpRequest('addClient', { body: BODY, query: { force: 'yes' } });
    const answer = await refused(request);
    expect(answer.body.message).toContain('unknown fields: force');
  });
});

describe('an error', () => {
  const everyFault = Object.keys(FAULTS) as FaultCode[];

  test.each(everyFault)(
    '%s is answered with the status of its kind and its next step',
    async (code) => {
      const { kind, next } = FAULTS[code];
      const { handle } = setup(new HoldfastError(code, {} as never));
      const { status, body } = opened(await handle(httpRequest('addClient', { body: BODY })));
      expect(status).toBe(FAULT_STATUS[kind]);
      expect(body).toMatchObject({ error: code, next, requestId: 'request-1' });
    },
  );

  test('of a service behind Holdfast is answered without what went wrong inside', async () => {
    const { handle } = setup(new HoldfastError('LEDGER_UNAVAILABLE', { operation: 'query' }));
    const { status, body } = opened(await handle(httpRequest('addClient', { body: BODY })));
    expect(status).toBe(503);
    expect(body.message).toBe('A service that Holdfast relies on did not answer.');
  });

  test('nobody foresaw is answered with the request id and nothing of the error', async () => {
    const { handle } = setup(new TypeError(`cannot read ${SECRET_NAME}`));
    const response = await handle(httpRequest('addClient', { body: BODY }));
    const { status, body } = opened(response);
    expect(status).toBe(500);
    expect(body).toMatchObject({ error: 'UNEXPECTED', requestId: 'request-1' });
    expect(response.body).not.toContain(SECRET_NAME);
    expect(response.body).not.toContain('TypeError');
  });

  test('a route of another function is answered as one nobody foresaw', async () => {
    const { handle, seen } = setup();
    expect(opened(await handle(httpRequest('listPolicies'))).status).toBe(500);
    expect(seen).toEqual([]);
  });
});

test('no answer may be stored by anyone between', async () => {
  const fine = await setup().handle(httpRequest('addClient', { body: BODY }));
  const failed = await setup(new Error('x')).handle(httpRequest('addClient', { body: BODY }));
  for (const { headers } of [fine, failed]) {
    expect(headers).toMatchObject({ 'cache-control': 'no-store' });
  }
});

describe('the log', () => {
  test('has route, request id and status of an answer, and nothing of the request', async () => {
    const { handle, telemetry } = setup();
    await handle(httpRequest('addClient', { body: BODY }));
    expect(telemetry.events).toEqual([
      {
        name: 'request.answered',
        fields: { route: 'POST /clients', requestId: 'request-1', status: 200 },
      },
    ]);
  });

  test('has class and place of an error nobody foresaw, but not its message', async () => {
    const { handle, telemetry } = setup(new TypeError(`cannot read ${SECRET_NAME}\n at x:1:1`));
    await handle(httpRequest('addClient', { body: BODY }));
    const [fields] = telemetry.eventsNamed('request.answered');
    expect(fields).toMatchObject({ status: 500, code: 'TypeError' });
    expect(fields?.place).toContain('admin-handler.test.ts');
    expect(JSON.stringify(telemetry.events)).not.toContain(SECRET_NAME);
  });
});
