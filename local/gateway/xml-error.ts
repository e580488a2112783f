import type { ServerResponse } from 'node:http';
import type { LocalAwsError } from './service.ts';

/** Writes an error in the XML form S3 uses, for requests no service could be found for. */
export function writeXmlError(response: ServerResponse, error: LocalAwsError, id: string): void {
  const fields = { Code: error.code, Message: error.message, ...error.fields, RequestId: id };
  const elements = Object.entries(fields).map(
    ([name, value]) => `<${name}>${escapeXml(value)}</${name}>`,
  );
  const body = `<?xml version="1.0" encoding="UTF-8"?>\n<Error>${elements.join('')}</Error>`;
  response.writeHead(error.status, {
    'content-type': 'application/xml',
    'content-length': Buffer.byteLength(body),
  });
  response.end(body);
}

function escapeXml(text: string): string {
  return text.replace(/[<>&'"]/g, (sign) => `&#${sign.charCodeAt(0)};`);
}
