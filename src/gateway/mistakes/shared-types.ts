import { isScalarType } from 'graphql';
import { USUAL_SCALARS } from '../../backend/scalars.ts';
import { mergeOf } from './entity.ts';
import { listed, type Mistake } from './mistake.ts';
import { elsewhere, inIndex, inSdl, type Reading, ROOT_TYPES } from './reading.ts';
import type { TypeView } from './type-view.ts';

interface Definition {
  readonly reading: Reading;
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

const unlike = (name: string, here: Definition, first: Definition, isMerged: boolean): readonly Mistake[] => {
  const there = elsewhere(first.reading, first.view.node);
  const { reading, view } = here;
  if (view.kind !== first.view.kind) {
    const wrong = `${name} is ${KINDS[view.kind]} in ${reading.module.name} and ${KINDS[first.view.kind]} in ${there}`;
    return [inSdl(reading, view.node, wrong, 'rename one of them')];
  }
  const different = differences(view, first.view);
  if (different.length === 0 || (isMerged && view.kind === 'type')) return [];
  const wrong = `${name} of ${reading.module.name} differs from that of ${there} in ${listed(different)}`;
  const join = view.kind === 'type' ? ', or join them with merge' : '';
  return [inSdl(reading, view.node, wrong, `make both alike, or rename one of them${join}`)];
};

/** A usual scalar that one module gives a meaning of its own, while another uses it as it is. */
const unlikeScalars = (readings: readonly Reading[]): readonly Mistake[] => {
  const means = ({ module }: Reading, name: string) => isScalarType(module.resolvers[name]);
  return readings.flatMap((reading) =>
    Object.keys(USUAL_SCALARS)
      .filter((name) => means(reading, name))
      .flatMap((name) =>
        readings
          .filter((other) => other.sdl.is === 'read' && other.sdl.sdl.undeclared.includes(name) && !means(other, name))
          .map((other) => {
            const wrong = `${name} has a meaning of its own here, and the usual one in ${other.module.name}`;
            return inIndex(reading, wrong, 'take it out of resolvers, or give it another name');
          }),
      ),
  );
};

/** Names by which two modules mean different things. Of merged object types only the kind is looked at here. */
export const unlikeTypes = (readings: readonly Reading[]): readonly Mistake[] => {
  const firsts = new Map<string, Definition>();
  const merged = (name: string) => readings.some((reading) => mergeOf(reading, name) !== undefined);
  const types = readings.flatMap((reading) =>
    [...reading.types].flatMap(([name, view]) => {
      const first = firsts.get(name);
      if (first !== undefined) return ROOT_TYPES.has(name) ? [] : unlike(name, { reading, view }, first, merged(name));
      firsts.set(name, { reading, view });
      return [];
    }),
  );
  return [...types, ...unlikeScalars(readings)];
};
