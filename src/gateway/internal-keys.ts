import { type GraphQLSchema, getNamedType, isObjectType } from 'graphql';
import type { MergeShape } from '../backend/schema-types.ts';
import { parser } from '../execution/shape.ts';
import { twinOf } from './names.ts';
import { keyFields } from './sdl.ts';

type Values = Readonly<Record<string, unknown>>;

/**
 * Makes what arrives at a module's entry point the module's own: a key crosses from module to module as clients would see it, an
 * enum by its name. What comes with the key is another module's, and stays as it is. Throws for what the module's own scalar refuses.
 */
export const internalKeys = (schema: GraphQLSchema, type: string, merge: MergeShape): ((given: Values) => Values) => {
  const named = schema.getType(type);
  const parsers = keyFields(merge).flatMap((field) => {
    const twin = isObjectType(named) ? named.getFields()[twinOf(field)] : undefined;
    return twin === undefined ? [] : [[field, parser(twin.type, getNamedType(twin.type))] as const];
  });
  return (given) => ({
    ...given,
    ...Object.fromEntries(parsers.map(([field, parse]) => [field, parse(given[field])])),
  });
};
