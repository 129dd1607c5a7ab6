/** Headers of every REST call, for any caller. */
export const OWN_HEADERS: readonly string[] = [
  'accept',
  'accept-encoding',
  'connection',
  'host',
  'user-agent',
  'x-request-id',
  'x-envoy-attempt-count',
  'x-envoy-expected-rq-timeout-ms',
];
