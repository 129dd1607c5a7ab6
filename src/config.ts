import { z } from 'zod';
import { isDnsServer } from './config/dns-server.ts';
import { readIssuers } from './config/issuers.ts';
import { strangersAmong, strangerWarning } from './config/strangers.ts';
import { telemetryVariables } from './config/telemetry.ts';
import { MistakesError } from './errors.ts';

export type Env = Readonly<Record<string, string | undefined>>;

/** Digits, and nothing that JavaScript would take for a number as well, such as a blank. */
const wholeNumber = z
  .string()
  .regex(/^\d{1,15}$/, 'must be a number')
  .transform(Number);

const port = (fallback: number) => wholeNumber.pipe(z.int().min(0).max(65_535)).default(fallback);

const positive = (fallback: number) => wholeNumber.pipe(z.int().min(1)).default(fallback);

const onOff = z.enum(['on', 'off'], 'must be on or off').default('off');

const list = z
  .string()
  .default('')
  .transform((text) =>
    text
      .split(',')
      .map((part) => part.trim())
      .filter((part) => part !== ''),
  );

const isOrigin = (text: string): boolean => URL.canParse(text) && new URL(text).origin === text;

const origins = list.refine(
  (all) => all.every((origin) => origin === '*' || (isOrigin(origin) && !origin.includes('*'))),
  'must be origins such as https://shop.example, separated by commas, or *',
);

const issuers = z
  .string()
  .default('')
  .transform((text, { issues }) =>
    readIssuers(text, (message) => issues.push({ code: 'custom', message, input: text })),
  );

const quota = z
  .string()
  .regex(/^(off|[1-9]\d{0,8}\/[1-9]\d{0,4})$/, 'must be off, or <requests>/<seconds>, such as 6000/60')
  .default('6000/60')
  .transform((text) => {
    const [limit = 0, seconds = 0] = text.split('/').map(Number);
    return text === 'off' ? null : { limit, seconds };
  });

const redisUrl = z
  .string()
  .refine(
    (text) => text === '' || (/^rediss?:\/\//.test(text) && URL.canParse(text)),
    'must be an address such as redis://127.0.0.1:6379',
  )
  .default('')
  .transform((text) => (text === '' ? null : text));

const dnsServers = list
  .refine(
    (servers) => servers.every(isDnsServer),
    'must be addresses such as 10.0.0.2 or 10.0.0.2:53, separated by commas',
  )
  .transform((servers) => (servers.length === 0 ? undefined : servers));

const secret = z
  .string()
  .refine((text) => text === '' || text.length >= 16, 'must have at least 16 characters')
  .default('')
  .transform((text) => (text === '' ? null : text));

const Settings = z.object({
  /** Where clients ask. */
  PORT: port(4_000),
  HOST: z.string().default('0.0.0.0'),
  /** Where operators ask; never to be reached from outside. */
  ADMIN_PORT: port(4_001),
  ADMIN_HOST: z.string().default('127.0.0.1'),
  /** What writes on the admin listener must carry as a bearer token; null forbids them. */
  ADMIN_TOKEN: secret,
  /** The zone that this gateway runs in: endpoints there come first. */
  ZONE: z
    .string()
    .regex(/^[\w.-]{0,64}$/, 'must be a name such as eu-west-1a')
    .default(''),
  /** Whom to ask for the addresses of `dns+` endpoints; undefined for the system's servers. */
  DNS_SERVERS: dnsServers,
  /** How operations are run: by plans, by delegation alone, or some by both to compare them. */
  EXECUTION: z.enum(['compiled', 'reference', 'compare'], 'must be compiled, reference or compare').default('compiled'),
  EXPLORER: onOff,
  INTROSPECTION: onOff,
  /** From the arrival of a request to its answer. */
  REQUEST_TIMEOUT_MS: positive(10_000),
  MAX_BODY_BYTES: positive(1_048_576),
  /** Origins whose pages may read answers. */
  CORS_ORIGINS: origins,
  /** Proxies whose X-Forwarded-For is believed, as addresses or CIDRs. */
  TRUSTED_PROXIES: list,
  /** What replicas share; null keeps it in this process. */
  REDIS_URL: redisUrl,
  /** Whose tokens are believed. */
  JWT_ISSUERS: issuers,
  /** How much a document may ask for. */
  MAX_TOKENS: positive(4_000),
  MAX_DEPTH: positive(12),
  MAX_ALIASES: positive(100),
  MAX_ROOT_FIELDS: positive(20),
  MAX_DIRECTIVES: positive(50),
  MAX_SELECTIONS: positive(10_000),
  /** Of one answer, each counted twice. */
  MAX_FIELDS: positive(250_000),
  /** How many requests one client may send. */
  CLIENT_RATE_LIMIT: quota,
  /** How many gateways share the rate limits. */
  RATE_LIMIT_REPLICAS: positive(1),
  ...telemetryVariables,
});

export type Settings = Readonly<z.infer<typeof Settings>>;

/** A variable that a schema module makes necessary. */
export interface Wanted<Value> {
  readonly variable: string;
  /** Throws an Error that says what is wrong with a text. */
  readonly parse: (text: string) => Value;
  /** What the variable is for, and an example. */
  readonly remedy: string;
}

export interface Config<Value> {
  readonly settings: Settings;
  /** By variable. */
  readonly wanted: ReadonlyMap<string, Value>;
  /** Variables that somebody seems to have meant, and that nobody reads: one line each. */
  readonly warnings: readonly string[];
}

/** The folder of the schema modules; read by itself, because what else is needed depends on what is in there. */
export const schemaDir = (env: Env): string => env.SCHEMA_DIR || './schema';

const complaint = ({ path, message }: z.core.$ZodIssue): string => `${path.join('.')}: ${message}`;

// An empty variable is how shells and compose files say "not set".
const given = (env: Env): Env => Object.fromEntries(Object.entries(env).filter(([, value]) => value !== ''));

/**
 * Reads the configuration once; what it gives is frozen.
 *
 * @throws MistakesError with everything that is wrong, each beside its variable.
 */
export const readConfig = <Value>(env: Env, wants: readonly Wanted<Value>[]): Config<Value> => {
  const present = given(env);
  const settings = Settings.safeParse(present);
  const mistakes = settings.success ? [] : settings.error.issues.map(complaint);
  if (settings.success && settings.data.PORT !== 0 && settings.data.PORT === settings.data.ADMIN_PORT)
    mistakes.push('ADMIN_PORT: is the same as PORT: give operators a port of their own');
  const wanted = new Map<string, Value>();
  for (const { variable, parse, remedy } of wants) {
    const text = present[variable];
    try {
      if (text === undefined) mistakes.push(`${variable} is not set: ${remedy}`);
      else wanted.set(variable, parse(text));
    } catch (error) {
      mistakes.push(`${variable}: ${error instanceof Error ? error.message : String(error)}`);
    }
  }
  const known = [...Object.keys(Settings.shape), 'SCHEMA_DIR', ...wants.map(({ variable }) => variable)];
  const strangers = strangersAmong(Object.keys(present), known);
  if (!settings.success || mistakes.length > 0) {
    // The mistyped name of what is missing, above all.
    const mistyped = strangers.filter(({ meant }) => meant !== null).map(strangerWarning);
    throw new MistakesError('The configuration is not complete:', [...mistakes, ...mistyped]);
  }
  return { settings: Object.freeze(settings.data), wanted, warnings: strangers.map(strangerWarning) };
};
