import { randomBytes } from 'node:crypto';
import { type Child, startChild } from './child.ts';
import type { Mock } from './mocks.ts';

/** URLs of a running gateway. */
export interface Addresses {
  readonly graphqlUrl: string;
  readonly adminUrl: string;
}

/**
 * The gateway's environment for these mock services: explorer and introspection are on, so it listens on this machine
 * only. Variables of the user take precedence.
 */
export const gatewayEnv = (mocks: readonly Mock[], env: NodeJS.ProcessEnv): NodeJS.ProcessEnv => ({
  HOST: '127.0.0.1',
  EXPLORER: 'on',
  INTROSPECTION: 'on',
  // Keeps the terminal free for the commands to try. `LOG_LEVEL=info npm run demo` logs every request.
  LOG_LEVEL: 'error',
  AUDIT_LOG: 'off',
  // That of the mock, which every demo has.
  DEMO_OIDC_SECRET: 'a-secret-of-the-demo-that-is-not-secret',
  // Sessions of the demo end with it.
  DEMO_SESSION_KEYS: randomBytes(32).toString('base64'),
  ...Object.fromEntries(mocks.map(({ variable, setting }) => [variable, setting])),
  ...env,
});

/** Starts the gateway in a process of its own. */
export const gatewayProcess = (env: NodeJS.ProcessEnv): Child =>
  startChild({
    name: 'gateway',
    file: 'src/main.ts',
    // A module without a mock must not stop the demo of the others.
    args: ['--allow-missing-endpoints'],
    env,
    readyLine: /^.*Tributary is ready: (?<graphql>\S+) \(admin (?<admin>[^)\s]+)\).*\n/m,
  });

/** @throws CommandFailure with the gateway's output if it could not start. */
export const addressesOf = async (gateway: Child): Promise<Addresses> => {
  const { graphql = '', admin = '' } = (await gateway.ready).groups ?? {};
  return { graphqlUrl: graphql, adminUrl: admin };
};
