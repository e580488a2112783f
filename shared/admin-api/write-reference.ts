import { z } from 'zod';
import { FAULT_STATUS, OK_STATUS, UNEXPECTED_STATUS } from './fault-status.ts';
import { PAGE_LIMIT, ROUTE_INPUTS } from './route-inputs.ts';
import { ROUTES, type RouteName } from './routes.ts';

/** @returns `docs/admin-api.md`, written from the routes and schemas themselves. */
export function adminApiReference(): string {
  const rows = (Object.keys(ROUTES) as RouteName[]).map((name) => {
    const { method, path, handler } = ROUTES[name];
    const { body, query } = ROUTE_INPUTS[name];
    const fields = [...fieldsOf(body), ...fieldsOf(query).map((field) => `?${field}`)];
    const takes = fields.map((field) => `\`${field}\``).join(', ');
    return `| \`${name}\` | \`${method} ${path}\` | ${takes || '–'} | \`${handler}\` |`;
  });
  const statuses = Object.entries(FAULT_STATUS).map(([kind, status]) => `| ${status} | ${kind} |`);
  const { most, default: usual } = PAGE_LIMIT;
  return `${OPENING}
## Routes

Fields with \`*\` are required; a leading \`?\` marks a parameter of the query.

| name | route | takes | function |
|---|---|---|---|
${rows.join('\n')}

A body is the JSON object that \`shared/admin-api/messages.ts\` describes; unknown fields are
refused. Lists of clients and audit entries come in pages of \`limit\` (1 to ${most}, default
${usual}); \`next\` in the answer is the \`after\` of the next page, \`null\` on the last.
\`shared/admin-api/answers.ts\` has the shapes of all answers.

## Errors

| status | kind of failure |
|---|---|
${statuses.join('\n')}
| ${UNEXPECTED_STATUS} | unexpected |

The body is \`{"error", "message", "next", "requestId"}\`: a code of
\`shared/domain/fault-catalogue.ts\`, what happened, what to do about it, and the id under which the
function's log has the request. Errors that are not the caller's say nothing of what went wrong
inside. API Gateway's own refusals, such as a missing permission, have only \`{"message"}\`.
`;
}

function fieldsOf(schema: z.ZodType): string[] {
  if (!(schema instanceof z.ZodObject)) {
    return [];
  }
  return Object.entries(schema.shape as Record<string, z.ZodType>).map(
    ([name, field]) => `${name}${field.safeParse(undefined).success ? '' : '*'}`,
  );
}

const OPENING = `# The admin API

<!-- Written from the code by \`WRITE_DOCS=1 npx vitest run test/functions/reference.test.ts\`. -->

An HTTP API behind API Gateway. Every request is signed with AWS Signature Version 4 for the service
\`execute-api\`; IAM decides who may call which route, and the ARN of the caller is what the audit
chain records. A success is always a ${OK_STATUS} with one JSON object.
`;
