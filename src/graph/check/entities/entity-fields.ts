import { elsewhere, inIndex, inSdl, type ParsedModule } from '../parsed-module.ts';
import type { ModuleProblem } from '../problem.ts';
import { type Contribution, type Entity, entitiesIn } from './entity.ts';

/** Reports key fields with different types: modules exchange their values. */
const conflictingKeys = ({ name, contributions, keys }: Entity): readonly ModuleProblem[] =>
  [...keys].flatMap((field) => {
    const [first, ...others] = contributions.flatMap(({ reading, view }) => {
      const node = view.fields.get(field);
      return node === undefined ? [] : [{ reading, node, type: view.content.get(field) }];
    });
    if (first === undefined) return [];
    return others
      .filter(({ type }) => type !== first.type)
      .map(({ reading, node, type }) => {
        const there = elsewhere(first.reading, first.node.name);
        const problem = `the key ${name}.${field} is ${type} in ${reading.module.name} and ${first.type} in ${there}`;
        return inSdl(reading, node.name, problem, 'use the same type in both');
      });
  });

/** Reports modules that merge an entity without its key. */
const mixedKeys = ({ name, contributions, keys }: Entity): readonly ModuleProblem[] =>
  keys.size === 0
    ? []
    : contributions
        .filter(({ keys: own }) => own?.some((key) => key.length === 0))
        .map(({ reading }) => {
          const problem = `merge has ${name} without a key, but another module has the key ${[...keys].join(' or ')}`;
          return inIndex(reading, problem, 'use a key in every module, or in none');
        });

const isShared = (field: string, contribution: Contribution, contributions: readonly Contribution[]): boolean =>
  contributions.some((other) => other !== contribution && other.view.fields.has(field));

/** Reports fields of modules without `merge` for the type: they would be null in every row of another module. */
const unmergedFields = ({ name, contributions, keys }: Entity): readonly ModuleProblem[] =>
  contributions.flatMap((contribution) => {
    if (contribution.keys !== null) return [];
    const own = [...contribution.view.fields].filter(
      ([field]) => !keys.has(field) && !isShared(field, contribution, contributions),
    );
    return own.map(([field, node]) =>
      inSdl(
        contribution.reading,
        node.name,
        `${name}.${field} cannot be loaded for a ${name} of another module`,
        `merge ${name} in ${contribution.reading.module.name} too, ${keys.size === 0 ? 'with key: []' : `by ${[...keys].join(' or ')}`}, or remove the field`,
      ),
    );
  });

/** Reports fields of entities that conflict between modules. */
export const conflictingEntityFields = (readings: readonly ParsedModule[]): readonly ModuleProblem[] =>
  entitiesIn(readings).flatMap((entity) => [
    ...mixedKeys(entity),
    ...conflictingKeys(entity),
    ...unmergedFields(entity),
  ]);
