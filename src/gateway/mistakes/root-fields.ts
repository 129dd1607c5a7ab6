import type { Mistake } from './mistake.ts';
import { elsewhere, inSdl, type Reading } from './reading.ts';

/** Root fields that several modules give. Nobody could say which of them answers. */
export const rivalRootFields = (readings: readonly Reading[]): readonly Mistake[] =>
  ['Query', 'Mutation'].flatMap((root) => {
    const owners = new Map<string, string>();
    return readings.flatMap((reading) =>
      [...(reading.types.get(root)?.fields ?? [])].flatMap(([field, node]) => {
        const owner = owners.get(field);
        if (owner === undefined) {
          owners.set(field, elsewhere(reading, node.name));
          return [];
        }
        const wrong = `${root}.${field} is given by ${reading.module.name} and by ${owner}`;
        return inSdl(reading, node.name, wrong, 'rename it in one of them, or take it away');
      }),
    );
  });

/** Root fields without a resolver. They have no parent row to be read from, and would be null in every answer. */
export const unresolvedRootFields = (reading: Reading): readonly Mistake[] =>
  ['Query', 'Mutation'].flatMap((root) => {
    const resolvers = reading.module.resolvers[root] ?? {};
    return [...(reading.types.get(root)?.fields ?? [])].flatMap(([field, node]) => {
      if (Object.hasOwn(resolvers, field)) return [];
      const wrong = `${root}.${field} has no resolver and would always be null`;
      return inSdl(reading, node.name, wrong, `add ${field} to resolvers.${root}, or remove the field`);
    });
  });
