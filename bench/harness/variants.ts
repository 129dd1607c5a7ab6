import { browser, type Client, ORIGIN } from '../load/clients.ts';
import type { Contender } from './contenders.ts';
import type { Result } from './measure.ts';
import { bootstrap, type Interval } from './statistics.ts';

const variant = (contender: Contender, kind: string, title: string, client: Client): Contender => ({
  ...contender,
  name: `${contender.name}-${kind}`,
  title: `${contender.title}: ${title}`,
  // Variables of the gateway, and of the Fastify endpoint.
  env: { ...contender.env, CORS_ORIGINS: ORIGIN, COMPRESS: '1' },
  client,
});

/** The same server with the headers of a browser. */
export const withBrowser = (contender: Contender): Contender => variant(contender, 'browser', 'browser', browser(null));

/** With a browser and a bearer token. */
export const withToken = (contender: Contender): Contender =>
  variant(contender, 'token', 'browser, token', browser(null, { signedIn: true }));

/** With a browser, a bearer token and a compressed answer. */
export const withGzip = (contender: Contender): Contender =>
  variant(contender, 'gzip', 'browser, token, gzip', browser('gzip', { signedIn: true }));

export const withZstd = (contender: Contender): Contender =>
  variant(contender, 'zstd', 'browser, token, zstd', browser('zstd', { signedIn: true }));

/** With every kind of rule of `LIMITS`, and a bound of cost. Requests have no further headers. */
export const withLimits = (contender: Contender): Contender => ({
  ...contender,
  name: `${contender.name}-limits`,
  title: `${contender.title}: all limits`,
  env: { ...contender.env, LIMITS: 'bench/limits.json', MAX_COST: '999999999' },
});

const cpuUs = ({ rounds }: Result, { name }: Contender): readonly number[] =>
  rounds.map(({ samples }) => samples.get(name)?.cpuUs ?? Number.NaN);

/** CPU of compressing one answer by itself, round by round; zeros for an answer that is not compressed. */
export const compressionUs = ({ rounds }: Result, { client }: Contender): readonly number[] => {
  const coding = client?.coding ?? null;
  return rounds.map((round) => (coding === null ? 0 : round.compressionUs[coding]));
};

/** CPU of a request of one contender without the compression itself, divided by another's in the same round. */
export const ratioApart = (result: Result, one: Contender, other: Contender): Interval => {
  const [mine, compression, theirs] = [cpuUs(result, one), compressionUs(result, one), cpuUs(result, other)];
  return bootstrap(mine.map((us, round) => (us - (compression[round] ?? 0)) / (theirs[round] ?? Number.NaN)));
};
