/** An entry of a map. */
export interface Entry<Value> {
  readonly key: string;
  readonly value: Value;
}

type Absent<Given> = Extract<Given, null | undefined> extends never ? never : null;

/**
 * Converts a protobuf map to a list of entries, for a GraphQL field of type `[Entry!]`: `{ a: 1 }` to `[{ key: 'a',
 * value: 1 }]`. Keys are text: those of an `int64` map have all their digits. Null without a map.
 */
export const entries = <Given extends Readonly<Record<string, unknown>> | null | undefined>(
  map: Given,
): readonly Entry<NonNullable<Given>[string]>[] | Absent<Given> => {
  // The types of a result that depends on null cannot be inferred.
  if (map === null || map === undefined) return null as Absent<Given>;
  return Object.entries(map).map(([key, value]) => ({ key, value: value as NonNullable<Given>[string] }));
};
