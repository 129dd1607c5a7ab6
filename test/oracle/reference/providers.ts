import { type GraphQLField, type GraphQLObjectType, type GraphQLSchema, isObjectType } from 'graphql';
import type { SchemaModule } from '../../../src/backend/define/module.ts';
import { type EntityKey, entityKeys } from '../../../src/backend/merge/entity-keys.ts';
import { Owners, type PossibleJoin } from '../../../src/execution/plan/field-owners.ts';
import { chooseJoins, type JoinChoice } from '../../../src/execution/plan/join-choice.ts';
import { isCheapest } from './cheapest.ts';
import { ownSchema } from './schemas.ts';

/** The module that provides a field, and the field's definition there. */
export interface Provider {
  readonly module: SchemaModule;
  readonly field: GraphQLField<unknown, unknown>;
  /** The join that provides the field; null if it is on the row. */
  readonly join: PossibleJoin | null;
}

/** A row, and the fields that are requested of it. */
export interface Origin {
  readonly module: SchemaModule;
  readonly value: unknown;
  readonly requested: () => readonly string[];
}

export const ROOTS: ReadonlySet<string> = new Set(['Query', 'Mutation']);

const hasValue = (row: object, name: string): boolean => (Reflect.get(row, name) ?? null) !== null;

/** Finds the module that provides a field. */
export class Providers {
  readonly modules: readonly SchemaModule[];
  readonly #schemas: ReadonlyMap<SchemaModule, GraphQLSchema>;
  readonly #owners: Owners;
  readonly #choices = new WeakMap<Origin, JoinChoice>();

  constructor(modules: readonly SchemaModule[], schema: GraphQLSchema) {
    this.modules = modules;
    this.#schemas = new Map(modules.map((module) => [module, ownSchema(module)]));
    const all = [...this.#schemas].map(([module, own]) => ({ module, schema: own }));
    this.#owners = new Owners({ schema, modules: all, guardOf: () => null, limits: new Map() });
  }

  /** A module's own field; undefined if it has none of that name. */
  fieldIn(module: SchemaModule, type: string, field: string): GraphQLField<unknown, unknown> | undefined {
    return this.#typeIn(module, type)?.getFields()[field];
  }

  /** True for a field that several modules provide, keys apart. */
  isShared(type: string, field: string): boolean {
    const joins = this.#owners.possibleJoins(type, field);
    const isKey = joins.some(({ module }) =>
      entityKeys(module.module.merge[type] ?? { keys: [] }).some(({ fields }) => fields.includes(field)),
    );
    return !isKey && new Set(joins.map(({ module }) => module)).size > 1;
  }

  /** Module that provides a field of a row; of a root field if `origin` is null. */
  providerOf(type: string, name: string, origin: Origin | null): Provider {
    const own = origin?.module ?? this.modules.find((module) => this.fieldIn(module, type, name) !== undefined);
    const ownField = own && this.fieldIn(own, type, name);
    if (own && ownField && (origin === null || this.#isOnRow(type, origin)(name)))
      return { module: own, field: ownField, join: null };
    const join = origin === null ? undefined : this.#choice(type, origin).get(name);
    const module = join?.module.module;
    const field = module && this.fieldIn(module, type, name);
    if (!join || !module || !field) throw new Error(`No module provides ${type}.${name} for rows of ${own?.name}.`);
    return { module, field, join };
  }

  /** The key of a row with only key fields, of a type that its module loads by this key; null for other rows. */
  referenceKey({ module, value: row }: Origin, type: string): EntityKey | null {
    const merge = module.merge[type];
    if (merge === undefined || typeof row !== 'object' || row === null) return null;
    const keys = entityKeys(merge);
    const isKey = (name: string): boolean => name === '__typename' || keys.some(({ fields }) => fields.includes(name));
    if (!Object.keys(row).every(isKey)) return null;
    return keys.find(({ fields, load }) => load !== undefined && fields.every((name) => hasValue(row, name))) ?? null;
  }

  /** A reference is completed like another module's row: all fields but those of its key come from the loader. */
  #isOnRow(type: string, origin: Origin): (field: string) => boolean {
    const key = this.referenceKey(origin, type);
    if (key !== null) return (field) => key.fields.includes(field);
    const { module } = origin;
    return (field) =>
      this.fieldIn(module, type, field) !== undefined && module.merge[type]?.needs?.[field] === undefined;
  }

  /** @throws Error if another choice is cheaper */
  #choice(type: string, origin: Origin): JoinChoice {
    const known = this.#choices.get(origin);
    if (known !== undefined) return known;
    const isOnRow = this.#isOnRow(type, origin);
    const fields = origin.requested();
    const choice = chooseJoins(this.#owners, type, isOnRow, fields);
    if (choice === null) throw new Error(`Fields of ${type} cannot be provided for rows of ${origin.module.name}.`);
    if (!isCheapest(this.#owners, type, isOnRow, fields, choice)) throw new Error('Other joins have fewer calls.');
    this.#choices.set(origin, choice);
    return choice;
  }

  #typeIn(module: SchemaModule, type: string): GraphQLObjectType | undefined {
    const named = this.#schemas.get(module)?.getType(type);
    return isObjectType(named) ? named : undefined;
  }
}
