import { UpstreamError } from '../../core/errors.ts';
import type { BoundGraphqlClient, ServiceOperation } from '../bind/graphql-client.ts';
import { nullingError, placeErrors } from './place-errors.ts';
import type { InputValues } from './service-arguments.ts';
import type { ServiceRootField } from './service-selection.ts';

/** A field of `Query` or `Mutation` as an operation of a service. Compiled once with the plan. */
export interface RemoteOperation {
  readonly upstream: string;
  readonly operation: ServiceOperation;
  readonly root: ServiceRootField;
  /** As in the root field's selection. */
  readonly sources: readonly object[];
}

/** Reads the client's idempotency key from arguments, by its path: `key`, `input.key`. */
export const idempotencyKeyIn = (args: InputValues, path: string | null): string | undefined => {
  if (path === null) return undefined;
  const key = path.split('.').reduce<unknown>((holder, name) => Reflect.get(Object(holder), name), args);
  return typeof key === 'string' ? key : undefined;
};

/** Makes the operation of one root field. */
export const remoteOperation = (
  upstream: string,
  type: ServiceOperation['type'],
  root: ServiceRootField,
): RemoteOperation => {
  const declared = root.declarations.length === 0 ? '' : `(${root.declarations.join(', ')})`;
  const document = `${type} ${root.name}${declared} { ${root.text} }`;
  return { upstream, operation: { type, name: root.name, document }, root, sources: root.sources };
};

/**
 * Sends an operation and returns the value of its field. An error of the service stands at its place in the value.
 *
 * @throws UpstreamError for a failed call, and for an error of the whole field
 */
export const runRemote = async (
  client: BoundGraphqlClient,
  { operation, root }: RemoteOperation,
  variables: InputValues,
  idempotencyKey: string | undefined,
): Promise<unknown> => {
  const answer = await client.execute(operation, { variables, idempotencyKey });
  const at = { ...client.siteOf(operation), isPartial: answer.errors.length > 0 };
  const unplaced = placeErrors(answer.data, answer.errors);
  const data: unknown = answer.data ?? {};
  const value: unknown = Reflect.get(Object(data), root.name) ?? null;
  if (value === null && unplaced[0] !== undefined) throw nullingError(unplaced[0], 1);
  client.unplaced(unplaced);
  if (!Object.hasOwn(Object(data), root.name))
    throw new UpstreamError('UPSTREAM_BAD_RESPONSE', at, 'the requested field is missing');
  const read = root.read(value, at);
  if (read instanceof Error) throw read;
  return read;
};
