import { expect } from 'vitest';
import { exchangeServer } from '../../support/backends/exchange-server.ts';
import { answering, authzGateway, authzServer, ok } from '../../support/gateway/authz-gateway.ts';
import { tokenGateway } from '../../support/gateway/token-gateway.ts';
import { EXCHANGE_ENV, exchanged, notesBackend, notesWith } from '../../support/modules/notes-module.ts';
import { type Attack, scenario } from './attack.ts';

const exchangeRig = async () => {
  const server = await exchangeServer();
  const backend = await notesBackend();
  const env = { ...EXCHANGE_ENV, NOTES_API_ENDPOINTS: backend.url };
  return { server, backend, gateway: await tokenGateway([notesWith(exchanged(server.url))], env) };
};

const SUPPLIED = { EXT_AUTHZ_ANSWER_HEADERS: 'x-user-plan', EXT_AUTHZ_CLAIMS: 'plan=x-user-plan' };

/** Attacks on the authorities that the gateway acts for: the token exchange, and the authorisation service. */
export const authorities: readonly Attack[] = [
  scenario('next', 'confused deputy: a caller has no backend token of another caller, whoever asks first', async () => {
    const { server, gateway } = await exchangeRig();
    const read = async (token: string) => (await gateway.query('{ notes { reader } }', token)).data?.notes[0].reader;
    expect(await read('victim')).toBe('victim-for-notes');
    for (const token of ['mallory', 'victim.', 'victim.2']) expect(await read(token)).toBe(`${token}-for-notes`);
    expect(server.requests).toHaveLength(4);
  }),
  scenario('next', 'confused deputy: the gateway’s own authority is never used for an anonymous caller', async () => {
    const { server, backend, gateway } = await exchangeRig();
    await gateway.query('{ notes { id } }', 'victim');
    const forged = { 'x-forwarded-authorization': 'Bearer victim', cookie: 'token=victim' };
    expect((await gateway.query('{ notes { id } }', null, forged)).codes).toEqual(['UNAUTHENTICATED']);
    expect([server.requests.length, backend.received.length]).toEqual([1, 1]);
  }),
  scenario('next', 'confused deputy: a client cannot choose audience, resource or scope of the exchange', async () => {
    const { server, gateway } = await exchangeRig();
    await fetch(`${gateway.origin}/notes?audience=admin&scope=all`, {
      headers: { authorization: 'Bearer ann', 'x-audience': 'admin' },
    });
    const [parameters] = server.requests;
    expect([parameters?.getAll('audience'), parameters?.get('scope')]).toEqual([['notes'], null]);
  }),
  scenario('next', 'header smuggling: copies of the authorisation service’s headers reach no backend', async () => {
    const authz = await authzServer(ok);
    const gateway = await authzGateway(authz.url, { env: SUPPLIED });
    for (const name of ['x-user-plan', 'X-USER-PLAN', 'x_user_plan', 'x-user_plan', 'X_USER-PLAN']) {
      const { data } = await gateway.query('{ plan claim }', 'ann', { [name]: 'gold' });
      expect(data).toEqual({ plan: 'none', claim: 'none' });
    }
    expect(JSON.stringify([gateway.received, authz.checks])).not.toContain('gold');
  }),
  scenario(
    'next',
    'header smuggling: a client cannot describe another request to the authorisation service',
    async () => {
      const authz = await authzServer((response, { headers }) =>
        answering(headers['x-original-uri'] === '/public' || headers['x-original-method'] === 'HEAD' ? 204 : 403)(
          response,
        ),
      );
      const gateway = await authzGateway(authz.url);
      const forged = {
        'x-original-uri': '/public',
        'x-original-method': 'HEAD',
        'x-original-url': '/public',
        'x-http-method-override': 'HEAD',
      };
      expect((await gateway.query('{ whole }', 'ann', forged)).status).toBe(403);
    },
  ),
  scenario('next', 'header smuggling: an undeclared header of the authorisation service is dropped', async () => {
    const authz = await authzServer(answering(200, { authorization: 'Bearer admin', 'x-tenant': 'other' }));
    const gateway = await authzGateway(authz.url, { env: SUPPLIED });
    await gateway.query('{ plan }', 'ann', { 'x-tenant': 'mine' });
    expect(gateway.received[0]).toMatchObject({ 'x-tenant': 'mine' });
    expect(gateway.received[0]?.authorization).toBeUndefined();
  }),
];
