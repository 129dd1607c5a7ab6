/** What every call over REST has, whoever asks. */
export const OWN_HEADERS: readonly string[] = [
  'accept',
  'accept-encoding',
  'connection',
  'host',
  'user-agent',
  'x-request-id',
  'x-envoy-expected-rq-timeout-ms',
];
