import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { apiKeys } from './attacks/api-keys.ts';
import type { Attack } from './attacks/attack.ts';
import { authorities } from './attacks/authorities.ts';
import { bodies } from './attacks/bodies.ts';
import { deniedAddresses } from './attacks/denied-addresses.ts';
import { forgery } from './attacks/forgery.ts';
import { headers } from './attacks/headers.ts';
import { http2 } from './attacks/http2.ts';
import { ids } from './attacks/ids.ts';
import { meanings } from './attacks/meanings.ts';
import { play } from './attacks/play.ts';
import { proxyHeaders } from './attacks/proxy-headers.ts';
import { type Rig, startRig } from './attacks/rig.ts';
import { neverKept, scenarios } from './attacks/scenarios.ts';
import { sessionAttacks } from './attacks/session-attacks.ts';
import { sizes } from './attacks/sizes.ts';
import { tokens } from './attacks/tokens.ts';
import { transport } from './attacks/transport.ts';

const documents: readonly Attack[] = [...sizes, ...meanings];

const unkept = documents.flatMap(({ title, sent, back }) =>
  sent.as === 'document' && back.is === 'refused' && back.code.endsWith('_LIMIT')
    ? [neverKept(title, sent.query, back.code)]
    : [],
);

const attacks: readonly Attack[] = [
  ...transport,
  ...proxyHeaders,
  ...http2,
  ...bodies,
  ...documents,
  ...unkept,
  ...ids,
  ...headers,
  ...apiKeys,
  ...scenarios,
  ...forgery,
  ...authorities,
  ...deniedAddresses,
  ...sessionAttacks,
  ...tokens,
];

/** Numbers of the catalogue of known attacks that this test covers: HTTP envelope, documents, tokens, and calls to backends. */
const ENVELOPE = Array.from({ length: 26 }, (_, n) => n + 1);
const DOCUMENT = Array.from({ length: 26 }, (_, n) => n + 27);
const TOKENS = Array.from({ length: 12 }, (_, n) => n + 53);
const TO_A_BACKEND = [69, 70, 71, 72, 73, 74, 75, 79, 85, 88];

describe.each([
  ['direct edge', true],
  ['long way', false],
])('attacks on one gateway: %s', (_way, isDirect) => {
  let rig: Rig;
  beforeAll(async () => {
    rig = await startRig(isDirect);
  });
  afterAll(async () => {
    await rig[Symbol.asyncDispose]();
  });

  test.each(attacks)(
    '$number: $title',
    async (attack) => {
      await play(rig, attack);
    },
    180_000,
  );

  test('no attack causes an unexpected error, and the gateway still answers', async () => {
    expect(rig.errors).toEqual([]);
    const answer = await fetch(`${rig.origin}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: '{"query":"{ hello }"}',
    });
    expect(await answer.json()).toEqual({ data: { hello: 'world' } });
  });
});

describe('the table of attacks', () => {
  const numbers = new Set(attacks.map(({ number }) => number));

  test('has a row for every number of the catalogue', () => {
    expect([...ENVELOPE, ...DOCUMENT, ...TOKENS, ...TO_A_BACKEND].filter((number) => !numbers.has(number))).toEqual([]);
  });

  test('has no two rows with the same name', () => {
    const names = attacks.map(({ number, title }) => `${number}: ${title}`);
    expect(names.filter((name, at) => names.indexOf(name) !== at)).toEqual([]);
  });
});
