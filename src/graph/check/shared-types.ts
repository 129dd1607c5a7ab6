import { isScalarType } from 'graphql';
import { USUAL_SCALARS } from '../../backend/define/scalars/built-in-scalars.ts';
import { mergeOf } from './entities/entity.ts';
import { elsewhere, inIndex, inSdl, type ParsedModule, ROOT_TYPES } from './parsed-module.ts';
import { listed, type ModuleProblem } from './problem.ts';
import type { TypeView } from './type-summary.ts';

interface Definition {
  readonly reading: ParsedModule;
  readonly view: TypeView;
}

const KINDS: Readonly<Record<TypeView['kind'], string>> = {
  type: 'an object type',
  interface: 'an interface',
  union: 'a union',
  enum: 'an enum',
  input: 'an input',
  scalar: 'a scalar',
  directive: 'a directive',
};

const differences = (one: TypeView, other: TypeView): string[] =>
  [...new Set([...one.content.keys(), ...other.content.keys()])]
    .filter((part) => one.content.get(part) !== other.content.get(part))
    .toSorted();

const conflicts = (name: string, here: Definition, first: Definition, isMerged: boolean): readonly ModuleProblem[] => {
  const there = elsewhere(first.reading, first.view.node);
  const { reading, view } = here;
  if (view.kind !== first.view.kind) {
    const problem = `${name} is ${KINDS[view.kind]} in ${reading.module.name} and ${KINDS[first.view.kind]} in ${there}`;
    return [inSdl(reading, view.node, problem, 'rename one of them')];
  }
  const different = differences(view, first.view);
  if (different.length === 0 || (isMerged && view.kind === 'type')) return [];
  const problem = `${name} of ${reading.module.name} differs from ${name} of ${there} in ${listed(different)}`;
  const join = view.kind === 'type' ? ', or join them with merge' : '';
  return [inSdl(reading, view.node, problem, `make both the same, or rename one of them${join}`)];
};

/** Reports built-in scalars that one module replaces while another module uses the built-in definition. */
const conflictingScalars = (readings: readonly ParsedModule[]): readonly ModuleProblem[] => {
  const replaces = ({ module }: ParsedModule, name: string) => isScalarType(module.resolvers[name]);
  return readings.flatMap((reading) =>
    Object.keys(USUAL_SCALARS)
      .filter((name) => replaces(reading, name))
      .flatMap((name) =>
        readings
          .filter(
            (other) => other.sdl.is === 'read' && other.sdl.sdl.undeclared.includes(name) && !replaces(other, name),
          )
          .map((other) => {
            const problem = `${name} is replaced here, but ${other.module.name} uses the built-in scalar`;
            return inIndex(reading, problem, 'remove it from resolvers, or rename it');
          }),
      ),
  );
};

/**
 * Reports names with different definitions in different modules. For merged object types only the kind is compared
 * here.
 */
export const conflictingTypes = (readings: readonly ParsedModule[]): readonly ModuleProblem[] => {
  const firsts = new Map<string, Definition>();
  const merged = (name: string) => readings.some((reading) => mergeOf(reading, name) !== undefined);
  const types = readings.flatMap((reading) =>
    [...reading.types].flatMap(([name, view]) => {
      const first = firsts.get(name);
      if (first !== undefined)
        return ROOT_TYPES.has(name) ? [] : conflicts(name, { reading, view }, first, merged(name));
      firsts.set(name, { reading, view });
      return [];
    }),
  );
  return [...types, ...conflictingScalars(readings)];
};
