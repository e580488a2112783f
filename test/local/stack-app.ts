import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { LambdaClient } from '@aws-sdk/client-lambda';
import { type EmbeddedAws, startEmbeddedAws } from '../../local/embedded-aws.ts';
import { signHeaders } from './sign-request.ts';

/** A hand-written stack: its template and the code of its functions by asset hash. */
export interface TestStack {
  readonly name: string;
  readonly region?: string;
  readonly resources: Readonly<Record<string, object>>;
  readonly outputs?: Readonly<Record<string, object>>;
  /** Text of `index.mjs` by asset hash. */
  readonly code?: Readonly<Record<string, string>>;
}

export const ACCOUNT = '000000000000';
export const PRIMARY = 'eu-central-1';
export const SECONDARY = 'eu-west-1';

/** Writes the files `cdk synth` would write. */
export function writeAssembly(directory: string, stacks: readonly TestStack[]): void {
  mkdirSync(directory, { recursive: true });
  const write = (file: string, content: unknown): void =>
    writeFileSync(join(directory, file), JSON.stringify(content));
  const artifacts: Record<string, object> = {};
  for (const { name, region = PRIMARY, resources, outputs = {}, code = {} } of stacks) {
    const files: Record<string, object> = {};
    for (const [hash, text] of Object.entries(code)) {
      mkdirSync(join(directory, `asset.${hash}`), { recursive: true });
      writeFileSync(join(directory, `asset.${hash}`, 'index.mjs'), text);
      files[hash] = { source: { path: `asset.${hash}`, packaging: 'zip' } };
    }
    write(`${name}.assets.json`, { files });
    write(`${name}.template.json`, { Resources: resources, Outputs: outputs });
    artifacts[`${name}.assets`] = {
      type: 'cdk:asset-manifest',
      properties: { file: `${name}.assets.json` },
    };
    artifacts[name] = {
      type: 'aws:cloudformation:stack',
      environment: `aws://${ACCOUNT}/${region}`,
      dependencies: [`${name}.assets`],
      properties: { templateFile: `${name}.template.json`, stackName: name },
    };
  }
  write('manifest.json', { artifacts });
}

/** A function's declaration; its code is the asset of the same name. */
export function functionNamed(name: string, properties: object = {}): object {
  return {
    Type: 'AWS::Lambda::Function',
    Properties: {
      FunctionName: name,
      Runtime: 'nodejs24.x',
      Handler: 'index.handler',
      Role: `arn:aws:iam::${ACCOUNT}:role/${name}-role`,
      Code: { S3Bucket: 'assets', S3Key: `${name}.zip` },
      Timeout: 20,
      ...properties,
    },
  };
}

export function functionArn(name: string, region: string = PRIMARY): string {
  return `arn:aws:lambda:${region}:${ACCOUNT}:function:${name}`;
}

/** Looks every few milliseconds until a condition holds; the test's own time limit ends it. */
export async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await setTimeout(5);
}

/** A temporary folder with an assembly and a data directory that outlives restarts. */
export class TestApp {
  readonly root = mkdtempSync(join(tmpdir(), 'embedded-aws-'));
  readonly warnings: string[] = [];
  #aws: EmbeddedAws | undefined;

  constructor(stacks: readonly TestStack[]) {
    writeAssembly(join(this.root, 'cdk.out'), stacks);
  }

  get data(): string {
    return join(this.root, 'data');
  }

  get aws(): EmbeddedAws {
    if (this.#aws === undefined) throw new Error('the test app is not started');
    return this.#aws;
  }

  async start(options: { schedules?: boolean } = {}): Promise<EmbeddedAws> {
    this.#aws = await startEmbeddedAws({
      port: 0,
      dataDirectory: this.data,
      assembly: join(this.root, 'cdk.out'),
      schedules: false,
      warn: (message) => this.warnings.push(message),
      ...options,
    });
    return this.#aws;
  }

  async stop(): Promise<void> {
    await this.#aws?.stop();
    this.#aws = undefined;
  }

  async remove(): Promise<void> {
    await this.stop();
    rmSync(this.root, { recursive: true, force: true });
  }

  /** Settings of an SDK client that acts as one of the two people. */
  clientSettings(user: 'operator' | 'supervisor' = 'operator', region: string = PRIMARY) {
    return {
      endpoint: this.aws.endpoint,
      region,
      credentials: { accessKeyId: user, secretAccessKey: `${user}-secret` },
      systemClockOffset: this.aws.clock.offset(),
      maxAttempts: 1,
    };
  }

  lambda(): LambdaClient {
    return new LambdaClient(this.clientSettings());
  }

  /** Invokes a function directly and parses what it answered. */
  async invoke(name: string, event: unknown = {}): Promise<Record<string, unknown>> {
    const outcome = await this.aws.functions.invoke(functionArn(name), JSON.stringify(event));
    return JSON.parse(outcome.payload) as Record<string, unknown>;
  }

  /** Bodies of the messages waiting in a queue, by SQS's own wire protocol. */
  async receiveBodies(queueName: string): Promise<string[]> {
    const QueueUrl = `${this.aws.endpoint}/${ACCOUNT}/${queueName}`;
    const body = JSON.stringify({ QueueUrl, MaxNumberOfMessages: 10 });
    const headers = signHeaders({
      accessKeyId: 'operator',
      secretAccessKey: 'operator-secret',
      service: 'sqs',
      method: 'POST',
      host: new URL(this.aws.endpoint).host,
      path: '/',
      body,
      date: this.aws.clock.now(),
    });
    const answer = await fetch(this.aws.endpoint, {
      method: 'POST',
      body,
      headers: {
        ...headers,
        'content-type': 'application/x-amz-json-1.0',
        'x-amz-target': 'AmazonSQS.ReceiveMessage',
      },
    });
    const { Messages = [] } = (await answer.json()) as { Messages?: { Body: string }[] };
    return Messages.map(({ Body }) => Body);
  }

  async control(method: 'GET' | 'POST', path: string, body?: string): Promise<unknown> {
    const answer = await fetch(`${this.aws.endpoint}${path}`, {
      method,
      ...(body === undefined ? {} : { body }),
    });
    return await answer.json();
  }
}
