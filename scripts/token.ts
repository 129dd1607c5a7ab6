/**
 * `npm run token`: prints a token signed by the mock issuer, for the demo and for experiments.
 *
 *   curl -H "authorization: Bearer $(npm run -s token -- --sub c1 --scope orders:read --role admin)" …
 */
import { parseArgs } from 'node:util';

const USAGE = `Usage: npm run -s token -- --sub <subject> [flags]

  --scope <scopes>        separated by spaces; may be repeated
  --role <role>           may be repeated
  --aud <audience>        default: shop
  --expires-in <seconds>  default: 3600; a negative number creates an expired token
  --issuer <url>          URL of the mock issuer; default: http://127.0.0.1:4105`;

const OPTIONS = {
  sub: { type: 'string' },
  scope: { type: 'string', multiple: true },
  role: { type: 'string', multiple: true },
  aud: { type: 'string' },
  'expires-in': { type: 'string' },
  issuer: { type: 'string', default: 'http://127.0.0.1:4105' },
} as const;

const read = (args: readonly string[]) => {
  const { values } = parseArgs({ args: [...args], options: OPTIONS });
  const { sub, scope = [], role = [], aud, issuer } = values;
  if (!sub) throw new Error('--sub is missing: set the subject, such as c1');
  if (!URL.canParse('/token', issuer)) throw new Error(`--issuer must be a URL, not ${issuer}`);
  const expiresIn = values['expires-in'] === undefined ? undefined : Number(values['expires-in']);
  if (Number.isNaN(expiresIn)) throw new Error('--expires-in must be a number of seconds');
  return { url: new URL('/token', issuer), wanted: { sub, scope: scope.join(' '), roles: role, aud, expiresIn } };
};

const ask = async ({ url, wanted }: ReturnType<typeof read>): Promise<string> => {
  const answer = await fetch(url, { method: 'POST', body: JSON.stringify(wanted) }).catch((cause: unknown) => {
    const remedy = 'Start it with npm run demo or npm run mocks, or set its URL with --issuer.';
    throw new Error(`No issuer answers at ${url.origin}. ${remedy}`, { cause });
  });
  const text = await answer.text();
  if (!answer.ok) throw new Error(`The issuer rejected the request: ${text}`);
  const token: unknown = JSON.parse(text).access_token;
  if (typeof token !== 'string') throw new Error(`The server at ${url.origin} is not an issuer.`);
  return token;
};

const fail = (message: string): never => {
  console.error(message);
  process.exit(1);
};

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

const wanted = (() => {
  try {
    return read(process.argv.slice(2));
  } catch (error) {
    return fail(`${messageOf(error)}\n\n${USAGE}`);
  }
})();

try {
  console.log(await ask(wanted));
} catch (error) {
  fail(messageOf(error));
}
