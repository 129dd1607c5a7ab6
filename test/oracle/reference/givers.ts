import { type GraphQLField, type GraphQLObjectType, type GraphQLSchema, isObjectType } from 'graphql';
import type { SchemaModule } from '../../../src/backend/module.ts';
import { ownSchema } from './schemas.ts';

/** A module that gives a field, and the field as it has it. */
export interface Giver {
  readonly module: SchemaModule;
  readonly field: GraphQLField<unknown, unknown>;
  /** Whether the module that brought the row gives the field of it. */
  readonly isOwn: boolean;
}

export const ROOTS: ReadonlySet<string> = new Set(['Query', 'Mutation']);

export const keyOf = (module: SchemaModule, type: string): readonly string[] => {
  const key = module.merge[type]?.key ?? [];
  return typeof key === 'string' ? [key] : key;
};

/** Who gives which field. */
export class Givers {
  readonly modules: readonly SchemaModule[];
  readonly #schemas: ReadonlyMap<SchemaModule, GraphQLSchema>;

  constructor(modules: readonly SchemaModule[]) {
    this.modules = modules;
    this.#schemas = new Map(modules.map((module) => [module, ownSchema(module)]));
  }

  /** A module's own field; undefined where it has none of that name. */
  fieldIn(module: SchemaModule, type: string, field: string): GraphQLField<unknown, unknown> | undefined {
    return this.#typeIn(module, type)?.getFields()[field];
  }

  /** What a module's field is computed from; undefined where it is not computed. */
  needsOf(module: SchemaModule, type: string, field: string): readonly string[] | undefined {
    return module.merge[type]?.needs?.[field];
  }

  /** Module that gives a field of a row that `origin` brought; of a root field where there is no origin. */
  giverOf(type: string, name: string, origin: SchemaModule | null, row: unknown): Giver {
    const own = origin ?? this.modules.find((module) => this.fieldIn(module, type, name) !== undefined);
    const ownField = own && this.fieldIn(own, type, name);
    if (own && ownField && this.needsOf(own, type, name) === undefined) {
      // A reference is completed as another module's would be: all but its key comes from the loader.
      const isOwn = keyOf(own, type).includes(name) || !this.isReference(own, type, row);
      return { module: own, field: ownField, isOwn };
    }
    const module = this.modules.find((one) => this.#isJoined(one, type) && this.#isAsked(one, type, name));
    const field = module && this.fieldIn(module, type, name);
    if (!module || !field) throw new Error(`Nobody gives ${type}.${name} where ${origin?.name} brings it.`);
    return { module, field, isOwn: false };
  }

  /** True for a row that has nothing but its key, of a type that its module loads by key. */
  isReference(module: SchemaModule, type: string, row: unknown): boolean {
    if (module.merge[type]?.load === undefined || typeof row !== 'object' || row === null) return false;
    const keys = keyOf(module, type);
    return (
      Object.keys(row).every((name) => name === '__typename' || keys.includes(name)) &&
      keys.every((name) => (Reflect.get(row, name) ?? null) !== null)
    );
  }

  /** Root types are joined without a word. */
  #isJoined(module: SchemaModule, type: string): boolean {
    return ROOTS.has(type) || module.merge[type] !== undefined;
  }

  /** Whether a module is asked for a field of others' rows: never for what it has to be told first. */
  #isAsked(module: SchemaModule, type: string, field: string): boolean {
    if (this.fieldIn(module, type, field) === undefined) return false;
    return this.needsOf(module, type, field) !== undefined || !keyOf(module, type).includes(field);
  }

  #typeIn(module: SchemaModule, type: string): GraphQLObjectType | undefined {
    const named = this.#schemas.get(module)?.getType(type);
    return isObjectType(named) ? named : undefined;
  }
}
