import { quoted } from '../../codegen/layout.ts';
import { propertyName } from '../write/property-name.ts';
import type { CurlRequest } from './curl-request.ts';

/** The options of rest() for the headers and credentials of a request. */
export interface RequestCredentials {
  /** Members of the options. */
  readonly options: readonly string[];
  /** Environment variables of the secrets. */
  readonly secrets: readonly string[];
}

/** True for a parameter of a query that is likely a secret. */
export const isSecretName = (name: string): boolean =>
  /^(.*(api|app|access|auth|client|private|secret|subscription)[_-]?)?key$/i.test(name) ||
  /^(access|api|auth|bearer|csrf|id|security|session|user|x)?[_-]?token$/i.test(name) ||
  /^(app[_-]?id|auth|credentials?|pwd|session([_-]?id)?|sid|sig|.*(password|passwd|secret|signature))$/i.test(name);

/** Headers without secrets. A module has them as they are. */
const isPublic = (name: string): boolean => /^(accept|accept-language|user-agent|prefer)$|(^|-)version$/.test(name);

/** Headers of a browser, and those that the gateway sets itself. */
const isDropped = (name: string, value: string): boolean =>
  /^(sec-|access-control-|if-|proxy-)/.test(name) ||
  /^(accept-encoding|cache-control|connection|content-(encoding|length|type)|dnt|expect|host|idempotency-key|keep-alive|origin|pragma|priority|referer|te|trailer|traceparent|tracestate|transfer-encoding|upgrade|upgrade-insecure-requests|x-request-id|x-requested-with)$/.test(
    name,
  ) ||
  (name === 'accept' && /^(\*\/\*|application\/json)$/.test(value)) ||
  (name === 'user-agent' && /^(curl|Mozilla)\//.test(value)) ||
  (name === 'accept-language' && value.includes('q='));

interface Auth {
  readonly option: string;
  readonly secrets: readonly string[];
}

/** The option `auth` for the header authorization; null for a scheme that it does not have. */
const authOf = (value: string, variable: (name: string) => string): Auth | null => {
  if (/^Bearer\s+\S/i.test(value)) {
    const token = variable('token');
    return { option: `auth: { bearer: secret('${token}') }`, secrets: [token] };
  }
  const [, encoded] = /^Basic\s+(\S+)$/i.exec(value) ?? [];
  const [, user, password] = /^([^:]+):(.+)$/s.exec(Buffer.from(encoded ?? '', 'base64').toString('utf8')) ?? [];
  // Without a password, the user is a key: the header as a whole is the secret.
  if (user === undefined || password === undefined) return null;
  const secrets = [variable('user'), variable('password')];
  const [ofUser, ofPassword] = secrets;
  return { option: `auth: { basic: { user: secret('${ofUser}'), password: secret('${ofPassword}') } }`, secrets };
};

/** Reads the credentials of a request for a module. No value of a secret is part of the result. */
export const requestCredentials = ({ headers, url }: CurlRequest, module: string): RequestCredentials => {
  const variable = (name: string): string =>
    `${module}_${name}`
      .replaceAll(/([a-z0-9])([A-Z])/g, '$1_$2')
      .replaceAll(/[^A-Za-z0-9]+/g, '_')
      .toUpperCase();
  const secrets: string[] = [];
  const options: string[] = [];
  const key = [...url.searchParams.keys()].find(isSecretName);
  if (key !== undefined) {
    secrets.push(variable(key));
    options.push(`auth: { apiKey: { query: ${quoted(key)}, value: secret('${variable(key)}') } }`);
  }
  const fixed: string[] = [];
  for (const [name, value] of headers) {
    if (isDropped(name, value)) continue;
    const auth = name === 'authorization' && options.length === 0 ? authOf(value, variable) : null;
    if (auth !== null) {
      options.push(auth.option);
      secrets.push(...auth.secrets);
    } else if (isPublic(name)) fixed.push(`${propertyName(name)}: ${quoted(value)}`);
    else {
      secrets.push(variable(name));
      fixed.push(`${propertyName(name)}: secret('${variable(name)}')`);
    }
  }
  return { options: [...options, ...(fixed.length === 0 ? [] : [`headers: { ${fixed.join(', ')} }`])], secrets };
};
