import type { FieldDefinitionNode } from 'graphql';
import type { MergeShape } from '../../backend/schema-types.ts';
import { keyFields } from '../sdl.ts';
import { type Reading, ROOT_TYPES } from './reading.ts';
import { namedType, type TypeKind, type TypeView } from './type-view.ts';

/** What one module gives to an entity. */
export interface Part {
  readonly reading: Reading;
  readonly view: TypeView;
  /** The fields by which it can be asked for its part; null where it cannot. */
  readonly key: readonly string[] | null;
}

/** An object type of several modules, at least one of which joins it. */
export interface Entity {
  readonly name: string;
  readonly parts: readonly Part[];
  /** Fields that some module joins it by: the only ones that several modules give. */
  readonly keys: ReadonlySet<string>;
}

/** How a module merges a type; undefined where it does not. */
export const mergeOf = ({ module }: Reading, type: string): MergeShape | undefined =>
  Object.hasOwn(module.merge, type) ? module.merge[type] : undefined;

const partOf = (reading: Reading, name: string): Part[] => {
  const view = reading.types.get(name);
  if (view?.kind !== 'type') return [];
  const merge = mergeOf(reading, name);
  return [{ reading, view, key: merge === undefined ? null : keyFields(merge) }];
};

export const entitiesIn = (readings: readonly Reading[]): readonly Entity[] => {
  const merged = new Set(readings.flatMap(({ module }) => Object.keys(module.merge)));
  return [...merged]
    .filter((name) => !ROOT_TYPES.has(name))
    .map((name) => {
      const parts = readings.flatMap((reading) => partOf(reading, name));
      return { name, parts, keys: new Set(parts.flatMap(({ key }) => key ?? [])) };
    })
    .filter(({ parts, keys }) => parts.length > 1 && keys.size > 0);
};

const COMPOSITE: ReadonlySet<TypeKind | undefined> = new Set(['type', 'interface', 'union']);

/** Why a join cannot carry this field from module to module; null where it can. */
export const whyNotCarried = (
  { types }: Reading,
  { arguments: args = [], type }: FieldDefinitionNode,
): string | null => {
  if (args.length > 0) return 'has arguments';
  return COMPOSITE.has(types.get(namedType(type))?.kind) ? 'is no scalar or enum' : null;
};
