/** A type in a field's definition. */
export type TypeRef =
  | { readonly is: 'named'; readonly name: string }
  | { readonly is: 'list'; readonly of: TypeRef }
  | { readonly is: 'nonNull'; readonly of: TypeRef };

export const named = (name: string): TypeRef => ({ is: 'named', name });
export const list = (of: TypeRef): TypeRef => ({ is: 'list', of });
export const nonNull = (of: TypeRef): TypeRef => (of.is === 'nonNull' ? of : { is: 'nonNull', of });

export const printed = (type: TypeRef): string => {
  if (type.is === 'named') return type.name;
  return type.is === 'list' ? `[${printed(type.of)}]` : `${printed(type.of)}!`;
};

/** The property that a resolver finds the value of a text in `needs` at. */
export const neededProperty = (text: string): string => text.match(/^\w+/)?.[0] ?? '';

export const nameIn = (type: TypeRef): string => (type.is === 'named' ? type.name : nameIn(type.of));

/** Source of a field. */
export type How =
  | { readonly by: 'property' | 'function' | 'sync' | 'async' | 'info' | 'loaders' }
  /** A resolver in a module over a service, which reads these fields of its row. */
  | { readonly by: 'reads'; readonly fields: readonly string[] }
  | {
      readonly by: 'loaded';
      readonly loader: string;
      /** Fields of the parent: one, or those of an object key. */
      readonly key: readonly string[];
      readonly computed: boolean;
      readonly map: boolean;
    };

export interface FieldModel {
  readonly name: string;
  readonly type: TypeRef;
  /** As SDL, without parentheses. */
  readonly args: readonly string[];
  readonly directives: readonly string[];
  readonly how: How;
  /** Fields that it is computed from, as in `needs`. */
  readonly needs: readonly string[];
  /** True if other modules provide the same value for the same entity. */
  readonly isShared?: boolean;
}

export interface KeyModel {
  readonly key: readonly string[];
  /** Name of the loader by this key; null if the key is enough. */
  readonly load: string | null;
}

/** True for a type without a key, with fields of several modules. */
export const isNamespace = ({ merge }: Pick<ObjectModel, 'merge'>): boolean =>
  merge?.some(({ key }) => key.length === 0) === true;

/** Fields of all keys of a merge. */
export const keysIn = ({ merge }: Pick<ObjectModel, 'merge'>): readonly string[] => [
  ...new Set((merge ?? []).flatMap(({ key }) => key)),
];

export interface ObjectModel {
  readonly name: string;
  readonly interfaces: string[];
  readonly directives: readonly string[];
  readonly fields: FieldModel[];
  /** Fields that distinguish the module's rows; empty for a type that is no entity. */
  readonly keys: readonly string[];
  /** Keys of the merge in their order; null without one. */
  readonly merge: readonly KeyModel[] | null;
}

export interface AbstractModel {
  readonly name: string;
  readonly kind: 'interface' | 'union';
  readonly directives: readonly string[];
  /** Field of an interface, as SDL. */
  readonly fields: readonly string[];
  readonly members: readonly string[];
  /** A field of an interface whose resolver is at the interface, and the members with a resolver of their own. */
  readonly shared: { readonly field: string; readonly own: readonly string[] } | null;
}

/** Result of a loader: an entity's row, or a value of a field's type by any key. */
export type LoaderModel =
  | {
      readonly of: 'entity';
      readonly name: string;
      readonly entity: string;
      readonly key: readonly string[];
      /** How a service is called; ignored in other modules. */
      readonly by: LoadBy;
    }
  | { readonly of: 'value'; readonly name: string; readonly type: TypeRef; readonly composite: boolean }
  | { readonly of: 'token'; readonly name: string; readonly composite: boolean };

/** How a module loads an entity from its service by a key. */
export type LoadBy = 'list' | 'one' | 'entities';

export interface ModuleModel {
  readonly name: string;
  /** True if a GraphQL service provides its fields. */
  readonly isService: boolean;
  /** True if it declares the enums, scalars and inputs that all modules share. */
  readonly shares: boolean;
  readonly objects: ObjectModel[];
  readonly abstracts: AbstractModel[];
  readonly loaders: LoaderModel[];
}

export interface Model {
  readonly seed: string;
  readonly modules: readonly ModuleModel[];
}
