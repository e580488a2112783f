import type { Services } from '../../shared/ports/services.ts';

/**
 * @param requestId - of the invocation, as Lambda or API Gateway gives it.
 * @returns the same services, which know whose work they do; each is still made when it is needed.
 */
export function servicesFor(services: Services, requestId: string | undefined): Services {
  if (requestId === undefined) {
    return services;
  }
  const same = Object.getOwnPropertyDescriptors(services);
  const request = { value: { id: requestId }, enumerable: true };
  return Object.defineProperties({}, { ...same, request }) as Services;
}
