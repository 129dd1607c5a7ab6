import { expect, onTestFinished, test } from 'vitest';
import { type RunningMock, startMock } from '../../services-mock/start.ts';
import { openAuthentication } from '../../src/app/identity/authentication.ts';
import type { Authenticator } from '../../src/auth/authenticator.ts';
import { readConfig } from '../../src/config/settings.ts';
import { systemClock } from '../../src/core/clock.ts';
import { type Principal, principalKey } from '../../src/request/principal.ts';
import { authenticate } from '../support/auth/authenticators.ts';
import { startNode } from '../support/processes/processes.ts';

const issuerMock = async (): Promise<RunningMock> => {
  const mock = await startMock('issuer');
  onTestFinished(() => mock.close());
  return mock;
};

/** An authenticator configured as the demo configures its gateway. */
const authenticatorFor = ({ url }: RunningMock) => {
  const JWT_ISSUERS = `https://issuer.shop.example;audience=shop;jwks=${url}/.well-known/jwks.json`;
  const { settings } = readConfig({ JWT_ISSUERS }, []);
  const authenticator = openAuthentication(settings, { clock: systemClock, log: { warn: () => {} } });
  onTestFinished(() => authenticator.close());
  return authenticator;
};

const principalOf = async (authenticator: Authenticator, output: string): Promise<Principal> => {
  const result = await authenticate(authenticator, `Bearer ${output.trim()}`);
  if (result?.is !== 'authenticated') throw new Error(result?.is);
  return result.principal;
};

const runToken = async (...args: readonly string[]) => {
  const running = startNode('scripts/launch.js', ['src/cli/main.ts', 'token', ...args]);
  onTestFinished(() => running.stop().then(() => {}));
  return { code: (await running.ended).code, output: running.output() };
};

test('npm run token prints only a token, which a gateway of the demo accepts', async () => {
  const mock = await issuerMock();
  const { code, output } = await runToken(
    ...['--issuer', mock.url, '--sub', 'c1', '--scope', 'orders:read', '--scope', 'orders:write', '--role', 'admin'],
  );
  expect(code).toBe(0);
  expect(output).toMatch(/^[\w-]+\.[\w-]+\.[\w-]+\n$/);
  expect(await principalOf(authenticatorFor(mock), output)).toEqual({
    kind: 'user',
    subject: 'c1',
    issuer: 'https://issuer.shop.example',
    scopes: ['orders:read', 'orders:write'],
    roles: ['admin'],
    claims: expect.objectContaining({ sub: 'c1' }),
  });
});

test('two tokens of one customer have one principal', async () => {
  const mock = await issuerMock();
  const authenticator = authenticatorFor(mock);
  const key = async (...args: readonly string[]) => {
    const { output } = await runToken('--issuer', mock.url, ...args);
    return principalKey(await principalOf(authenticator, output));
  };
  const [one, again, other] = await Promise.all([key('--sub', 'c1'), key('--sub', 'c1'), key('--sub', 'c2')]);
  expect(again).toBe(one);
  expect(other).not.toBe(one);
});

test('a token can be made expired, or for another audience', async () => {
  const mock = await issuerMock();
  const authenticator = authenticatorFor(mock);
  for (const flags of [['--expires-in=-60'], ['--aud', 'warehouse']]) {
    const { output } = await runToken('--issuer', mock.url, '--sub', 'c1', ...flags);
    expect(await authenticate(authenticator, `Bearer ${output.trim()}`)).toMatchObject({ is: 'invalid' });
  }
});

test.each([
  [[], '--sub is missing'],
  [['--sub', 'c1', '--issuer', 'nowhere'], '--issuer must be a URL'],
  [['--sub', 'c1', '--expires-in', 'soon'], '--expires-in must be a number'],
  [['--sub', 'c1', '--colour', 'red'], 'Unknown option --colour'],
])('%j is refused with the reason and the usage', async (args, reason) => {
  const { code, output } = await runToken(...args);
  expect(code).toBe(2);
  expect(output).toContain(reason);
  expect(output).toContain('Usage: tributary token');
});

test('without an issuer the error message names the command that starts one', async () => {
  const mock = await issuerMock();
  await mock.close();
  const { code, output } = await runToken('--sub', 'c1', '--issuer', mock.url);
  expect(code).toBe(1);
  expect(output).toBe(
    `No issuer answers at ${mock.url}. Start it with npm run demo or npm run mocks, or set its URL with --issuer.\n`,
  );
});
