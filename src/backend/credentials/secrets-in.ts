import type { RequiredSecret } from '../../config/secrets/read-secrets.ts';
import { Secret } from '../../config/secrets/secret.ts';
import type { UpstreamDefinition } from '../define/upstream-options.ts';
import { tokenUrlFault } from './auth-options.ts';

/** RFC 9110, 5.5: visible ASCII, with spaces inside. */
const HEADER_VALUE = /^[\x21-\x7e](?:[\x20-\x7e]*[\x21-\x7e])?$/;

const headerFault = (text: string): string | null =>
  HEADER_VALUE.test(text) ? null : 'has characters that a header cannot have: use visible ASCII';

const textFault = (text: string): string | null =>
  /[\p{Cc}\uFFFD]/u.test(text) ? 'has a line end or another invisible character: remove it' : null;

// RFC 7617, 2: the first colon ends the user.
const userFault = (text: string): string | null =>
  text.includes(':') ? 'has a colon, which a user cannot have' : textFault(text);

const urlFault = (text: string): string | null => {
  const fault = tokenUrlFault(text);
  return fault === null ? null : `${fault}: use the URL of the token endpoint`;
};

type Found = readonly [path: string, value: unknown, faultOf: RequiredSecret['faultOf']];

const valuesOf = ({ headers, auth }: Pick<UpstreamDefinition, 'headers' | 'auth'>): readonly Found[] => {
  // A module in JavaScript may have null here, which is reported as a wrong option.
  const { basic, bearer, apiKey, clientCredentials, tokenExchange } = auth ?? {};
  const client = clientCredentials === undefined ? 'auth.tokenExchange' : 'auth.clientCredentials';
  const { tokenUrl, clientId, clientSecret } = clientCredentials ?? tokenExchange ?? {};
  return [
    ...Object.entries(headers ?? {}).map(([name, value]): Found => [`headers.${name}`, value, headerFault]),
    ['auth.basic.user', basic?.user, userFault],
    ['auth.basic.password', basic?.password, textFault],
    ['auth.bearer', bearer, headerFault],
    ['auth.apiKey.value', apiKey?.value, apiKey?.query === undefined ? headerFault : textFault],
    [`${client}.tokenUrl`, tokenUrl, urlFault],
    [`${client}.clientId`, clientId, textFault],
    [`${client}.clientSecret`, clientSecret, textFault],
  ];
};

/** Returns the secrets of one upstream. */
export const secretsIn = (
  module: string,
  upstream: string,
  definition: Pick<UpstreamDefinition, 'headers' | 'auth'>,
): readonly RequiredSecret[] =>
  valuesOf(definition).flatMap(([path, value, faultOf]) =>
    value instanceof Secret
      ? { variable: value.variable, use: `${path} of upstream "${upstream}" of ${module}`, faultOf }
      : [],
  );
