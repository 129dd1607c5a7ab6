import { mayHoldSecret, partsOf, printableText, quotedText } from './text.ts';

/** An issuer of accepted tokens, with the settings of their checks. */
export interface IssuerSettings {
  /** Required `iss` of tokens, compared exactly. */
  readonly issuer: string;
  /** Required `aud` of tokens, or one value of it. */
  readonly audience: string;
  /** URL of the issuer's keys (RFC 7517). */
  readonly jwks: string;
  /** The claim with the roles: its name, or nested names joined by dots. Default `roles`. */
  readonly roles: string;
  /** Required `typ` of tokens. Default `at+jwt`. */
  readonly typ: string;
}

const OPTIONS = ['audience', 'jwks', 'roles', 'typ'] as const;

type Options = { -readonly [Name in (typeof OPTIONS)[number]]?: string };

const FORM = 'an issuer is written as <issuer>;audience=<name>;jwks=<url>[;roles=<claim>][;typ=<type>]';

/** Sets one option. @returns its fault, or null */
const readOption = (options: Options, part: string, whole: string): string | null => {
  const [before = '', ...after] = part.split('=');
  const [given, value] = [before.trim(), after.join('=').trim()];
  const name = OPTIONS.find((known) => known === given);
  if (name === undefined) return `unknown option ${quotedText(given, whole)}; ${FORM}`;
  if (value === '') return `${name} is empty`;
  if (options[name] !== undefined) return `${name} is set twice: remove one`;
  options[name] = value;
  return null;
};

const whyNotFetchable = (text: string): string | null => {
  if (!URL.canParse(text) || /\s/.test(text)) return 'is not a URL';
  const { protocol, username, password } = new URL(text);
  if (protocol !== 'https:' && protocol !== 'http:') return 'must start with https:// or http://';
  return username === '' && password === '' ? null : 'must not contain a user or a password';
};

const shown = (issuer: string, whole: string): string =>
  mayHoldSecret(issuer, whole) ? 'an issuer' : printableText(issuer);

const readOne = (text: string, whole: string, report: (problem: string) => void): IssuerSettings[] => {
  const [first = '', ...parts] = text.split(';');
  const issuer = first.trim();
  const options: Options = {};
  const problems = [
    ...(issuer === '' || /^(audience|jwks|roles|typ)\s*=/.test(issuer)
      ? [`the issuer is missing before its options; ${FORM}`]
      : []),
    ...parts.flatMap((part) => readOption(options, part, whole) ?? []),
  ];
  const { audience, jwks, roles = 'roles', typ = 'at+jwt' } = options;
  if (problems.length === 0) {
    if (audience === undefined)
      problems.push('audience is missing: set it to the `aud` of the tokens for this gateway');
    if (jwks === undefined) problems.push('jwks is missing: set it to the URL of the keys of the issuer');
  }
  const invalid = jwks === undefined ? null : whyNotFetchable(jwks);
  if (invalid !== null) problems.push(`jwks ${invalid}`);
  for (const problem of problems) report(`${shown(issuer, whole)}: ${problem}`.replace(/^: /, ''));
  return audience === undefined || jwks === undefined ? [] : [{ issuer, audience, jwks, roles, typ }];
};

/** Reads `JWT_ISSUERS`. Every fault is reported; the result is valid only without faults. */
export const readIssuers = (text: string, report: (fault: string) => void): readonly IssuerSettings[] => {
  const issuers = partsOf(text).flatMap((part) => readOne(part, text, report));
  const names = issuers.map(({ issuer }) => issuer);
  const twice = new Set(names.filter((name, at) => names.indexOf(name) !== at));
  for (const name of twice) report(`${shown(name, text)}: is listed twice: remove one`);
  return issuers;
};
