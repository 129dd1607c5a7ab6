import { type KeyStorePlace, parseKeyStorePlace } from '../../config/places.ts';
import { trimmed } from '../../config/text.ts';
import { variables } from '../../config/variables.ts';
import { ConfigurationError } from '../../core/errors.ts';
import { UsageError } from '../command/exit-code.ts';

const used = variables.pick({ API_KEYS: true, REDIS_URL: true, AUDIT_LOG: true });

export interface KeySettings {
  readonly store: KeyStorePlace;
  readonly redisUrl: string | null;
  readonly audit: (typeof used)['_output']['AUDIT_LOG'];
}

const placeOf = (text: string): KeyStorePlace => {
  try {
    return parseKeyStorePlace(text);
  } catch (error) {
    throw new UsageError(`--store ${error instanceof Error ? error.message : 'is invalid'}`);
  }
};

/**
 * Reads the variables of the commands for keys. `option` is the store of the command line, which takes precedence.
 *
 * @throws ConfigurationError for invalid variables, UsageError without a store
 */
export const keySettings = (env: NodeJS.ProcessEnv, option: string | undefined): KeySettings => {
  const read = used.safeParse(trimmed(env));
  if (!read.success)
    throw new ConfigurationError(
      'The configuration is invalid:',
      read.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`),
    );
  const { API_KEYS, REDIS_URL, AUDIT_LOG } = read.data;
  const store = option === undefined ? API_KEYS : placeOf(option);
  if (store === null)
    throw new UsageError(
      'No store of API keys: set API_KEYS as for the gateway, or --store, such as file:/etc/tributary/keys.json',
    );
  if (store.in === 'redis' && REDIS_URL === null) throw new UsageError('The store redis requires REDIS_URL: set it');
  return { store, redisUrl: REDIS_URL, audit: AUDIT_LOG };
};
