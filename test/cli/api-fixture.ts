import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A request as the fixture saw it. */
export interface SeenRequest {
  readonly method: string;
  readonly url: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

/** What it is answered with; `drop` closes the connection without an answer. */
export type PlannedAnswer =
  | { readonly status: number; readonly body: unknown }
  | { readonly status: number; readonly text: string }
  | 'drop';

/** A stand-in for the admin API on a loopback port. */
export interface ApiFixture extends AsyncDisposable {
  readonly url: string;
  readonly seen: SeenRequest[];
}

/** Answers requests with `answers` in turn; the last one repeats. */
export async function apiFixture(...answers: PlannedAnswer[]): Promise<ApiFixture> {
  const seen: SeenRequest[] = [];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const { method = '', url = '', headers } = request;
      const answer = answers[Math.min(seen.length, answers.length - 1)] ?? 'drop';
      seen.push({ method, url, headers, body: Buffer.concat(chunks).toString() });
      if (answer === 'drop') {
        request.socket.destroy();
        return;
      }
      const body = 'text' in answer ? answer.text : JSON.stringify(answer.body);
      response.writeHead(answer.status, { 'content-type': 'application/json' }).end(body);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}/_api/abc`,
    seen,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
