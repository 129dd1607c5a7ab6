import { type Child, startChild } from './child.ts';
import type { Mock } from './mocks.ts';

/** Where a running gateway answers. */
export interface Addresses {
  readonly graphqlUrl: string;
  readonly adminUrl: string;
}

/**
 * The gateway's environment in front of these mock services: open to whoever explores it, and therefore to this machine
 * only. What the user has set wins.
 */
export const gatewayEnv = (mocks: readonly Mock[], env: NodeJS.ProcessEnv): NodeJS.ProcessEnv => ({
  HOST: '127.0.0.1',
  EXPLORER: 'on',
  INTROSPECTION: 'on',
  // What a terminal is for is the explorer's address and how to break things; `LOG_LEVEL=info npm run demo` logs every request.
  LOG_LEVEL: 'error',
  ...Object.fromEntries(mocks.map(({ variable, setting }) => [variable, setting])),
  ...env,
});

export const startGateway = (env: NodeJS.ProcessEnv): Child =>
  startChild({
    name: 'gateway',
    file: 'src/main.ts',
    args: [],
    env,
    readyLine: /^.*Tributary is ready: (?<graphql>\S+) \(admin (?<admin>[^)\s]+)\).*\n/m,
  });

/** @throws Error with what the gateway had to say where it could not start. */
export const addressesOf = async (gateway: Child): Promise<Addresses> => {
  const { graphql = '', admin = '' } = (await gateway.ready).groups ?? {};
  return { graphqlUrl: graphql, adminUrl: admin };
};
