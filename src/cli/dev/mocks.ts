import { existsSync } from 'node:fs';
import { join } from 'node:path';
import * as kinds from '../../config/kinds.ts';
import { CommandFailure } from '../command/exit-code.ts';
import { type Child, startChild } from './child.ts';

/** A running mock service with its addresses. */
export interface Mock {
  readonly child: Child;
  readonly name: string;
  readonly url: string;
  readonly controlUrl: string;
  /** Variable of the gateway for this service. */
  readonly variable: string;
  /** Value of the variable. */
  readonly setting: string;
}

export interface Service {
  readonly name: string;
  readonly variable: string;
  /** Default: the service's URL. */
  readonly setting?: (url: string, env: NodeJS.ProcessEnv) => string;
  /** Further arguments of the mock. Default: none. */
  readonly args?: (env: NodeJS.ProcessEnv) => readonly string[];
}

/** Backends of the shop, each named like the schema module that calls it. */
const BACKENDS: readonly Service[] = [
  { name: 'accounts', variable: 'ACCOUNTS_CUSTOMERS_ENDPOINTS' },
  { name: 'catalog', variable: 'CATALOG_PRODUCTS_ENDPOINTS' },
  { name: 'orders', variable: 'ORDERS_ORDERS_ENDPOINTS' },
  { name: 'inventory', variable: 'INVENTORY_STOCK_ENDPOINTS' },
];

const ISSUER: Service = {
  name: 'issuer',
  variable: 'JWT_ISSUERS',
  setting: (url) => `https://issuer.shop.example;audience=shop;jwks=${url}/.well-known/jwks.json`,
};

/** Origin of the gateway in browsers; null for a port that is not known before it listens. */
const gatewayOrigin = ({ PORT = '4000' }: NodeJS.ProcessEnv): string | null =>
  PORT === '0' ? null : `http://localhost:${PORT}`;

const LOGIN: Service = {
  name: 'login',
  variable: 'SESSIONS',
  setting: (url, env) =>
    `${url};client=shop-web;secret=DEMO_OIDC_SECRET;keys=DEMO_SESSION_KEYS;origin=${gatewayOrigin(env)};` +
    'scope=openid orders:read orders:write;claims=name',
  args: (env) => ['--gateway', gatewayOrigin(env) ?? ''],
};

const ALL: readonly Service[] = [...BACKENDS, ISSUER, LOGIN];

/**
 * Services to mock: those of the shop's modules in this folder without a value of their variable, the shop's token
 * issuer, and the provider of sign-ins if the port of the gateway is known. Other modules call services of their own and need no mock.
 */
export const servicesFor = (schemaDir: string, env: NodeJS.ProcessEnv): readonly Service[] => {
  const ofModules = BACKENDS.filter(({ name }) => existsSync(join(schemaDir, name)));
  const others = gatewayOrigin(env) === null ? [ISSUER] : [ISSUER, LOGIN];
  return ofModules.length === 0 ? [] : [...ofModules, ...others].filter(({ variable }) => env[variable] === undefined);
};

/** True if the provider of sign-ins is not among these mocks for want of the gateway's port. */
export const lacksLoginPort = (services: readonly Service[], env: NodeJS.ProcessEnv): boolean =>
  services.length > 0 && env.SESSIONS === undefined && gatewayOrigin(env) === null;

/** First port of the mock services; 0 uses free ports. Second replicas and control ports follow above it. */
const PORT_BASE = kinds.wholeNumber(4_100, 0, 60_000);

/** @throws CommandFailure with the variable and the fix */
export const mockPortBase = (text: string | undefined): number => {
  const { data, error } = PORT_BASE.safeParse(text);
  if (data === undefined) throw new CommandFailure(`DEMO_MOCK_PORT_BASE: ${error.issues[0]?.message}`);
  return data;
};

/**
 * Starts mocks of services on the ports after `portBase` (4101 to 4106 for 4100, each service on its own), or on free
 * ports for 0, and waits for them. `started` is called immediately with each process, so that it can be stopped even if
 * another one fails.
 *
 * @throws CommandFailure about the first service that could not start.
 */
export const startMocks = (
  services: readonly Service[],
  portBase: number,
  env: NodeJS.ProcessEnv,
  started: (child: Child) => void,
): Promise<Mock[]> =>
  Promise.all(
    services.map(async (service) => {
      const { name, variable, setting = (url) => url, args = () => [] } = service;
      const child = startChild({
        name,
        file: 'services-mock/main.ts',
        args: [name, '--port', String(portBase === 0 ? 0 : portBase + ALL.indexOf(service) + 1), ...args(env)],
        env,
        readyLine: /^.*listening on (?<url>\S+) \(control (?<control>[^)\s]+)\).*\n/m,
      });
      started(child);
      const { url = '', control = '' } = (await child.ready.catch(withHint)).groups ?? {};
      return { child, name, variable, setting: setting(url, env), url, controlUrl: control };
    }),
  );

const withHint = (error: Error): never => {
  if (!error.message.includes('in use')) throw error;
  throw new CommandFailure(
    `${error.message}\nAnother demo may be running. Set DEMO_MOCK_PORT_BASE to other ports for this one.`,
  );
};
