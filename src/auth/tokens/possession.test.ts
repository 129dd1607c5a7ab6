import { expect, test } from 'vitest';
import { dpopRig } from '../../../test/support/auth/dpop-rig.ts';

test('a bound token as a bearer token is refused, with or without a proof (downgrade)', async () => {
  const { client, token, send } = await dpopRig();
  const challenge = await send(`Bearer ${token}`, undefined);
  expect(challenge).toContain(
    'DPoP error="invalid_token", error_description="Invalid token: bound to a key, and must be sent with DPoP.", algs="',
  );
  expect(await send(`Bearer ${token}`, [client.proof(token)])).toBe(challenge);
});

test('a token that is bound to no key is refused with DPoP, and valid as Bearer, whatever proof comes with it', async () => {
  const { client, issuer, send } = await dpopRig();
  const token = issuer.token();
  expect(await send(`DPoP ${token}`, [client.proof(token)])).toContain(
    'not bound to a key, and must be sent as Bearer',
  );
  expect(await send(`Bearer ${token}`, ['garbage'])).toBe('c1');
});

test('a token that is bound to a client certificate is valid over its connection only', async () => {
  const { issuer, send } = await dpopRig();
  const fingerprint = 'ab'.repeat(32);
  const token = issuer.token({ cnf: { 'x5t#S256': Buffer.from(fingerprint, 'hex').toString('base64url') } });
  const certificate = { subject: 'CN=a', issuer: 'CN=ca', fingerprint, names: [], validTo: Number.MAX_VALUE };
  expect(await send(`Bearer ${token}`, undefined, { certificate })).toBe('c1');
  const other = { ...certificate, fingerprint: 'cd'.repeat(32) };
  for (const more of [{}, { certificate: other }])
    expect(await send(`Bearer ${token}`, undefined, more)).toContain('bound to another client certificate');
});

test('a token that is bound to a certificate and a key needs both', async () => {
  const { client, issuer, send } = await dpopRig();
  const fingerprint = 'ab'.repeat(32);
  const x5t = Buffer.from(fingerprint, 'hex').toString('base64url');
  const token = issuer.token({ cnf: { jkt: client.jkt, 'x5t#S256': x5t } });
  const certificate = { subject: 'CN=a', issuer: 'CN=ca', fingerprint, names: [], validTo: Number.MAX_VALUE };
  expect(await send(`DPoP ${token}`, [client.proof(token)], { certificate })).toBe('c1');
  expect(await send(`DPoP ${token}`, [client.proof(token)])).toContain('bound to another client certificate');
  expect(await send(`Bearer ${token}`, undefined, { certificate })).toContain('must be sent with DPoP');
});

test.each([{ kid: 'k' }, {}, 'text', null, { jkt: 1 }, { jkt: 'short' }, { jkt: 'A'.repeat(43), jwk: {} }])(
  'a token with the confirmation %j is refused',
  async (cnf) => {
    const { client, issuer, send } = await dpopRig();
    const token = issuer.token({ cnf });
    expect(await send(`Bearer ${token}`, undefined)).toContain('invalid_token');
    expect(await send(`DPoP ${token}`, [client.proof(token)])).toContain('invalid_token');
  },
);
