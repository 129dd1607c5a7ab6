import { type GraphQLObjectType, isObjectType } from 'graphql';
import { isLoaded } from '../../backend/define/loaded.ts';
import type { SchemaModule } from '../../backend/define/module.ts';
import type { MergeShape } from '../../backend/define/schema-types.ts';
import { type EntityKey, entityKeys } from '../../backend/merge/entity-keys.ts';
import { type NeededField, neededFields } from '../../backend/merge/needed-field.ts';
import type { Graph, GraphModule } from '../graph.ts';

/** The value of a root type is always the same, so that a join to it has no key. */
const ROOT: MergeShape = { key: [] };

/** Position of the context, with clients and loaders, among a resolver's parameters. */
const CONTEXT = 3;

/** A join that can provide a field: its module, one of the module's keys, and what the field is computed from. */
export interface PossibleJoin {
  /** Fields of one module share a join if they have the same key and the same `needs`, or none. */
  readonly name: string;
  readonly module: GraphModule;
  readonly key: EntityKey;
  readonly needs: readonly NeededField[];
}

const joinName = ({ module }: GraphModule, { fields }: EntityKey, needs: readonly NeededField[]): string =>
  [module.name, `by ${fields.join(' ')}`, ...needs.map(({ text }) => text)].join(' ');

const resolverIn = ({ resolvers }: SchemaModule, type: string, field: string): unknown => {
  const own = Object.hasOwn(resolvers, type) ? Object(resolvers[type]) : {};
  return Object.hasOwn(own, field) ? Reflect.get(own, field) : undefined;
};

const hasResolver = ({ module }: GraphModule, type: string, field: string): boolean =>
  resolverIn(module, type, field) !== undefined;

/** Finds the modules that provide a field, and the joins that reach them. Created once for each graph. */
export class Owners {
  readonly #modules: readonly GraphModule[];
  readonly #roots: ReadonlySet<string | undefined>;
  readonly #joins = new Map<string, readonly PossibleJoin[]>();

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
   * Returns the joins that provide a field, in the order of the modules and of their keys. A join does not provide a
   * field of its own key. Without a loader an entity has no properties but its key: if other joins provide the field,
   * one without loader and resolver is left out.
   */
  possibleJoins(type: string, field: string): readonly PossibleJoin[] {
    const coordinate = `${type}.${field}`;
    const known = this.#joins.get(coordinate);
    if (known !== undefined) return known;
    const joins = this.#modules.flatMap((module) => {
      const merge = this.mergeOf(module, type);
      if (merge === undefined || !this.#hasField(module, type, field)) return [];
      const needs = this.needsOf(module, type, field) ?? [];
      const keys = entityKeys(merge).filter(({ fields }) => !fields.includes(field));
      return keys.map((key) => ({ name: joinName(module, key, needs), module, key, needs }));
    });
    const providing = joins.filter(({ module, key }) => key.load !== undefined || hasResolver(module, type, field));
    const found = providing.length > 0 ? providing : joins;
    this.#joins.set(coordinate, found);
    return found;
  }

  /** True if reading a field of an entity may call a backend: it is loaded, or has a resolver with clients. */
  mayCall({ module }: GraphModule, type: string, field: string): boolean {
    const resolver = resolverIn(module, type, field);
    return isLoaded(resolver) || (typeof resolver === 'function' && resolver.length >= CONTEXT);
  }

  #hasField(module: GraphModule, type: string, field: string): boolean {
    return this.typeIn(module, type)?.getFields()[field] !== undefined;
  }
}
