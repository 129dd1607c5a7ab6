/** Headers of every REST call, whoever the caller is. */
export const OWN_HEADERS: readonly string[] = [
  'accept',
  'accept-encoding',
  'connection',
  'host',
  'user-agent',
  'x-request-id',
  'x-envoy-expected-rq-timeout-ms',
];
