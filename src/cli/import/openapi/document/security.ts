import { jsonIn, textIn } from '../../json.ts';
import type { Contract } from './contract.ts';

/** Name of an environment variable with a secret. */
const variable = (module: string, scheme: string): string =>
  `${module}_${scheme}`
    .replaceAll(/([a-z0-9])([A-Z])/g, '$1_$2')
    .replaceAll(/[^A-Za-z0-9]+/g, '_')
    .toUpperCase();

const clientCredentials = (scheme: Readonly<Record<string, unknown>>): string | null =>
  textIn(jsonIn(jsonIn(scheme.flows).clientCredentials).tokenUrl);

/** The option `auth` for a security scheme; null for one that cannot be used. */
const authOf = (scheme: Readonly<Record<string, unknown>>, secret: string): string | null => {
  const { type, in: place, name } = scheme;
  const value = `secret('${secret}')`;
  if (type === 'apiKey' && (place === 'header' || place === 'query'))
    return `{ apiKey: { ${place}: '${String(name)}', value: ${value} } }`;
  if (type === 'apiKey') return null;
  if (type === 'http' && String(scheme.scheme).toLowerCase() === 'basic')
    return `{ basic: { user: '…', password: ${value} } }`;
  const tokenUrl = clientCredentials(scheme);
  return tokenUrl === null
    ? `{ bearer: ${value} }, or forward: { identity: 'token' } for the token of the caller`
    : `{ clientCredentials: { tokenUrl: '${tokenUrl}', clientId: '…', clientSecret: ${value} } }`;
};

/** The options for the security schemes of a contract. They are comments: credentials are a decision of the author. */
export const securityNotes = ({ document, follow }: Contract, module: string): string[] =>
  Object.entries(jsonIn(jsonIn(document.components).securitySchemes)).map(([name, scheme]) => {
    const auth = authOf(follow(scheme).value, variable(module, name));
    return `${name}: ${auth === null ? 'a cookie, which the gateway does not send' : `auth: ${auth}`}`;
  });
