import type { ServerResponse } from 'node:http';
import type { LocalAwsError, LocalRequest } from '../gateway/service.ts';
import { writeXml, type XmlValue } from './xml.ts';

/** Sends an XML document with status 200. */
export function sendXml(response: ServerResponse, root: string, value: XmlValue): void {
  sendText(response, writeXml(root, value), 'application/xml');
}

/** Sends a document as it was stored. */
export function sendText(response: ServerResponse, text: string, contentType: string): void {
  const body = Buffer.from(text);
  response.writeHead(200, { 'content-type': contentType, 'content-length': body.length });
  response.end(body);
}

/** Sends a status without a body; 200 states a length of zero, 204 none at all. */
export function sendEmpty(response: ServerResponse, status: 200 | 204): void {
  response.writeHead(status, status === 200 ? { 'content-length': 0 } : {});
  response.end();
}

/** Sends S3's error document, without a body where HTTP allows none. */
export function sendError(
  request: LocalRequest,
  response: ServerResponse,
  error: LocalAwsError,
): void {
  if (response.headersSent) {
    response.destroy();
    return;
  }
  response.removeHeader('content-length');
  response.removeHeader('content-encoding');
  response.setHeader('x-amz-request-id', request.id);
  if (request.method === 'HEAD' || error.status === 304) {
    response.writeHead(error.status);
    response.end();
    return;
  }
  const document = writeXml(
    'Error',
    {
      Code: error.code,
      Message: error.message,
      ...error.fields,
      Resource: request.rawPath,
      RequestId: request.id,
      HostId: 'local',
    },
    false,
  );
  const body = Buffer.from(document);
  response.writeHead(error.status, {
    'content-type': 'application/xml',
    'content-length': body.length,
  });
  response.end(body);
}

/** `"<md5>"`, the quoted form of headers and XML. */
export function quoted(etag: string): string {
  return `"${etag}"`;
}

/** XML's form of a time: ISO 8601 with milliseconds. */
export function isoTime(milliseconds: number): string {
  return new Date(milliseconds).toISOString();
}

/** HTTP's form of a time: whole seconds. */
export function httpTime(milliseconds: number): string {
  return new Date(milliseconds).toUTCString();
}
