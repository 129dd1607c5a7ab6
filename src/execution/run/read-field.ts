import type { KeyLoader, RequestedKey } from '../../backend/bind/key-loader.ts';
import type { AnyResolver } from '../../backend/define/module.ts';
import { idempotencyKeyIn, runRemote } from '../../backend/remote/remote-operation.ts';
import { propertyOf } from '../../core/property.ts';
import { coercing } from '../input-error.ts';
import type { Field, Read, ResultObject, Values } from '../plan/plan.ts';
import { FieldFailure, noSuchEntity } from './field-failure.ts';
import type { Sink } from './field-sink.ts';
import { plainLoaderKeys, withLoaderKeys } from './loader-keys.ts';
import type { PlanExecution } from './plan-execution.ts';
import { FieldInfo } from './resolve-info.ts';

type Rows = readonly unknown[];
type Results = readonly ResultObject[];

const isObjectLike = (value: unknown): value is object =>
  (typeof value === 'object' && value !== null) || typeof value === 'function';

const isNullish = (value: unknown): boolean => value === null || value === undefined;

/** Reads a property as graphql-js does: a function is called as a method of its row. */
const readProperty = (sink: Sink, args: Values, row: unknown, result: ResultObject): unknown => {
  const { execution, field } = sink;
  try {
    const value: unknown = isObjectLike(row) ? propertyOf(row, field.name) : undefined;
    if (typeof value !== 'function') return value;
    return value.call(
      row,
      execution.ownArguments(args),
      execution.backend(field.module).context,
      new FieldInfo(execution, field, result),
    );
  } catch (error) {
    return new FieldFailure(error);
  }
};

/** Reads a property that a GraphQL service returned. Rows of another origin have the field's own property. */
const readAliased = (sink: Sink, property: string, args: Values, row: unknown, result: ResultObject): unknown => {
  const value: unknown = isObjectLike(row) ? propertyOf(row, property) : undefined;
  return value === undefined ? readProperty(sink, args, row, result) : value;
};

const refusedOf = (execution: PlanExecution, fields: readonly Field[]): Promise<ReadonlySet<Field>> =>
  new Promise((resolve) => execution.decideAll(fields, resolve));

/** Requests the field of a GraphQL service, with everything that is selected below it. */
const request = async (
  { execution, field }: Sink,
  read: Extract<Read, { readonly is: 'remote' }>,
): Promise<unknown> => {
  const { refusable } = read.forms;
  const operation =
    refusable.length === 0 ? read.forms.complete : read.forms.without(await refusedOf(execution, refusable));
  const client = execution.backend(field.module).remote(operation.upstream);
  const variables = coercing(() => operation.root.variables(execution.variablesOf(field.module)));
  return runRemote(client, operation, variables, idempotencyKeyIn(execution.argumentsOf(field), read.idempotencyKey));
};

/** Calls a resolver for each row, with a copy of the arguments each time. */
const resolve = (sink: Sink, resolver: AnyResolver, args: Values, values: Rows, results: Results): void => {
  const { execution, field } = sink;
  const { context } = execution.backend(field.module);
  results.forEach((result, at) => {
    execution.takeTurn();
    let returned: unknown;
    try {
      returned = resolver(values[at], execution.ownArguments(args), context, new FieldInfo(execution, field, result));
    } catch (error) {
      sink.putThrown(result, error);
      return;
    }
    sink.putResult(result, returned);
  });
};

type Loaded = Extract<Read, { readonly is: 'loaded' }>;

const putLoaded = (sink: Sink, { map }: Loaded, row: unknown, result: ResultObject, value: unknown): void => {
  let mapped = value;
  try {
    if (map !== undefined && !(value instanceof Error)) mapped = map(value, row);
    if (isNullish(value) && isNullish(mapped) && sink.field.shape.nonNull) throw noSuchEntity();
  } catch (error) {
    sink.putThrown(result, error);
    return;
  }
  sink.putResult(result, mapped);
};

/** Requests the key of a row; null if the row has no key, and the result is set already. */
const requestKey = (
  sink: Sink,
  { keyOf }: Loaded,
  keys: KeyLoader,
  row: unknown,
  result: ResultObject,
): RequestedKey | null => {
  try {
    const key = keyOf(row);
    if (key !== null && key !== undefined) return keys.request(key);
    sink.put(result, null);
  } catch (error) {
    sink.putThrown(result, error);
  }
  return null;
};

/** The requested keys of rows, and the function that sets their values once the keys are loaded. */
interface LoadedRows {
  /** By row; null if the row has no key. */
  readonly requested: readonly (RequestedKey | null)[];
  readonly put: () => void;
}

const requestRows = (sink: Sink, read: Loaded, keys: KeyLoader, values: Rows, results: Results): LoadedRows => {
  const { execution } = sink;
  /** Requested keys by row; null if the row has no key. */
  const requested = results.map((result, at) => {
    execution.takeTurn();
    return requestKey(sink, read, keys, values[at], result);
  });
  const put = (): void => {
    results.forEach((result, at) => {
      execution.takeTurn();
      const one = requested[at];
      if (one) putLoaded(sink, read, values[at], result, one.value);
    });
  };
  return { requested, put };
};

/** Loads the values of all rows with one call. Rows without a key are null and are not requested. */
const load = (sink: Sink, read: Loaded, values: Rows, results: Results): void => {
  const { execution, field } = sink;
  const keys = plainLoaderKeys(execution, field.module, read);
  if (keys !== null) {
    const { requested, put } = requestRows(sink, read, keys, values, results);
    if (requested.every((one) => one === null)) return;
    sink.suspend((loaded) => keys.whenLoaded(requested, () => loaded(put)));
    return;
  }
  sink.suspend((loaded) =>
    withLoaderKeys(execution, field.module, read, (selected) => {
      const { requested, put } = requestRows(sink, read, selected, values, results);
      selected.whenLoaded(requested, () => loaded(put));
    }),
  );
};

/** Reads a field of all rows: immediately, or as promises and loads that the sink waits for. */
export const readInto = (sink: Sink, values: Rows, results: Results): void => {
  const { read } = sink.field;
  // Invalid arguments were rejected before.
  const args = sink.execution.argumentsOf(sink.field);
  switch (read.is) {
    case 'property':
      results.forEach((result, at) => {
        sink.execution.takeTurn();
        sink.put(result, readProperty(sink, args, values[at], result));
      });
      break;
    case 'aliased':
      results.forEach((result, at) => {
        sink.execution.takeTurn();
        sink.put(result, readAliased(sink, read.property, args, values[at], result));
      });
      break;
    case 'remote':
      for (const result of results) sink.putResult(result, request(sink, read));
      break;
    case 'resolver':
      resolve(sink, read.resolve, args, values, results);
      break;
    case 'loaded':
      load(sink, read, values, results);
  }
};
