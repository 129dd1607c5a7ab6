import { createPrivateKey, type KeyObject } from 'node:crypto';
import { privateKeyIn } from './pem.ts';

/** Returns OpenSSL's code of an error, such as `ERR_OSSL_UNSUPPORTED`: its message may have parts of the input. */
const codeOf = (error: unknown): string =>
  error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : 'unknown';

/**
 * Reads the first private key of a PEM text: PKCS#8, or the older formats of RSA and EC keys. An encrypted one needs its
 * passphrase.
 *
 * @throws Error with the fault and its fix, as the end of a sentence that begins with the name of the file; never with a
 * part of the key or of the passphrase
 */
export const parsePrivateKey = (text: string, passphrase: string | null): KeyObject => {
  const { pem, isEncrypted } = privateKeyIn(text);
  if (isEncrypted && passphrase === null)
    throw new Error('is encrypted: set the file of its passphrase, or use a key without one');
  try {
    return createPrivateKey(isEncrypted ? { key: pem, passphrase: passphrase ?? '' } : { key: pem });
  } catch (error) {
    throw new Error(
      isEncrypted
        ? 'cannot be decrypted: use the passphrase of this key'
        : `has a private key that cannot be read (${codeOf(error)}): replace it`,
    );
  }
};
