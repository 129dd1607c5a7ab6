/** `node bench/api-keys.ts`: CPU of authenticating one request with an API key, by the number of keys and the outcome. */
import { apiKeyAuthenticator } from '../src/auth/api-keys/api-key-authenticator.ts';
import type { KeySet } from '../src/auth/api-keys/key-set.ts';
import { keyDigest, keyWith, newKey } from '../src/auth/api-keys/key-text.ts';
import { firstCredential } from '../src/auth/first-credential.ts';
import { principalKey } from '../src/request/principal.ts';
import { fixedKeys } from '../test/support/auth/api-keys.ts';
import type { CredentialCost } from './harness/credential-costs.ts';
import { reportCosts } from './report/credentials.ts';

const REQUESTS = 20_000;
const ROUNDS = 15;
const COUNTS = [1, 1_000, 100_000];

/** A flat copy, as a header is. */
const asReceived = (text: string): string => Buffer.from(text).toString('latin1');

const issued = Array.from({ length: Math.max(...COUNTS) }, newKey);

const keysOf = (count: number): KeySet =>
  fixedKeys(
    issued.slice(0, count).map(({ id, text }) => {
      const hash = keyDigest(text).toString('base64url');
      const common = { owner: 'team', scopes: ['a', 'b'], roles: ['r'], createdAt: '2026-01-01T00:00:00Z' };
      return { text, record: { id, hash, ...common } };
    }),
  );

/** Texts of requests, by outcome. */
const REQUESTED: Readonly<Record<string, (count: number, at: number) => string>> = {
  right: (count, at) => issued[at % count]?.text ?? '',
  'wrong secret': (count, at) => keyWith(issued[at % count]?.id ?? '', newKey().text.slice(17, 60)),
  'unknown id': () => newKey().text,
  malformed: (_count, at) => `${issued[at]?.text.slice(0, -1)}!`,
};

const { signal } = new AbortController();

const REQUEST = {
  method: 'POST',
  target: '/graphql',
  scheme: 'https',
  host: null,
  network: () => '192.0.2.1',
  certificate: undefined,
} as const;

/** CPU of one request in microseconds, from the headers to the key of the principal. */
const cpuOfOne = async (keys: KeySet, texts: readonly string[]): Promise<number> => {
  const authenticator = firstCredential([apiKeyAuthenticator({ keys })]);
  const before = process.cpuUsage();
  for (const text of texts) {
    const own = [text];
    const valuesOf = (header: string) => (header === 'x-api-key' ? own : undefined);
    const result = await authenticator.credentialOf({ ...REQUEST, valuesOf })?.verify(signal);
    if (result?.is === 'authenticated') principalKey(result.principal);
  }
  const { user, system } = process.cpuUsage(before);
  return (user + system) / texts.length;
};

const costs: CredentialCost[] = [];
for (const count of COUNTS) {
  const keys = keysOf(count);
  for (const [outcome, textOf] of Object.entries(REQUESTED)) {
    const texts = Array.from({ length: REQUESTS }, (_, at) => asReceived(textOf(count, at)));
    const cpuUsByRound: number[] = [];
    for (let round = 0; round < ROUNDS; round += 1) cpuUsByRound.push(await cpuOfOne(keys, texts));
    costs.push({ name: `API key, ${outcome}, of ${count.toLocaleString('en')}`, cpuUsByRound });
  }
}
reportCosts(costs);
