import { generateKeyPairSync } from 'node:crypto';
import { expect, onTestFinished, test } from 'vitest';
import { AUDIENCE } from '../support/auth/issuer.ts';
import { startOpaqueProvider } from '../support/auth/opaque-provider.ts';
import { tokenGateway } from '../support/gateway/token-gateway.ts';
import { exchanged, notesBackend, notesWith } from '../support/modules/notes-module.ts';

const { publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });

/** A gateway with this audience of its exchanges, in front of a real authorization server. */
const rigFor = async (audience: string) => {
  const provider = await startOpaqueProvider(publicKey.export({ format: 'jwk' }));
  onTestFinished(() => provider[Symbol.asyncDispose]());
  const backend = await notesBackend();
  const auth = exchanged(`${provider.issuer}/token`, { clientId: 'gateway', audience: [audience] });
  const env = { EXCHANGE_SECRET: provider.secret, NOTES_API_ENDPOINTS: backend.url };
  const gateway = await tokenGateway([notesWith(auth)], env);
  return { provider, backend, gateway };
};

test('a real authorization server exchanges the token of each user once, for the audience of the backend', async () => {
  const { provider, backend, gateway } = await rigFor('notes');
  const tokens = [await provider.userToken('ann'), await provider.userToken('bob')];
  for (let times = 0; times < 3; times += 1)
    for (const token of tokens) expect((await gateway.query('{ notes { reader } }', token)).codes).toEqual([]);
  expect(provider.exchanges()).toBe(2);
  const received = await Promise.all([...new Set(backend.received)].map((token) => provider.introspect(token)));
  expect(received).toMatchObject([
    { active: true, sub: 'ann', aud: 'notes', client_id: 'gateway' },
    { active: true, sub: 'bob', aud: 'notes', client_id: 'gateway' },
  ]);
  for (const token of tokens) {
    expect(backend.received).not.toContain(token);
    expect(await provider.introspect(token)).toMatchObject({ active: true, aud: AUDIENCE });
  }
});

test('a token that a real authorization server has revoked, or does not exchange, reaches no backend', async () => {
  const { provider, backend, gateway } = await rigFor('notes');
  const revoked = await provider.userToken('ann');
  await provider.revoke(revoked);
  expect((await gateway.query('{ notes { reader } }', revoked)).codes).toHaveLength(1);
  const other = await rigFor('payments');
  const token = await other.provider.userToken('ann');
  expect((await other.gateway.query('{ notes { reader } }', token)).codes).toHaveLength(1);
  expect([backend.received, other.backend.received, provider.exchanges(), other.provider.exchanges()]).toEqual([
    [],
    [],
    0,
    0,
  ]);
});
