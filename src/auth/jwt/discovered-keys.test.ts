import { expect, onTestFinished, test } from 'vitest';
import { authenticate } from '../../../test/support/auth/authenticators.ts';
import { type DiscoveredIssuer, startDiscoveredIssuer } from '../../../test/support/auth/discovered-issuer.ts';
import { ISSUER } from '../../../test/support/auth/issuer.ts';
import { signingKey } from '../../../test/support/auth/signing.ts';
import { manualClock } from '../../../test/support/clock/manual-clock.ts';
import { tokenAuthenticator } from '../tokens/token-authenticator.ts';

const MINUTE = 60_000;
const METADATA = '/.well-known/openid-configuration';

const start = async (...metadata: Parameters<typeof startDiscoveredIssuer>[1][]) => {
  const clock = manualClock();
  const warnings: unknown[] = [];
  const all: DiscoveredIssuer[] = [];
  for (const one of metadata.length === 0 ? [undefined] : metadata)
    all.push(await startDiscoveredIssuer(clock.wallTime, one));
  const [first] = all;
  if (first === undefined) throw new Error('no issuer');
  const authenticator = tokenAuthenticator({
    issuers: all.map(({ settings }) => settings),
    clock,
    log: { warn: (message, fields) => void warnings.push([message, fields]) },
    wallTime: clock.wallTime,
  });
  onTestFinished(async () => {
    authenticator.close();
    for (const { issuer } of all) await issuer[Symbol.asyncDispose]();
  });
  const verify = async (token: string) => (await authenticate(authenticator, `Bearer ${token}`))?.is;
  return { clock, all, first, verify, warnings };
};

test('an issuer needs no jwks: its metadata and keys are fetched once for concurrent tokens', async () => {
  const { first, verify } = await start();
  const all = await Promise.all(Array.from({ length: 50 }, () => verify(first.token())));
  expect(new Set(all)).toEqual(new Set(['authenticated']));
  expect(first.issuer.requests).toEqual([METADATA, '/keys']);
});

test('a token of one discovered issuer is not verified with the keys of another', async () => {
  const { all, verify } = await start(undefined, undefined);
  const [one, two] = all;
  if (one === undefined || two === undefined) throw new Error('no issuers');
  expect(await verify(two.issuer.token({ iss: one.name }))).toBe('invalid');
  expect([await verify(one.token()), await verify(two.token())]).toEqual(['authenticated', 'authenticated']);
});

test('metadata are fetched again with the keys, and both outlive an outage', async () => {
  const { clock, first, verify, warnings } = await start();
  expect(await verify(first.token())).toBe('authenticated');
  clock.advance(10 * MINUTE);
  await first.issuer.arrived(4);
  expect(first.issuer.requests).toEqual([METADATA, '/keys', METADATA, '/keys']);
  expect(await verify(first.token({ sub: 'c2' }))).toBe('authenticated');
  first.issuer.answer = (response) => void response.writeHead(500).end();
  clock.advance(10 * MINUTE);
  await expect.poll(() => warnings.length, { timeout: 60_000 }).toBe(1);
  expect(await verify(first.token({ sub: 'c3' }))).toBe('authenticated');
});

test('unusable metadata are 503 and a warning with the issuer, and the keys in the token are ignored', async () => {
  const { first, verify, warnings } = await start((name) => ({ issuer: `${name}/other`, jwks_uri: `${name}/keys` }));
  const { jwk } = signingKey('evil');
  expect(await verify(first.issuer.token({ iss: first.name }, { jwk, jku: `${first.name}/keys` }))).toBe(
    'unverifiable',
  );
  expect(warnings).toEqual([
    [
      'Fetching the keys of an issuer failed.',
      { issuer: first.name, reason: 'the metadata are those of another issuer' },
    ],
  ]);
  expect(first.issuer.requests).toEqual([METADATA]);
});

test('a token of an issuer that is not configured causes no discovery', async () => {
  const { first, verify } = await start();
  expect(await verify(first.issuer.token({ iss: ISSUER }))).toBe('invalid');
  expect(first.issuer.requests).toEqual([]);
});
