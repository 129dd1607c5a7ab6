import type { GraphQLResolveInfo } from 'graphql';
import { isSelecting, type SelectedRows } from './selected-rows.ts';

const hasField = (rows: SelectedRows, [name, ...rest]: readonly string[]): boolean =>
  rows.some(({ fields }) =>
    fields.some((field) => field.name === name && (rest.length === 0 || hasField(field.below, rest))),
  );

/**
 * True if the client selected a field below that of the resolver, for backends that return a part only on request:
 * `query: { expand: isSelected(info, 'owner') ? 'owner' : undefined }`. `path` has names of this module's SDL:
 * `'owner.address'`. Fields that a join needs count as selected; those that `@skip` or `@include` leaves out do not.
 *
 * @throws Error for an `info` that is not the gateway's
 */
export const isSelected = (info: GraphQLResolveInfo, path: string): boolean => {
  if (!isSelecting(info)) throw new Error('isSelected needs the info of a resolver, unchanged.');
  return hasField(info.selecting.rows(), path.split('.'));
};
