import type { FieldDefinitionNode } from 'graphql';
import type { MergeShape } from '../../../backend/define/schema-types.ts';
import { entityKeys } from '../../../backend/merge/entity-keys.ts';
import { namedType } from '../../compose/sdl.ts';
import { type ParsedModule, ROOT_TYPES } from '../parsed-module.ts';
import type { TypeKind, TypeView } from '../type-summary.ts';

/** The contribution of one module to an entity. */
export interface Contribution {
  readonly reading: ParsedModule;
  readonly view: TypeView;
  /** The key fields of each key by which the module loads its fields; null without `merge`. */
  readonly keys: readonly (readonly string[])[] | null;
}

/** An object type of several modules, at least one of which merges it. */
export interface Entity {
  readonly name: string;
  readonly contributions: readonly Contribution[];
  /** Key fields of all modules that merge it. Only these may be defined by several modules. */
  readonly keys: ReadonlySet<string>;
}

/** The `merge` of a module for a type; undefined without one. */
export const mergeOf = ({ module }: ParsedModule, type: string): MergeShape | undefined =>
  Object.hasOwn(module.merge, type) ? module.merge[type] : undefined;

const contributionOf = (reading: ParsedModule, name: string): Contribution[] => {
  const view = reading.types.get(name);
  if (view?.kind !== 'type') return [];
  const merge = mergeOf(reading, name);
  const keys = merge === undefined ? [] : entityKeys(merge).map(({ fields }) => fields);
  // merge.ts reports a list without a key.
  return [{ reading, view, keys: keys.length === 0 ? null : keys }];
};

export const entitiesIn = (readings: readonly ParsedModule[]): readonly Entity[] => {
  const merged = new Set(readings.flatMap(({ module }) => Object.keys(module.merge)));
  return [...merged]
    .filter((name) => !ROOT_TYPES.has(name))
    .map((name) => {
      const contributions = readings.flatMap((reading) => contributionOf(reading, name));
      return { name, contributions, keys: new Set(contributions.flatMap(({ keys }) => (keys ?? []).flat())) };
    })
    .filter(({ contributions }) => contributions.length > 1);
};

const COMPOSITE: ReadonlySet<TypeKind | undefined> = new Set(['type', 'interface', 'union']);

/** Returns why a field cannot be a join input; null if it can. */
export const whyNotCarried = (
  { types }: ParsedModule,
  { arguments: args = [], type }: FieldDefinitionNode,
): string | null => {
  if (args.length > 0) return 'has arguments';
  return COMPOSITE.has(types.get(namedType(type))?.kind) ? 'is not a scalar or enum' : null;
};
