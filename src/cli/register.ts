import { systemClock } from '../core/clock.ts';
import { defineCommand } from './command/define-command.ts';
import { CommandFailure, EXIT_CODES, UsageError } from './command/exit-code.ts';
import { keepAlive } from './command/keep-alive.ts';
import { registerUntil } from './register/register-until.ts';

const MIN_TTL_MS = 1_000;

const wholeNumber = (option: string, text: string, min: number): number => {
  const number = /^\d{1,9}$/.test(text) ? Number(text) : Number.NaN;
  if (!(number >= min)) throw new UsageError(`--${option} must be a whole number from ${min}, not ${text}`);
  return number;
};

const labelsOf = (pairs: readonly string[]): Readonly<Record<string, string>> =>
  Object.fromEntries(
    pairs.map((pair) => {
      const [name = '', ...value] = pair.split('=');
      if (name === '' || value.length === 0) throw new UsageError(`--label must be <name>=<value>, not ${pair}`);
      return [name, value.join('=')];
    }),
  );

const required = (option: string, value: string | undefined): string => {
  if (value === undefined || value === '') throw new UsageError(`--${option} is missing`);
  return value;
};

/** Runs until the first signal that ends a process. */
const untilSignal = <T>(run: (signal: AbortSignal) => Promise<T>): Promise<T> => {
  const stop = new AbortController();
  for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) process.once(signal, () => stop.abort());
  return keepAlive(() => run(stop.signal));
};

export const registerCommand = defineCommand({
  name: 'register',
  summary: 'Registers an endpoint with a gateway and renews it until stopped, for a sidecar.',
  details:
    'REGISTRATION_TOKEN is the token of the upstream. REGISTRATION_KEY is a key of this backend, which renewals and the end of the registration then need. SIGTERM ends the registration. Gateways with one Redis share registrations: one of them is enough.',
  options: {
    gateway: {
      type: 'string',
      value: 'url',
      multiple: true,
      default: ['http://127.0.0.1:4001'],
      description: 'admin listener of a gateway',
    },
    upstream: { type: 'string', value: 'name', description: '<module>.<upstream>, such as orders.orders' },
    id: { type: 'string', value: 'id', description: 'id of this process among those of the upstream' },
    address: { type: 'string', value: 'url', description: 'address with an IP address, such as http://10.0.0.5:8080' },
    host: { type: 'string', value: 'name', description: 'name for the Host header and TLS' },
    weight: { type: 'string', value: 'number', description: 'share of the calls' },
    zone: { type: 'string', value: 'zone', description: 'zone of the endpoint' },
    label: { type: 'string', value: 'name=value', multiple: true, description: 'a label' },
    'ttl-ms': { type: 'string', value: 'ms', default: '10000', description: 'time to live; renewed after a third' },
  },
  run: async ({ values }, { env, print, printError }) => {
    const token = env.REGISTRATION_TOKEN;
    if (!token) throw new UsageError('REGISTRATION_TOKEN is not set: set it to the token of the upstream');
    const key = env.REGISTRATION_KEY || null;
    const upstream = required('upstream', values.upstream);
    const id = required('id', values.id);
    const lease = {
      address: required('address', values.address),
      ...(values.host !== undefined && { host: values.host }),
      ...(values.weight !== undefined && { weight: wholeNumber('weight', values.weight, 1) }),
      ...(values.zone !== undefined && { zone: values.zone }),
      labels: labelsOf(values.label ?? []),
      ttlMs: wholeNumber('ttl-ms', values['ttl-ms'], MIN_TTL_MS),
    };
    const path = `/registrations/${encodeURIComponent(upstream)}/${encodeURIComponent(id)}`;
    const urls = values.gateway.map((gateway) => {
      if (!URL.canParse(path, gateway)) throw new UsageError(`--gateway must be a URL, not ${gateway}`);
      return new URL(path, gateway);
    });
    const results = await untilSignal((signal) =>
      Promise.all(
        urls.map((url) => registerUntil({ url, token, key, lease, signal, clock: systemClock, print, printError })),
      ),
    );
    const rejected = results.find((result) => result !== null);
    if (rejected !== undefined) throw new CommandFailure(`The gateway rejected the registration: ${rejected}`);
    return EXIT_CODES.success;
  },
});
