/** Somebody whose tokens are believed, and how to check them. */
export interface IssuerSettings {
  /** What the tokens' `iss` must be, to the letter. */
  readonly issuer: string;
  /** What the tokens' `aud` must be, or contain. */
  readonly audience: string;
  /** Where the issuer publishes its keys (RFC 7517). */
  readonly jwks: string;
  /** The claim with the roles: its name, or names to follow, joined by dots. */
  readonly roles: string;
  /** What the tokens' `typ` must be. */
  readonly typ: string;
}

const OPTIONS = ['audience', 'jwks', 'roles', 'typ'] as const;

type Options = { -readonly [Name in (typeof OPTIONS)[number]]?: string };

const FORM = 'an issuer is written as <issuer>;audience=<name>;jwks=<url>[;roles=<claim>][;typ=<type>]';

/** Sets one option. @returns what is wrong with it, or null */
const readOption = (options: Options, part: string): string | null => {
  const [before = '', ...after] = part.split('=');
  const [given, value] = [before.trim(), after.join('=').trim()];
  const name = OPTIONS.find((known) => known === given);
  if (name === undefined) return `"${given}" is none of ${OPTIONS.join(', ')}; ${FORM}`;
  if (value === '') return `${name} is empty`;
  if (options[name] !== undefined) return `${name} is there twice`;
  options[name] = value;
  return null;
};

const whyNotFetchable = (text: string): string | null => {
  if (!URL.canParse(text)) return 'is not a URL';
  const { protocol, username, password } = new URL(text);
  if (protocol !== 'https:' && protocol !== 'http:') return 'must start with https:// or http://';
  return username === '' && password === '' ? null : 'must not contain a user or a password';
};

const readOne = (text: string, report: (mistake: string) => void): IssuerSettings[] => {
  const [first = '', ...parts] = text.split(';');
  const issuer = first.trim();
  const options: Options = {};
  const mistakes = [
    ...(issuer === '' || /^(audience|jwks|roles|typ)\s*=/.test(issuer)
      ? [`no issuer in front of its options; ${FORM}`]
      : []),
    ...parts.flatMap((part) => readOption(options, part) ?? []),
  ];
  const { audience, jwks, roles = 'roles', typ = 'at+jwt' } = options;
  if (mistakes.length === 0) {
    if (audience === undefined) mistakes.push('audience is missing: what the tokens for this gateway have in `aud`');
    if (jwks === undefined) mistakes.push('jwks is missing: the URL at which the issuer publishes its keys');
  }
  const unfit = jwks === undefined ? null : whyNotFetchable(jwks);
  if (unfit !== null) mistakes.push(`jwks ${unfit}`);
  for (const mistake of mistakes) report(`${issuer}: ${mistake}`.replace(/^: /, ''));
  return audience === undefined || jwks === undefined ? [] : [{ issuer, audience, jwks, roles, typ }];
};

/** Reads `JWT_ISSUERS`. `report` hears of every mistake; with one, what is returned is of no use. */
export const readIssuers = (text: string, report: (mistake: string) => void): readonly IssuerSettings[] => {
  const written = text.split(',').map((part) => part.trim());
  const issuers = written.filter((part) => part !== '').flatMap((part) => readOne(part, report));
  const names = issuers.map(({ issuer }) => issuer);
  const twice = new Set(names.filter((name, at) => names.indexOf(name) !== at));
  for (const name of twice) report(`${name}: is there twice`);
  return issuers;
};
