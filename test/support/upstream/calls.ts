import type { Call, RestMessage } from '../../../src/upstream/call.ts';

export { endpointAt as endpoint } from '../../../src/upstream/endpoints/endpoint.ts';

/** A read of `/things/1` without an endpoint, with a deadline in ten seconds. */
export const restCall = (changes: Partial<Call> = {}, message: Partial<RestMessage> = {}): Call => ({
  upstream: 'shop.things',
  route: 'GET /things/{id}',
  idempotent: true,
  principalKey: 'anonymous',
  request: null,
  headers: {},
  message: { protocol: 'rest', method: 'GET', target: '/things/1', body: null, ...message },
  deadline: 10_000,
  signal: new AbortController().signal,
  attempt: 1,
  endpoint: null,
  ...changes,
});

export const answer = (value: unknown = undefined) => ({ status: 200, headers: {}, size: 0, value });
