import { type GraphQLField, type GraphQLObjectType, type GraphQLSchema, isObjectType } from 'graphql';
import type { SchemaModule } from '../../../src/backend/define/module.ts';
import { entityKeys, keyFields } from '../../../src/backend/merge/entity-keys.ts';
import { ownSchema } from './schemas.ts';

/** The module that provides a field, and the field's definition there. */
export interface Provider {
  readonly module: SchemaModule;
  readonly field: GraphQLField<unknown, unknown>;
  /** True if the module of the row itself provides the field. */
  readonly isOwn: boolean;
}

export const ROOTS: ReadonlySet<string> = new Set(['Query', 'Mutation']);

export const keyOf = (module: SchemaModule, type: string): readonly string[] => {
  const merge = module.merge[type];
  return merge === undefined ? [] : keyFields(merge);
};

/** The loader of a type's rows in a module. */
export const loadOf = (module: SchemaModule, type: string): string | undefined => {
  const merge = module.merge[type];
  return merge === undefined ? undefined : entityKeys(merge)[0]?.load;
};

/** Finds the module that provides a field. */
export class Providers {
  readonly modules: readonly SchemaModule[];
  readonly #schemas: ReadonlyMap<SchemaModule, GraphQLSchema>;

  constructor(modules: readonly SchemaModule[]) {
    this.modules = modules;
    this.#schemas = new Map(modules.map((module) => [module, ownSchema(module)]));
  }

  /** A module's own field; undefined if it has none of that name. */
  fieldIn(module: SchemaModule, type: string, field: string): GraphQLField<unknown, unknown> | undefined {
    return this.#typeIn(module, type)?.getFields()[field];
  }

  /** Input fields of a module's computed field; undefined for other fields. */
  needsOf(module: SchemaModule, type: string, field: string): readonly string[] | undefined {
    return module.merge[type]?.needs?.[field];
  }

  /** Module that provides a field of a row of `origin`; of a root field if `origin` is null. */
  providerOf(type: string, name: string, origin: SchemaModule | null, row: unknown): Provider {
    const own = origin ?? this.modules.find((module) => this.fieldIn(module, type, name) !== undefined);
    const ownField = own && this.fieldIn(own, type, name);
    if (own && ownField && this.needsOf(own, type, name) === undefined) {
      // A reference is completed like another module's row: all fields but the key come from the loader.
      const isOwn = keyOf(own, type).includes(name) || !this.isReference(own, type, row);
      return { module: own, field: ownField, isOwn };
    }
    const module = this.modules.find((one) => this.#isJoined(one, type) && this.#isAsked(one, type, name));
    const field = module && this.fieldIn(module, type, name);
    if (!module || !field) throw new Error(`No module provides ${type}.${name} for rows of ${origin?.name}.`);
    return { module, field, isOwn: false };
  }

  /** True for a row with only its key, of a type that its module loads by key. */
  isReference(module: SchemaModule, type: string, row: unknown): boolean {
    if (loadOf(module, type) === undefined || typeof row !== 'object' || row === null) return false;
    const keys = keyOf(module, type);
    return (
      Object.keys(row).every((name) => name === '__typename' || keys.includes(name)) &&
      keys.every((name) => (Reflect.get(row, name) ?? null) !== null)
    );
  }

  /** Root types are joined without `merge`. */
  #isJoined(module: SchemaModule, type: string): boolean {
    return ROOTS.has(type) || module.merge[type] !== undefined;
  }

  /** True if a module provides a field for rows of other modules. Its key fields are inputs, not outputs. */
  #isAsked(module: SchemaModule, type: string, field: string): boolean {
    if (this.fieldIn(module, type, field) === undefined) return false;
    return this.needsOf(module, type, field) !== undefined || !keyOf(module, type).includes(field);
  }

  #typeIn(module: SchemaModule, type: string): GraphQLObjectType | undefined {
    const named = this.#schemas.get(module)?.getType(type);
    return isObjectType(named) ? named : undefined;
  }
}
