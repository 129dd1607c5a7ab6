import { InternalTokenIssuer } from '../../auth/internal-token/internal-token-issuer.ts';
import { isSameKeys, publishedSet, readSigningKeys, type SigningKeys } from '../../auth/internal-token/signing-keys.ts';
import type { SchemaModule } from '../../backend/define/module.ts';
import { CertificateFileError, fileProblem, readCertificateFile } from '../../config/certificates/certificate-file.ts';
import { watchedFiles } from '../../config/certificates/watched-files.ts';
import type { Settings } from '../../config/settings.ts';
import { type Clock, wallTime } from '../../core/clock.ts';
import type { Log } from '../../telemetry/log/log.ts';

const VARIABLE = 'INTERNAL_TOKEN_KEYS';

type TokenSettings = Pick<Settings, 'INTERNAL_TOKEN_ISSUER' | 'INTERNAL_TOKEN_KEYS'>;

/** The keys of internal tokens as they were read at the start; null without them. */
export interface ReadKeys {
  readonly keys: SigningKeys | null;
  readonly problems: readonly string[];
}

const readKeys = async (path: string): Promise<SigningKeys> => {
  const file = { variable: VARIABLE, path };
  const text = await readCertificateFile(file);
  try {
    return await readSigningKeys(text);
  } catch (error) {
    throw new CertificateFileError(file, error instanceof Error ? error.message : 'cannot be read', { cause: error });
  }
};

/** Returns a problem for each variable that an upstream with internal tokens requires and that is not set. */
const missingFor = (
  modules: readonly SchemaModule[],
  { INTERNAL_TOKEN_ISSUER, INTERNAL_TOKEN_KEYS }: TokenSettings,
): readonly string[] => {
  const upstreams = modules.flatMap(({ name, upstreams: all }) =>
    Object.entries(all).flatMap(([upstream, { auth }]) =>
      auth?.internalToken === undefined ? [] : `${name}.${upstream}`,
    ),
  );
  const isRequired = upstreams.length > 0 || INTERNAL_TOKEN_ISSUER !== null || INTERNAL_TOKEN_KEYS !== null;
  const by = upstreams.length > 0 ? `internalToken of ${upstreams.join(', ')}` : 'the other variable of this name';
  if (!isRequired) return [];
  return [
    ...(INTERNAL_TOKEN_ISSUER === null
      ? [`INTERNAL_TOKEN_ISSUER: is required by ${by}: set it to the name of this gateway, as its URL`]
      : []),
    ...(INTERNAL_TOKEN_KEYS === null
      ? [`${VARIABLE}: is required by ${by}: set it to a file with private keys in PEM format`]
      : []),
  ];
};

/** Reads the keys of internal tokens, if there are any. */
export const readInternalTokens = async (
  modules: readonly SchemaModule[],
  settings: TokenSettings,
): Promise<ReadKeys> => {
  const problems = missingFor(modules, settings);
  if (settings.INTERNAL_TOKEN_KEYS === null) return { keys: null, problems };
  try {
    return { keys: await readKeys(settings.INTERNAL_TOKEN_KEYS), problems };
  } catch (error) {
    if (!(error instanceof CertificateFileError)) throw error;
    return { keys: null, problems: [...problems, fileProblem(error)] };
  }
};

/** The issuer of internal tokens, with its published keys. Follows the file of the keys. */
export interface InternalTokens {
  readonly issuer: InternalTokenIssuer;
  /** The JWK Set as JSON. */
  readonly published: () => string;
  close(): void;
}

/** Opens the issuer of internal tokens; null for a gateway without one. */
export const openInternalTokens = (
  { INTERNAL_TOKEN_ISSUER: name, INTERNAL_TOKEN_KEYS: path }: TokenSettings,
  initial: SigningKeys | null,
  clock: Clock,
  log: Pick<Log, 'warn'>,
): InternalTokens | null => {
  if (initial === null || path === null || name === null) return null;
  const watched = watchedFiles({
    initial,
    paths: [path],
    read: () => readKeys(path),
    isSame: isSameKeys,
    clock,
    report: ({ is, ...fields }) =>
      log.warn(
        is === 'reloaded'
          ? 'The keys of internal tokens were read again from their changed file.'
          : 'The keys of internal tokens cannot be used; the last ones stay in use. Correct the file.',
        { variable: VARIABLE, ...fields },
      ),
  });
  return {
    issuer: new InternalTokenIssuer({ issuer: name, keys: () => watched.current(), wallTime }),
    published: () => publishedSet(watched.current()),
    close: () => watched.close(),
  };
};
