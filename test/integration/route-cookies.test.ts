import { afterAll, beforeAll, expect, test } from 'vitest';
import { type RoutedGateway, routedGateway } from '../support/gateway/routed-gateway.ts';
import { filesModule } from '../support/modules/files-module.ts';

let gateway: RoutedGateway;
let cookies: readonly string[] = [];

beforeAll(async () => {
  gateway = await routedGateway(
    [filesModule],
    (_request, response) => void response.writeHead(200, { 'set-cookie': [...cookies] }).end('ok'),
  );
});
afterAll(() => gateway[Symbol.asyncDispose]());

const SESSION = '__Host-tributary-session=planted; Path=/; Secure';

/** The cookies that a client receives if the backend of a route with `allow: ['set-cookie']` sets these. */
const received = async (sent: readonly string[], init: RequestInit = {}): Promise<readonly string[]> => {
  cookies = sent;
  const response = await fetch(`${gateway.origin}/ruled`, init);
  expect(response.status).toBe(200);
  return response.headers.getSetCookie();
};

test.each([
  ['the session cookie', [SESSION]],
  ['the login cookie', ['__Host-tributary-login=planted; Path=/; Secure']],
  ['the session cookie twice', [SESSION, SESSION]],
  ['both cookies of the gateway', [SESSION, '__Host-tributary-login=planted; Path=/; Secure']],
  ['a session cookie with blanks before its name', [` \t${SESSION}`]],
  ['a session cookie with blanks after its name', ['__Host-tributary-session \t=planted; Path=/; Secure']],
  ['a session cookie without a value', ['__Host-tributary-session; Path=/; Secure']],
  // RFC 6265bis, 5.8.3: a cookie without a name is sent back as its value, `__Host-tributary-session=planted`.
  ['a nameless cookie with the session cookie as its value', [`=${SESSION}`]],
  ['a nameless cookie with blanks in front of its value', [` = ${SESSION}`]],
  ['a cookie with two equals signs before the name', [`==${SESSION}`]],
])('a backend that sets %s reaches no browser', async (_what, sent) => {
  expect(await received(sent)).toEqual([]);
  expect(await received(sent, { headers: { authorization: 'Bearer eve' } })).toEqual([]);
  expect(await received([...sent, 'a=b; Path=/'])).toEqual(['a=b; Path=/']);
});

test('cookies of a backend pass as separate headers, those with similar names included', async () => {
  const sent = ['a=1', 'b=2; Expires=Wed, 21 Oct 2026 07:28:00 GMT', 'x-__Host-tributary-session=3'];
  expect(await received(sent)).toEqual(sent);
});
