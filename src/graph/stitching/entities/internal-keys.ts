import { type GraphQLSchema, getNamedType, isObjectType } from 'graphql';
import type { EntityKey } from '../../../backend/merge/entity-keys.ts';
import { parser } from '../../../execution/plan/leaf-types.ts';
import { keyAlias } from '../../compose/reserved-names.ts';

type Values = Readonly<Record<string, unknown>>;

/**
 * Converts the key fields that a module's entry point receives to the module's internal values. Modules exchange keys
 * in the form for clients: an enum by its name. Further fields belong to other modules and stay unchanged. Throws if
 * the module's own scalar rejects a value.
 */
export const internalKeys = (schema: GraphQLSchema, type: string, key: EntityKey): ((received: Values) => Values) => {
  const named = schema.getType(type);
  const parsers = key.fields.flatMap((field) => {
    const alias = isObjectType(named) ? named.getFields()[keyAlias(field)] : undefined;
    return alias === undefined ? [] : [[field, parser(alias.type, getNamedType(alias.type))] as const];
  });
  return (received) => ({
    ...received,
    ...Object.fromEntries(parsers.map(([field, parse]) => [field, parse(received[field])])),
  });
};
