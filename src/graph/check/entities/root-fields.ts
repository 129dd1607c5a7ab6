import { entityKeys } from '../../../backend/merge/entity-keys.ts';
import { elsewhere, inSdl, type ParsedModule, ROOT_TYPES } from '../parsed-module.ts';
import type { ModuleProblem } from '../problem.ts';

/** Reports root fields of several modules: it would be undefined which of them answers. */
export const duplicateRootFields = (readings: readonly ParsedModule[]): readonly ModuleProblem[] =>
  ['Query', 'Mutation'].flatMap((root) => {
    const owners = new Map<string, string>();
    return readings.flatMap((reading) =>
      [...(reading.types.get(root)?.fields ?? [])].flatMap(([field, node]) => {
        const owner = owners.get(field);
        if (owner === undefined) {
          owners.set(field, elsewhere(reading, node.name));
          return [];
        }
        const problem = `${root}.${field} is defined by ${reading.module.name} and by ${owner}`;
        return inSdl(reading, node.name, problem, 'rename or remove it in one of them');
      }),
    );
  });

/** Types that the module merges without a key. */
const namespacesIn = ({ module }: ParsedModule): readonly string[] =>
  Object.entries(module.merge).flatMap(([type, merge]) => (entityKeys(merge)[0]?.fields.length === 0 ? [type] : []));

/**
 * Reports fields of root types and namespaces without a resolver. They have no parent row with a property, and would be
 * null in every answer.
 */
export const unresolvedRootFields = (reading: ParsedModule): readonly ModuleProblem[] =>
  ['Query', 'Mutation', ...namespacesIn(reading)].flatMap((root) => {
    const resolvers = reading.module.resolvers[root] ?? {};
    return [...(reading.types.get(root)?.fields ?? [])].flatMap(([field, node]) => {
      if (Object.hasOwn(resolvers, field)) return [];
      const problem = `${root}.${field} has no resolver and would always be null`;
      const otherwise = ROOT_TYPES.has(root) ? 'remove the field' : `name the key of ${root} in merge`;
      return inSdl(reading, node.name, problem, `add ${field} to resolvers.${root}, or ${otherwise}`);
    });
  });
