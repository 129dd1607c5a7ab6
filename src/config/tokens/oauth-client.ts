import type { Options } from './options.ts';
import { secretVariableFault } from './shared-secret.ts';

/** The gateway as a client of the authorization server. */
export interface OAuthClient {
  readonly id: string;
  /** Method of authentication, by its registered name. */
  readonly by: 'client_secret_basic' | 'client_secret_post' | 'private_key_jwt';
  /** Name of the variable with the secret or the private key. */
  readonly variable: string;
  /** `kid` of assertions; null for none. */
  readonly keyId: string | null;
}

/** Options of a client. */
type Given = Options<'client' | 'secret' | 'key' | 'auth' | 'kid'>;

/** Returns the client, or the fault of its options. */
export const oauthClient = ({ client: id, secret, key, auth, kid }: Given): OAuthClient | string => {
  if (id === undefined) return 'client is missing: set it to the id of the gateway at the authorization server';
  if (secret !== undefined && key !== undefined) return 'has secret and key: remove one';
  const variable = secret ?? key;
  if (variable === undefined)
    return 'secret is missing: set it to the name of the variable with the secret of the client, or key for a private key';
  const fault = secretVariableFault(variable);
  if (fault !== null) return `${secret === undefined ? 'key' : 'secret'} ${fault}`;
  if (key !== undefined)
    return auth === undefined
      ? { id, by: 'private_key_jwt', variable, keyId: kid ?? null }
      : 'auth is for a client with secret: remove it';
  if (kid !== undefined) return 'kid is for a client with key: remove it';
  if (auth !== undefined && auth !== 'client_secret_post' && auth !== 'client_secret_basic')
    return 'auth must be client_secret_basic or client_secret_post';
  return { id, by: auth ?? 'client_secret_basic', variable, keyId: null };
};
