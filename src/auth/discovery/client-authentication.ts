import { createPrivateKey } from 'node:crypto';
import { importPKCS8 } from 'jose';
import { type ClientAuth, ClientSecretBasic, ClientSecretPost, PrivateKeyJwt } from 'oauth4webapi';
import type { CurrentText } from '../../config/secrets/secret-store.ts';
import type { OAuthClient } from '../../config/tokens/oauth-client.ts';
import { signatureAlgorithm } from '../../config/tokens/private-key.ts';

/** The assertion of a client with a private key (RFC 7523). The key is imported again after a change of its file. */
const assertionWith = (secret: CurrentText, keyId: string | null): (() => Promise<ClientAuth>) => {
  let known: { readonly text: string; readonly assertion: Promise<ClientAuth> } | null = null;
  const imported = async (text: string): Promise<ClientAuth> => {
    const key = createPrivateKey(text);
    const algorithm = signatureAlgorithm(key);
    if (algorithm === null) throw new Error('the private key has no supported algorithm');
    const pem = key.export({ type: 'pkcs8', format: 'pem' }).toString();
    return PrivateKeyJwt({ key: await importPKCS8(pem, algorithm), ...(keyId !== null && { kid: keyId }) });
  };
  return () => {
    const text = secret.current();
    if (known?.text !== text) known = { text, assertion: imported(text) };
    return known.assertion;
  };
};

/**
 * Returns the function for the client's authentication with the present secret or key: a rotated file applies to the next
 * request.
 */
export const clientAuthentication = (
  { by, variable, keyId }: OAuthClient,
  secretOf: (variable: string) => CurrentText,
): (() => Promise<ClientAuth>) => {
  const secret = secretOf(variable);
  switch (by) {
    case 'client_secret_basic':
      return async () => ClientSecretBasic(secret.current());
    case 'client_secret_post':
      return async () => ClientSecretPost(secret.current());
    case 'private_key_jwt':
      return assertionWith(secret, keyId);
    default:
      return by satisfies never;
  }
};
