import type {
  FieldNode,
  FragmentDefinitionNode,
  GraphQLAbstractType,
  GraphQLField,
  GraphQLObjectType,
  OperationDefinitionNode,
  VariableDefinitionNode,
} from 'graphql';
import type { AnyResolver } from '../../backend/define/module.ts';
import type { RemoteOperation } from '../../backend/remote/remote-operation.ts';
import type { ServiceSelection } from '../../backend/remote/service-selection.ts';
import type { GraphModule, Guard, Limit } from '../graph.ts';
import type { ServiceForms } from './service-forms.ts';

/** Values of arguments or variables. */
export type Values = Readonly<Record<string, unknown>>;

/** An object of the response, or the join inputs of one row. */
export type ResultObject = Record<string, unknown>;

/** Rows of one selection that arrived in one tick, with their result objects. */
export interface RowGroup {
  readonly values: unknown[];
  readonly results: ResultObject[];
  /** True if all plain properties of every row have been copied. */
  arePlainFieldsSet: boolean;
}

/**
 * Creates the result object with its keys in document order and copies the plain properties. Sets
 * `group.arePlainFieldsSet` to false if it could not copy them.
 */
export type CreateResult = (row: unknown, group: RowGroup) => ResultObject;

/** Copies the plain properties of a row into its result object. Returns false if it copied none of them. */
export type CopyPlainFields = (row: unknown, result: ResultObject) => boolean;

/** Returns the selection that a loader requests of a GraphQL service, compiled once with the plan. */
export type Select = (upstream: string) => ServiceForms<ServiceSelection, Field>;

/** The field source: how a module provides a field. */
export type Read =
  | { readonly is: 'property' }
  /** A field with arguments, or with an ambiguous name, of rows that a GraphQL service returned. */
  | { readonly is: 'aliased'; readonly property: string }
  /** A root field that a GraphQL service provides. */
  | {
      readonly is: 'remote';
      /** The operation of the service, compiled at the first call. */
      readonly forms: ServiceForms<RemoteOperation, Field>;
      /** Name of the argument with the client's idempotency key; null for none. */
      readonly idempotencyKey: string | null;
    }
  | { readonly is: 'resolver'; readonly resolve: AnyResolver }
  | {
      readonly is: 'loaded';
      readonly loader: string;
      readonly keyOf: (parent: unknown) => unknown;
      /** Properties of the parent that the key is made of; none if a function makes it. */
      readonly keyFields: readonly string[];
      /** The rows to request of a GraphQL service, compiled at the first call. */
      readonly select: Select;
      readonly map: ((value: unknown, parent: unknown) => unknown) | undefined;
    };

/** The output type of a field, prepared for completion. */
export type Shape = { readonly nonNull: boolean } & (
  | {
      readonly is: 'leaf';
      readonly type: string;
      /** True for values that a built-in scalar returns unchanged; null for other types. */
      readonly isUnchanged: ((value: unknown) => boolean) | null;
      /** Throws for a value that is not valid for the type. */
      readonly serialize: (value: unknown) => unknown;
    }
  | { readonly is: 'list'; readonly item: Shape }
  | { readonly is: 'object'; readonly selection: Selection }
  | {
      readonly is: 'abstract';
      readonly type: GraphQLAbstractType;
      /** Returns the selection of one possible type, compiled when the first row of that type arrives. */
      readonly selectionOf: (type: GraphQLObjectType) => Selection;
    }
);

/** The arguments of a field: none, constant, or dependent on variables. */
export type Arguments =
  | { readonly are: 'none' }
  | { readonly are: 'constant'; readonly values: Values }
  | { readonly are: 'variable' };

/** One field of a selection. */
export interface Field {
  /** The response key. For a join input: the name of a key field, or the text in `needs`. */
  readonly key: string;
  readonly name: string;
  readonly module: GraphModule;
  readonly parent: GraphQLObjectType;
  readonly definition: GraphQLField<unknown, unknown>;
  readonly nodes: readonly FieldNode[];
  readonly args: Arguments;
  readonly shape: Shape;
  readonly read: Read;
  readonly guard: Guard | null;
  readonly limit: Limit | null;
  /** True if "not found" from a backend becomes null. */
  readonly mayBeAbsent: boolean;
  /** The joins that need this value; null for a field that the client requested. */
  readonly joins: readonly Join[] | null;
}

/** The fields of a selection that one module contributes. */
export interface ModuleFields {
  readonly module: GraphModule;
  readonly fields: readonly Field[];
  /** The fields that are not plain properties. They are executed one by one. */
  readonly otherFields: readonly Field[];
  /** Copies the plain properties of a row. */
  readonly copyPlainFields: CopyPlainFields;
  /** The fields that this module provides as join inputs. They are not part of the response. */
  readonly hidden: readonly Field[];
}

/** A value that a join passes to a module. */
export interface JoinInput {
  /** The property that the module receives it as. */
  readonly name: string;
  /** Key of the hidden field that provides it. */
  readonly key: string;
  /** Output type of the field in the module that provides it. */
  readonly shape: Shape;
  /** Converts the value to the module's own type. */
  readonly parse: (value: unknown) => unknown;
  /** True if the entity cannot be loaded without it. */
  readonly isKey: boolean;
}

/** The step that loads the fields of one module for rows of another module. */
export interface Join extends ModuleFields {
  /** Index in `Selection.joins`. */
  readonly index: number;
  readonly inputs: readonly JoinInput[];
  /** The loader that finds the entity and the key for it; null if the join input is the entity. */
  readonly load: {
    readonly loader: string;
    /** True if the join has a single input, the key. Its rows then have the bare value instead of an object. */
    readonly hasBareKey: boolean;
    readonly keyOf: (input: unknown) => unknown;
    readonly select: Select;
  } | null;
}

/** Fields by response key in document order. `__typename` has the name of the type instead of a field. */
export type Answers = ReadonlyMap<string, Field | string>;

/** Loading of references by one key: the module that returned them finds their other fields by it. */
export interface References {
  /** The fields of the key. */
  readonly keys: readonly string[];
  /** The fields of all keys of the type in its module. A reference has no others. */
  readonly names: readonly string[];
  /** The loader that `merge` names for the key. */
  readonly loader: string;
  /**
   * The selection for references. It has the same fields, and a join to the module itself. Compiled when the first
   * reference arrives.
   */
  readonly selection: () => Selection;
}

/** The fields requested of rows of one type at one place of the operation, for rows that one module returned. */
export interface Selection {
  readonly type: string;
  readonly answers: Answers;
  /** Creates the result object of a row. */
  readonly createResult: CreateResult;
  readonly own: ModuleFields;
  readonly joins: readonly Join[];
  /**
   * References by each key with a loader. Null if references need no loading: the type has no loader, or only its key
   * fields are read.
   */
  readonly references: readonly References[] | null;
}

/** A compiled operation, shared by all requests with the same values of its conditions. */
export interface Plan {
  readonly operation: OperationDefinitionNode;
  readonly fragments: Readonly<Record<string, FragmentDefinitionNode>>;
  readonly answers: Answers;
  readonly createResult: () => ResultObject;
  /** The variables that a module coerces itself: its enums and scalars may have internal values. */
  readonly variablesOf: (module: GraphModule) => readonly VariableDefinitionNode[];
  /** Number of fields so far. Fields of abstract types are added when their first rows arrive. */
  readonly fields: () => number;
}
