import type { MergeShape } from '../../../backend/define/schema-types.ts';
import { neededFields } from '../../../backend/merge/needed-field.ts';
import type { ExecutableResolver } from '../executable-resolver.ts';

const requiring =
  (coordinate: string, needed: readonly string[], resolve: ExecutableResolver): ExecutableResolver =>
  (parent, args, context, info) => {
    const missing = needed.filter((name) => !(name in Object(parent)));
    if (missing.length === 0) return resolve(parent, args, context, info);
    throw new Error(
      `Delegation cannot pass ${missing.join(' and ')} to ${coordinate}, below a field of the same type. Plans can: set EXECUTION=compiled.`,
    );
  };

/**
 * Wraps the resolvers of computed fields, so that they fail without the fields that they need: graphql-tools does not
 * join the objects below a field of an entity that returns the entity's own type.
 */
export const requireNeeds = (
  type: string,
  { needs = {} }: MergeShape,
  fields: Record<string, Record<string, ExecutableResolver>>,
): void => {
  const own = { ...fields[type] };
  for (const [field, texts] of Object.entries(needs)) {
    const resolve = own[field];
    const names = neededFields(texts).map(({ property }) => property);
    if (resolve !== undefined) own[field] = requiring(`${type}.${field}`, names, resolve);
  }
  if (Object.keys(own).length > 0) fields[type] = own;
};
