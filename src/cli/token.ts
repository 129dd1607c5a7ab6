import { defineCommand } from './command/define-command.ts';
import { CommandFailure, EXIT_CODES, UsageError } from './command/exit-code.ts';

/** Fields of the issuer's request. */
interface TokenRequest {
  readonly sub: string;
  readonly scope: string;
  readonly roles: readonly string[];
  readonly aud: string;
  readonly expiresIn: number;
}

const requestToken = async (url: URL, request: TokenRequest): Promise<string> => {
  const answer = await fetch(url, { method: 'POST', body: JSON.stringify(request) }).catch((cause: unknown) => {
    const fix = 'Start it with npm run demo or npm run mocks, or set its URL with --issuer.';
    throw new CommandFailure(`No issuer answers at ${url.origin}. ${fix}`, { cause });
  });
  const text = await answer.text();
  if (!answer.ok) throw new CommandFailure(`The issuer rejected the request: ${text}`);
  const token: unknown = JSON.parse(text).access_token;
  if (typeof token !== 'string') throw new CommandFailure(`The server at ${url.origin} is not an issuer.`);
  return token;
};

export const tokenCommand = defineCommand({
  name: 'token',
  summary: 'Prints a token signed by the mock issuer, for the demo and for experiments.',
  details: '--sub is required. `curl -H "authorization: Bearer $(npm run -s token -- --sub c1)" …` sends a token.',
  options: {
    sub: { type: 'string', value: 'subject', description: 'subject, such as c1' },
    scope: { type: 'string', value: 'scopes', multiple: true, description: 'scopes, separated by spaces' },
    role: { type: 'string', value: 'role', multiple: true, description: 'a role' },
    aud: { type: 'string', value: 'audience', default: 'shop', description: 'audience' },
    'expires-in': {
      type: 'string',
      value: 'seconds',
      default: '3600',
      description: 'validity; `--expires-in=-60` creates an expired token',
    },
    issuer: { type: 'string', value: 'url', default: 'http://127.0.0.1:4105', description: 'URL of the mock issuer' },
  },
  run: async ({ values }, { print }) => {
    const { sub, scope = [], role = [], aud, issuer } = values;
    if (!sub) throw new UsageError('--sub is missing: set the subject, such as c1');
    if (!URL.canParse('/token', issuer)) throw new UsageError(`--issuer must be a URL, not ${issuer}`);
    const expiresIn = Number(values['expires-in']);
    if (Number.isNaN(expiresIn)) throw new UsageError('--expires-in must be a number of seconds');
    print(await requestToken(new URL('/token', issuer), { sub, scope: scope.join(' '), roles: role, aud, expiresIn }));
    return EXIT_CODES.success;
  },
});
