import type {
  FieldNode,
  FragmentDefinitionNode,
  GraphQLAbstractType,
  GraphQLField,
  GraphQLObjectType,
  OperationDefinitionNode,
  VariableDefinitionNode,
} from 'graphql';
import type { AnyResolver } from '../backend/module.ts';
import type { GraphModule, Guard, Limited } from './graph.ts';

/** Arguments, or variables. */
export type Values = Readonly<Record<string, unknown>>;

/** An object of the answer, or what joins read of one row. */
export type Out = Record<string, unknown>;

/** Rows of one place that were read at one time, and the objects of the answer that were made for them. */
export interface Rows {
  readonly values: unknown[];
  readonly outs: Out[];
  /** Whether all that can be read at sight has been put into each. */
  areRead: boolean;
}

/** Makes an object of the answer with all keys in order, and puts into it what it can; `rows` is told where that was not all. */
export type Open = (row: unknown, rows: Rows) => Out;

/** Puts into an object of the answer what can be read of a row at sight: all, or nothing and false. */
export type Fill = (row: unknown, out: Out) => boolean;

/** How a module gives a field. */
export type Read =
  | { readonly is: 'property' }
  | { readonly is: 'resolver'; readonly resolve: AnyResolver }
  | { readonly is: 'limited'; readonly resolve: Limited }
  | {
      readonly is: 'loaded';
      readonly loader: string;
      readonly keyOf: (parent: unknown) => unknown;
      readonly map: ((value: unknown, parent: unknown) => unknown) | undefined;
    };

/** What a field's type makes of what was read. */
export type Shape = { readonly nonNull: boolean } & (
  | {
      readonly is: 'leaf';
      readonly type: string;
      /** Of a standard scalar: whether it hands a value out as it is. */
      readonly isFit: ((value: unknown) => boolean) | null;
      /** Throws for what the type cannot be. */
      readonly serialize: (value: unknown) => unknown;
    }
  | { readonly is: 'list'; readonly item: Shape }
  | { readonly is: 'object'; readonly selection: Selection }
  | {
      readonly is: 'abstract';
      readonly type: GraphQLAbstractType;
      /** Of one of its types; made when the first row of that type arrives. */
      readonly selectionOf: (type: GraphQLObjectType) => Selection;
    }
);

/** How a field's arguments are found: they are known, but for those that have a variable in them. */
export type Arguments =
  | { readonly are: 'none' }
  | { readonly are: 'known'; readonly values: Values }
  | { readonly are: 'variable' };

/** One field at one place of the operation, for all rows that are there. */
export interface Field {
  /** Where the value goes: the response key, or the name of a field that only joins read. */
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
  /** Whether a backend's "there is no such thing" is null here. */
  readonly mayBeAbsent: boolean;
  /** The joins that wait for this value; null for a field that the client asked for. */
  readonly joins: readonly Join[] | null;
}

/** What one module gives of the rows at one place. */
export interface Part {
  readonly module: GraphModule;
  readonly fields: readonly Field[];
  /** Those of them that have to be asked for one by one, where the rows could be read at sight. */
  readonly others: readonly Field[];
  /** Reads the rest of them off a row. */
  readonly fill: Fill;
  /** What only joins read. */
  readonly hidden: readonly Field[];
}

/** A value that a module is told of an entity that another one brought. */
export interface Given {
  readonly name: string;
  /** As whoever gives it completes it. */
  readonly shape: Shape;
  /** What the module's own type makes of it. */
  readonly parse: (value: unknown) => unknown;
  /** Whether there is no entity to ask for without it. */
  readonly isKey: boolean;
}

/** How rows get the fields of a module that did not bring them. */
export interface Join extends Part {
  /** Its place in the selection's list. */
  readonly at: number;
  readonly given: readonly Given[];
  /** Whether its module is told of a row one value only: that, and no object of it, is what it is told then. */
  readonly isOne: boolean;
  /** By which loader the entity is found, and by what; null where what is given is the entity. */
  readonly load: { readonly loader: string; readonly keyOf: (told: unknown) => unknown } | null;
}

/** What to answer, in the order of the document: a field's value, or the type's own name. */
export type Answers = ReadonlyMap<string, Field | string>;

/** Rows of a place that may be references: only the key of an entity, whose other fields its own module loads. */
export interface References {
  /** Key fields of the type in its module. */
  readonly keys: readonly string[];
  /** The loader that `merge.load` names. */
  readonly loader: string;
  /** The same selection for references: the module's own fields come through a join. Made when the first reference arrives. */
  readonly selection: () => Selection;
}

/** What is asked of rows of one type that one module brought. */
export interface Selection {
  readonly type: string;
  readonly answers: Answers;
  /** A new object with all keys of the answer, in order, and in them what can be read of the row at sight. */
  readonly open: Open;
  readonly own: Part;
  readonly joins: readonly Join[];
  /** Null where the row is never completed: its type has no loader, or only key fields of it are read. */
  readonly references: References | null;
}

/** An operation, ready to be run for anybody whose variables decide its conditions alike. */
export interface Plan {
  readonly operation: OperationDefinitionNode;
  readonly fragments: Readonly<Record<string, FragmentDefinitionNode>>;
  readonly answers: Answers;
  readonly open: () => Out;
  /** The variables that a module coerces itself: its enums and scalars may know values by other names. */
  readonly variablesOf: (module: GraphModule) => readonly VariableDefinitionNode[];
  /** How many fields it has so far; those of abstract types are made when their first rows arrive. */
  readonly fields: () => number;
}
