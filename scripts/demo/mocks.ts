import { type Child, startChild } from './child.ts';

/** A running mock service and where it is to be found. */
export interface Mock {
  readonly child: Child;
  readonly name: string;
  readonly url: string;
  readonly controlUrl: string;
  /** The variable that tells the gateway where this service runs. */
  readonly variable: string;
  /** What the variable says. */
  readonly setting: string;
}

interface Service {
  readonly name: string;
  readonly variable: string;
  /** Default: the service's URL. */
  readonly setting?: (url: string) => string;
}

const SERVICES: readonly Service[] = [
  { name: 'accounts', variable: 'ACCOUNTS_CUSTOMERS_ENDPOINTS' },
  { name: 'catalog', variable: 'CATALOG_PRODUCTS_ENDPOINTS' },
  { name: 'orders', variable: 'ORDERS_ORDERS_ENDPOINTS' },
  { name: 'inventory', variable: 'INVENTORY_STOCK_ENDPOINTS' },
  {
    name: 'issuer',
    variable: 'JWT_ISSUERS',
    setting: (url) => `https://issuer.shop.example;audience=shop;jwks=${url}/.well-known/jwks.json`,
  },
];

/**
 * Starts the mock services on the ports after `portBase` (4101 to 4105 for 4100), or on free ports for 0, and
 * waits for them. `started` hears of each process at once, so that it can be stopped whatever becomes of the others.
 *
 * @throws Error in words for the user, about the first service that could not start.
 */
export const startMocks = (
  portBase: number,
  env: NodeJS.ProcessEnv,
  started: (child: Child) => void,
): Promise<Mock[]> =>
  Promise.all(
    SERVICES.map(async ({ name, variable, setting = (url) => url }, index) => {
      const child = startChild({
        name,
        file: 'services-mock/main.ts',
        args: [name, '--port', String(portBase === 0 ? 0 : portBase + index + 1)],
        env,
        readyLine: /^.*listening on (?<url>\S+) \(control (?<control>[^)\s]+)\).*\n/m,
      });
      started(child);
      const { url = '', control = '' } = (await child.ready.catch(withHint)).groups ?? {};
      return { child, name, variable, setting: setting(url), url, controlUrl: control };
    }),
  );

const withHint = (error: Error): never => {
  if (!error.message.includes('in use')) throw error;
  throw new Error(`${error.message}\nAnother demo may be running. DEMO_MOCK_PORT_BASE moves this one's mock services.`);
};
