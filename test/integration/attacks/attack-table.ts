import { apiKeys } from './api-keys.ts';
import type { Attack } from './attack.ts';
import { authorities } from './authorities.ts';
import { batches } from './batches.ts';
import { bodies } from './bodies.ts';
import { deniedAddresses } from './denied-addresses.ts';
import { deniedRequests } from './denied-requests.ts';
import { forgery } from './forgery.ts';
import { headers } from './headers.ts';
import { http2 } from './http2.ts';
import { ids } from './ids.ts';
import { meanings } from './meanings.ts';
import { proxyHeaders } from './proxy-headers.ts';
import { neverKept, scenarios } from './scenarios.ts';
import { sessionAttacks } from './session-attacks.ts';
import { sizes } from './sizes.ts';
import { tokens } from './tokens.ts';
import { transport } from './transport.ts';

const documents: readonly Attack[] = [...sizes, ...meanings];

const unkept = documents.flatMap(({ title, sent, back }) =>
  sent.as === 'document' && back.is === 'refused' && back.code.endsWith('_LIMIT')
    ? [neverKept(title, sent.query, back.code)]
    : [],
);

/** Every known attack with its answer. */
export const attackTable: readonly Attack[] = [
  ...transport,
  ...proxyHeaders,
  ...http2,
  ...bodies,
  ...batches,
  ...documents,
  ...unkept,
  ...ids,
  ...headers,
  ...apiKeys,
  ...scenarios,
  ...forgery,
  ...authorities,
  ...deniedAddresses,
  ...deniedRequests,
  ...sessionAttacks,
  ...tokens,
];
