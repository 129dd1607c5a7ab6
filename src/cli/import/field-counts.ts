import type { FieldCounts } from './imported-folder.ts';
import type { Definition, GraphField, ImportedType } from './imported-graph.ts';
import { jsonOf } from './write/sdl-text.ts';

/** Numbers of types, of fields with their arguments, and of those with the type JSON, by contract or not. */
export const fieldCounts = (fields: readonly GraphField[], definitions: readonly Definition[]): FieldCounts => {
  const types: ImportedType[] = [
    ...fields.flatMap(({ args, body, result, pages }) => [
      ...args.map(({ type }) => type),
      ...(body === null ? [] : [body.type]),
      ...(pages === null && result.type !== null ? [result.type] : []),
    ]),
    ...definitions.flatMap((definition) =>
      definition.kind === 'object' || definition.kind === 'input' ? definition.fields.map(({ type }) => type) : [],
    ),
  ];
  const json = types.flatMap((type) => jsonOf(type) ?? []);
  return {
    types: definitions.length,
    all: types.length,
    json: json.length,
    byContract: json.filter(({ isByContract }) => isByContract).length,
  };
};
