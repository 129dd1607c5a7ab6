import { type GraphQLObjectType, isObjectType } from 'graphql';
import type { MergeShape } from '../backend/schema-types.ts';
import type { Graph, GraphModule } from './graph.ts';

/** A root type has one value: every module knows it without a key. */
const ROOT: MergeShape = { key: [] };

/** Owners of fields and ways to entities: read from the modules, once a graph. */
export class Owners {
  readonly #modules: readonly GraphModule[];
  readonly #isHidden: Graph['isHidden'];
  readonly #roots: ReadonlySet<string | undefined>;

  constructor({ modules, isHidden, schema }: Graph) {
    this.#modules = modules;
    this.#isHidden = isHidden;
    this.#roots = new Set([schema.getQueryType()?.name, schema.getMutationType()?.name]);
  }

  typeIn({ schema }: GraphModule, type: string): GraphQLObjectType | undefined {
    const named = schema.getType(type);
    return isObjectType(named) ? named : undefined;
  }

  /** Whether a module's own rows have a field. One that is computed from others' is not on any row. */
  gives(module: GraphModule, type: string, field: string): boolean {
    return this.#knows(module, type, field) && this.needsOf(module, type, field) === null;
  }

  /** What a field is computed from; null where it is not. */
  needsOf(module: GraphModule, type: string, field: string): readonly string[] | null {
    const needs = this.mergeOf(module, type)?.needs;
    return needs !== undefined && Object.hasOwn(needs, field) ? (needs[field] ?? null) : null;
  }

  mergeOf({ module }: GraphModule, type: string): MergeShape | undefined {
    if (this.#roots.has(type)) return ROOT;
    return Object.hasOwn(module.merge, type) ? module.merge[type] : undefined;
  }

  /** The module that a root field is of. */
  ofRoot(type: string, field: string): GraphModule | undefined {
    return this.#modules.find((module) => this.#knows(module, type, field));
  }

  /**
   * Modules that give a field to rows, and whose join inputs are available: `isGiven` for fields of the row itself, or from other
   * reachable modules. Joins in `on` are being made already and give nothing.
   */
  reachable(
    type: string,
    field: string,
    isGiven: (field: string) => boolean,
    on: readonly string[] = [],
  ): readonly GraphModule[] {
    return this.#modules.filter((module) => {
      const merge = this.mergeOf(module, type);
      if (merge === undefined || !this.#knows(module, type, field)) return false;
      const keys = keysOf(merge);
      const needs = this.needsOf(module, type, field) ?? [];
      const here = joinName(module, needs);
      // A module that has to be told a field first gives it to nobody.
      if (keys.includes(field) || on.includes(here)) return false;
      return [...keys, ...needs].every(
        (one) => isGiven(one) || this.reachable(type, one, isGiven, [...on, here]).length > 0,
      );
    });
  }

  #knows(module: GraphModule, type: string, field: string): boolean {
    if (this.#isHidden(field)) return false;
    return this.typeIn(module, type)?.getFields()[field] !== undefined;
  }
}

export const keysOf = ({ key }: MergeShape): readonly string[] => (typeof key === 'string' ? [key] : key);

/** What of a module is asked together: all that it knows by key, or what it computes from the same fields. */
export const joinName = ({ module }: GraphModule, needs: readonly string[]): string =>
  [module.name, ...needs].join(' ');
