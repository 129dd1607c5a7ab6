import { type GraphQLObjectType, isObjectType } from 'graphql';
import type { MergeShape } from '../../backend/define/schema-types.ts';
import { type NeededField, neededFields } from '../../backend/merge/needed-field.ts';
import type { Graph, GraphModule } from '../graph.ts';

/** The value of a root type is always the same, so that a join to it has no key. */
const ROOT: MergeShape = { key: [] };

/** Finds the modules that provide a field, and the joins that reach them. Created once for each graph. */
export class Owners {
  readonly #modules: readonly GraphModule[];
  readonly #roots: ReadonlySet<string | undefined>;

  constructor({ modules, schema }: Graph) {
    this.#modules = modules;
    this.#roots = new Set([schema.getQueryType()?.name, schema.getMutationType()?.name]);
  }

  typeIn({ schema }: GraphModule, type: string): GraphQLObjectType | undefined {
    const named = schema.getType(type);
    return isObjectType(named) ? named : undefined;
  }

  /** True if a field is on the module's own rows. Fields with `needs` are not. */
  provides(module: GraphModule, type: string, field: string): boolean {
    return this.#hasField(module, type, field) && this.needsOf(module, type, field) === null;
  }

  /** The fields that a field is computed from (`needs`), or null. */
  needsOf(module: GraphModule, type: string, field: string): readonly NeededField[] | null {
    const needs = this.mergeOf(module, type)?.needs;
    const texts = needs !== undefined && Object.hasOwn(needs, field) ? needs[field] : undefined;
    return texts === undefined ? null : neededFields(texts);
  }

  mergeOf({ module }: GraphModule, type: string): MergeShape | undefined {
    if (this.#roots.has(type)) return ROOT;
    return Object.hasOwn(module.merge, type) ? module.merge[type] : undefined;
  }

  /** Returns the module of a root field. */
  ofRoot(type: string, field: string): GraphModule | undefined {
    return this.#modules.find((module) => this.#hasField(module, type, field));
  }

  /**
   * Returns the modules that can be joined to provide a field of rows. Each of their join inputs is on the row
   * (`isOnRow`) or is provided by another reachable module. A join in `inProgress` still lacks inputs of its own, so that
   * it provides none.
   */
  reachable(
    type: string,
    field: string,
    isOnRow: (field: string) => boolean,
    inProgress: readonly string[] = [],
  ): readonly GraphModule[] {
    return this.#modules.filter((module) => {
      const merge = this.mergeOf(module, type);
      if (merge === undefined || !this.#hasField(module, type, field)) return false;
      const keys = keysOf(merge);
      const needs = this.needsOf(module, type, field) ?? [];
      const here = joinName(module, needs);
      // A module cannot provide its own key.
      if (keys.includes(field) || inProgress.includes(here)) return false;
      return [...keys, ...needs.map(({ name }) => name)].every(
        (one) => isOnRow(one) || this.reachable(type, one, isOnRow, [...inProgress, here]).length > 0,
      );
    });
  }

  #hasField(module: GraphModule, type: string, field: string): boolean {
    return this.typeIn(module, type)?.getFields()[field] !== undefined;
  }
}

export const keysOf = ({ key }: MergeShape): readonly string[] => (typeof key === 'string' ? [key] : key);

/** Name of a join. Fields of one module share a join if they have the same `needs`, or none. */
export const joinName = ({ module }: GraphModule, needs: readonly NeededField[]): string =>
  [module.name, ...needs.map(({ text }) => text)].join(' ');
