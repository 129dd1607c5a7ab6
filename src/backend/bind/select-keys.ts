import { createHash } from 'node:crypto';
import type { Batch } from '../define/batch.ts';
import type { RemoteLoad } from '../remote/remote-load.ts';
import { loadRows, maxKeys, type ReachedService } from '../remote/remote-rows.ts';
import type { InputValues } from '../remote/service-arguments.ts';
import type { ServiceSelection } from '../remote/service-selection.ts';
import type { Entities } from './entity-cache.ts';
import { type BatchScheduler, KeyLoader } from './key-loader.ts';
import type { SelectKeys } from './loader.ts';

/** Name of a selection with its arguments in cache keys. */
const nameOf = ({ text }: ServiceSelection, variables: InputValues): string =>
  createHash('sha256')
    .update(
      JSON.stringify([text, variables], (_name, value: unknown) => (typeof value === 'bigint' ? `${value}` : value)),
    )
    .digest('base64url');

/** Makes the key loaders of a loader of rows from a GraphQL service: one for each selection. */
export const selectKeys =
  (
    reach: () => ReachedService,
    load: RemoteLoad,
    batch: Batch<unknown, unknown>,
    cacheOf: ((selection: string) => Entities | null) | null,
    scheduler: BatchScheduler,
  ): SelectKeys<unknown> =>
  (selection, variablesOf) => {
    let variables: InputValues;
    try {
      variables = variablesOf();
    } catch (error) {
      return new KeyLoader({ ...batch, load: () => Promise.reject(error) }, null, scheduler);
    }
    const reached = reach();
    const maxSize = maxKeys(reached.service, load, selection);
    const selected: Batch<unknown, unknown> = {
      ...batch,
      maxSize,
      load: (keys) => loadRows(reached, load, selection, variables, keys),
    };
    const entities = cacheOf?.(nameOf(selection, variables)) ?? null;
    return new KeyLoader(selected, entities, scheduler);
  };
