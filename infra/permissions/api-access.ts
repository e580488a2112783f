/** Which routes of the admin API each kind of person may call. */
import { ROUTES, type RouteName } from '../../shared/admin-api/routes.ts';

const NAMES = Object.keys(ROUTES) as RouteName[];

/** Approving, and confirming what somebody else did, is the second person's part. */
const SECOND_PERSON: readonly RouteName[] = ['approveErasure', 'approvePolicy', 'confirmHandover'];

/**
 * Both may approve it: the API refuses whoever placed the hold or asked for its release, and of two
 * people one is the second to the other's hold.
 */
const RELEASE: readonly RouteName[] = ['approveRelease', 'approveClientRelease'];

/** What stops something and undoes nothing, or waits for yet another person. */
const HARMLESS: readonly RouteName[] = [
  'cancelErasure',
  'placeHold',
  'placeClientHold',
  'requestRelease',
  'requestClientRelease',
];

/** Does the daily work: everything but the second person's part. */
export const OPERATOR_ROUTES: readonly RouteName[] = NAMES.filter(
  (name) => !SECOND_PERSON.includes(name),
);

/** Looks at everything, decides on erasures and holds, and starts neither backups nor restores. */
export const SUPERVISOR_ROUTES: readonly RouteName[] = NAMES.filter(
  (name) =>
    ROUTES[name].method === 'GET' ||
    [SECOND_PERSON, RELEASE, HARMLESS].some((routes) => routes.includes(name)),
);

/** What whoever pushes a folder calls while doing so; the rest of the API takes no part in it. */
export const PUSHER_ROUTES: readonly RouteName[] = NAMES.filter(
  (name) => ROUTES[name].handler === 'admin-push',
);

/** What whoever restores to a folder calls: the question which objects to read, and the looking. */
export const READER_ROUTES: readonly RouteName[] = NAMES.filter(
  (name) => name === 'requestRestore' || ROUTES[name].method === 'GET',
);

/**
 * @param apiArn - `arn:…:execute-api:<region>:<account>:<api id>`.
 * @returns the ARNs of the routes, `*` in place of each id in the path.
 */
export function routeArns(routes: readonly RouteName[], apiArn: string): string[] {
  return routes.map((name) => {
    const { method, path } = ROUTES[name];
    return `${apiArn}/$default/${method}${path.replace(/\{[^}]+\}/g, '*')}`;
  });
}
