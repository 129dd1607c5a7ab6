import { parseArgs } from 'node:util';
import { DEFAULT_SIZES, type Sizes } from './fixtures.ts';
import { STAMPS, type Stamp } from './stamp.ts';
import { MOCK_NAMES, type MockName, PORTS } from './start.ts';

/** Parsed command line. */
export type Command =
  | {
      readonly run: 'one';
      readonly name: MockName;
      readonly host: string;
      readonly port: number;
      readonly controlPort: number;
      readonly sizes: Sizes;
      readonly stamp: Stamp;
      readonly gateway: string;
    }
  | {
      readonly run: 'all';
      /** Flags that each of them is started with. */
      readonly flags: readonly string[];
    };

export const USAGE = `Usage: node services-mock/main.ts [${MOCK_NAMES.join(' | ')}] [flags]

Without a name all of them run, each in a process of its own.
  --port <n>          0 for any free port; with a name also any other (default ${Object.values(PORTS).join(', ')})
  --control-port <n>  default: the port + 1000
  --host <address>    default 127.0.0.1
  --stamp <how>       marks records with the subject of the token they are served to: ${STAMPS.join(', ')}
  --gateway <origin>       of login: origin of the gateway in browsers (default http://localhost:4000)
  --customers <n> --products <n> --orders <n>   default ${Object.values(DEFAULT_SIZES).join(', ')}`;

const OPTIONS = {
  port: { type: 'string' },
  'control-port': { type: 'string' },
  host: { type: 'string', default: '127.0.0.1' },
  stamp: { type: 'string', default: 'off' },
  customers: { type: 'string' },
  products: { type: 'string' },
  orders: { type: 'string' },
  gateway: { type: 'string', default: 'http://localhost:4000' },
} as const;

const MAX_PORT = 65_535;

const MAX_ROWS = 5_000_000;

const numberFlag = (flag: string, text: string | undefined, fallback: number, [min, max]: [number, number]): number => {
  const value = text === undefined ? fallback : Number(text);
  if (text === '' || !Number.isInteger(value) || value < min || value > max)
    throw new Error(
      `--${flag} must be a whole number from ${min} to ${max}${text === undefined ? `, not ${value}` : ''}`,
    );
  return value;
};

const nameOf = (positionals: readonly string[]): MockName | null => {
  const [given, ...more] = positionals;
  if (given === undefined) return null;
  const name = MOCK_NAMES.find((known) => known === given);
  if (name === undefined || more.length > 0)
    throw new Error(`One of ${MOCK_NAMES.join(', ')}, or nothing for all of them; not ${positionals.join(' ')}`);
  return name;
};

/** @throws Error that names the invalid argument */
export const readArguments = (args: readonly string[]): Command => {
  const { values, positionals } = parseArgs({ args: [...args], options: OPTIONS, allowPositionals: true });
  const name = nameOf(positionals);
  const port = numberFlag('port', values.port, name === null ? 0 : PORTS[name], [0, MAX_PORT]);
  const controlPort = numberFlag('control-port', values['control-port'], port && port + 1_000, [0, MAX_PORT]);
  const sizes: Sizes = {
    customers: numberFlag('customers', values.customers, DEFAULT_SIZES.customers, [1, MAX_ROWS]),
    products: numberFlag('products', values.products, DEFAULT_SIZES.products, [3, MAX_ROWS]),
    orders: numberFlag('orders', values.orders, DEFAULT_SIZES.orders, [0, MAX_ROWS]),
  };
  const stamp = STAMPS.find((known) => known === values.stamp);
  if (stamp === undefined) throw new Error(`--stamp is one of ${STAMPS.join(', ')}`);
  if (name !== null)
    return { run: 'one', name, host: values.host, port, controlPort, sizes, stamp, gateway: values.gateway };
  if (port !== 0 || controlPort !== 0)
    throw new Error('Several mocks cannot share one port: name one of them, or use 0');
  return { run: 'all', flags: args };
};
