import type { TargetDelivery } from '../events/deliver-to-target.ts';
import { readBody, targetOperation } from '../gateway/json-protocol.ts';
import type { LocalAwsError, LocalRequest, LocalService } from '../gateway/service.ts';
import { type MessagingEngine, startMessagingEngine } from './fauxqs-engine.ts';

/** The engine knows one account only; templates must be synthesized for it to use SNS or SQS. */
const ENGINE_ACCOUNT = '000000000000';

/** Headers an answer keeps on its way from the engine to the client. */
const PASSED_HEADERS = ['content-type', 'x-amzn-requestid'];

/** SNS and SQS of all Regions: an engine per Region, started when first used. */
export class Messaging {
  readonly #dataDirectory: string;
  readonly #engines = new Map<string, Promise<MessagingEngine>>();

  constructor(dataDirectory: string, delivery: TargetDelivery) {
    this.#dataDirectory = dataDirectory;
    delivery.register('sqs', (arn, payload) => this.#sendMessage(arn, payload));
    delivery.register('sns', (arn, payload) => this.#publish(arn, payload));
  }

  /** The services behind the signing names `sns` and `sqs`. */
  services(): LocalService[] {
    return [
      {
        signingNames: ['sqs'],
        operationOf: (request) => targetOperation(request, ['AmazonSQS']),
        handle: (request, response) => this.#forward(request, response),
        fail(_request, response, error) {
          const body = JSON.stringify({ __type: error.code, message: error.message });
          response.writeHead(error.status, { 'content-type': 'application/x-amz-json-1.0' });
          response.end(body);
        },
      },
      {
        signingNames: ['sns'],
        // The operation is in the body, which belongs to the engine.
        operationOf: () => undefined,
        handle: (request, response) => this.#forward(request, response),
        fail(_request, response, error) {
          response.writeHead(error.status, { 'content-type': 'text/xml' });
          response.end(snsError(error));
        },
      },
    ];
  }

  /** Creates a queue, or gives the one of that name the attributes wanted now. */
  async createQueue(
    region: string,
    name: string,
    attributes: Readonly<Record<string, string>>,
    endpoint: string,
  ): Promise<{ readonly url: string; readonly arn: string }> {
    const QueueUrl = `http://localhost/${ENGINE_ACCOUNT}/${name}`;
    try {
      await this.#sqs(region, 'CreateQueue', { QueueName: name, Attributes: attributes });
    } catch (error) {
      if (!String(error).includes('QueueNameExists')) throw error;
      await this.#sqs(region, 'SetQueueAttributes', { QueueUrl, Attributes: attributes });
    }
    return {
      url: `${endpoint}/${ENGINE_ACCOUNT}/${name}`,
      arn: `arn:aws:sqs:${region}:${ENGINE_ACCOUNT}:${name}`,
    };
  }

  /** Creates a topic or finds the one of that name; gives its ARN. */
  async createTopic(region: string, name: string): Promise<string> {
    await this.#sns(region, { Action: 'CreateTopic', Name: name });
    return `arn:aws:sns:${region}:${ENGINE_ACCOUNT}:${name}`;
  }

  /** Subscribes a queue of the topic's own Region; once, however often it is called. */
  async subscribe(topicArn: string, queueArn: string): Promise<void> {
    await this.#sns(regionOf(topicArn), {
      Action: 'Subscribe',
      TopicArn: topicArn,
      Protocol: 'sqs',
      Endpoint: queueArn,
    });
  }

  async stop(): Promise<void> {
    const engines = await Promise.all(this.#engines.values());
    await Promise.all(engines.map((engine) => engine.close()));
  }

  #engine(region: string): Promise<MessagingEngine> {
    const engine = this.#engines.get(region) ?? startMessagingEngine(this.#dataDirectory, region);
    this.#engines.set(region, engine);
    return engine;
  }

  async #forward(
    request: LocalRequest,
    response: Parameters<LocalService['handle']>[1],
  ): Promise<void> {
    const headers: Record<string, string> = { host: request.host };
    for (const name of ['content-type', 'x-amz-target', 'authorization']) {
      const value = request.headers[name];
      if (typeof value === 'string') headers[name] = value;
    }
    const payload = (await readBody(request.body)).toString('utf8');
    const engine = await this.#engine(request.region);
    const answer = await engine.inject({ method: 'POST', url: '/', headers, payload });
    const passed = PASSED_HEADERS.flatMap((name) => {
      const value = answer.headers[name];
      return typeof value === 'string' ? [[name, value] as const] : [];
    });
    response.writeHead(answer.statusCode, Object.fromEntries(passed));
    response.end(answer.body);
  }

  async #sendMessage(arn: string, payload: string): Promise<void> {
    const queueUrl = `http://localhost/${ENGINE_ACCOUNT}/${arn.split(':')[5]}`;
    const input = { QueueUrl: queueUrl, MessageBody: payload };
    await this.#sqs(regionOf(arn), 'SendMessage', input);
  }

  async #publish(arn: string, payload: string): Promise<void> {
    await this.#sns(regionOf(arn), { Action: 'Publish', TopicArn: arn, Message: payload });
  }

  async #sqs(region: string, operation: string, input: object): Promise<void> {
    const headers = {
      'content-type': 'application/x-amz-json-1.0',
      'x-amz-target': `AmazonSQS.${operation}`,
    };
    await this.#call(region, headers, JSON.stringify(input));
  }

  async #sns(region: string, parameters: Record<string, string>): Promise<void> {
    const headers = { 'content-type': 'application/x-www-form-urlencoded' };
    await this.#call(region, headers, new URLSearchParams(parameters).toString());
  }

  async #call(region: string, headers: Record<string, string>, payload: string): Promise<void> {
    const engine = await this.#engine(region);
    const answer = await engine.inject({
      method: 'POST',
      url: '/',
      headers: { host: 'localhost', ...headers },
      payload,
    });
    if (answer.statusCode >= 300) {
      throw new Error(`messaging answered ${answer.statusCode}: ${answer.body}`);
    }
  }
}

function regionOf(arn: string): string {
  return arn.split(':')[3] ?? '';
}

function snsError(error: LocalAwsError): string {
  const text = error.message.replace(/[<&]/g, (sign) => (sign === '<' ? '&lt;' : '&amp;'));
  return `<ErrorResponse><Error><Type>Sender</Type><Code>${error.code}</Code><Message>${text}</Message></Error></ErrorResponse>`;
}
