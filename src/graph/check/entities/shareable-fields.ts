import { isShareable } from '../../directives/shareable.ts';
import { elsewhere, inSdl, type ParsedModule, ROOT_TYPES } from '../parsed-module.ts';
import type { ModuleProblem } from '../problem.ts';
import { type Contribution, type Entity, entitiesIn } from './entity.ts';

/** Compares a field with its first definition in another module. */
const conflict = (
  type: string,
  field: string,
  first: Contribution,
  { reading, view }: Contribution,
): readonly ModuleProblem[] => {
  const [before, node] = [first.view.fields.get(field), view.fields.get(field)];
  if (before === undefined || node === undefined) return [];
  const at = `${type}.${field}`;
  const there = elsewhere(first.reading, before.name);
  const about = (problem: string, fix: string) => [inSdl(reading, node.name, problem, fix)];
  const { name } = reading.module;
  if (!isShareable(node) && !isShareable(before))
    return about(
      `${at} is defined by ${name} and by ${there}`,
      'remove it from one of them, or declare it @shareable in both',
    );
  if (!isShareable(node)) return about(`${at} is @shareable in ${there} only`, `declare it @shareable in ${name} too`);
  if (!isShareable(before)) return about(`${at} is @shareable in ${name}, but not in ${there}`, 'declare it there too');
  const [here, expected] = [view.content.get(field), first.view.content.get(field)];
  if (here === expected) return [];
  return about(`${at} is ${here} in ${name} and ${expected} in ${there}`, 'use the same type and arguments in both');
};

const conflictsIn = ({ name, contributions, keys }: Entity): readonly ModuleProblem[] => {
  const firsts = new Map<string, Contribution>();
  return contributions.flatMap((contribution) =>
    [...contribution.view.fields.keys()].flatMap((field) => {
      if (keys.has(field)) return [];
      const first = firsts.get(field);
      if (first !== undefined) return conflict(name, field, first, contribution);
      firsts.set(field, contribution);
      return [];
    }),
  );
};

/** Reports fields of an entity in several modules, unless all declare them shareable with one type. */
export const conflictingFields = (readings: readonly ParsedModule[]): readonly ModuleProblem[] =>
  entitiesIn(readings).flatMap(conflictsIn);

/** Reports `@shareable` where only one module can provide the field, or no field is provided. */
export const wrongShareable = (reading: ParsedModule): readonly ModuleProblem[] =>
  [...reading.types].flatMap(([type, { kind, fields }]) =>
    [...fields.values()].filter(isShareable).flatMap((field) => {
      const at = `${type}.${field.name.value}`;
      const about = (problem: string, fix: string) => [inSdl(reading, field.name, problem, fix)];
      if (ROOT_TYPES.has(type))
        return about(`${at} is @shareable, but a root field has one module`, 'remove @shareable');
      if (kind === 'type') return [];
      return about(
        `@shareable on ${at} shares nothing`,
        'set it on the fields of the types that implement the interface',
      );
    }),
  );
