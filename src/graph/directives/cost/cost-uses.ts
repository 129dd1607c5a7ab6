import {
  type ConstDirectiveNode,
  type DefinitionNode,
  type FieldDefinitionNode,
  type InputValueDefinitionNode,
  Kind,
  type NameNode,
} from 'graphql';
import { argumentCoordinate, coordinate } from '../authorization/requirement.ts';
import { directiveUses, type ModuleDocument } from '../type-parts.ts';

/** Directives of the GraphQL Cost Directives Specification. */
export const COST_SDL = `
  "Weight of the element in the cost of an operation, as a number."
  directive @cost(weight: String!)
    on ARGUMENT_DEFINITION | ENUM | FIELD_DEFINITION | INPUT_FIELD_DEFINITION | OBJECT | SCALAR
  "Largest number of items that the field, or its sized fields, return."
  directive @listSize(
    assumedSize: Int
    slicingArguments: [String!]
    sizedFields: [String!]
    requireOneSlicingArgument: Boolean = true
  ) on FIELD_DEFINITION
`;

/** Kind of the element that has a directive. */
export type CostTarget = 'type' | 'field' | 'input';

/** One use of `@cost`. */
export interface CostUse {
  readonly module: string;
  /** `Type`, `Type.field`, `Type.field(argument:)` or `Input.field`. */
  readonly at: string;
  readonly target: CostTarget;
  /** True for a field of an interface, and an argument of one. */
  readonly isOfInterface: boolean;
  readonly name: NameNode;
  /** As written. */
  readonly weight: unknown;
}

/** One use of `@listSize`. */
export interface ListSizeUse {
  readonly module: string;
  readonly type: string;
  readonly isOfInterface: boolean;
  readonly field: FieldDefinitionNode;
  readonly size: ListSize;
}

/** The number of items that a field returns. */
export interface ListSize {
  /** Null for none. */
  readonly assumedSize: number | null;
  readonly slicingArguments: readonly string[];
  /** Fields of the returned object that have this number of items. Empty: the field itself has it. */
  readonly sizedFields: readonly string[];
  readonly requireOneSlicingArgument: boolean;
}

/** A single text stands for a list of it (GraphQL, section 3.11). */
const texts = (value: unknown): readonly string[] => [value].flat().filter((text) => typeof text === 'string');

/** The `@listSize` of a field; undefined without one. */
export const listSizeOf = ({ directives }: FieldDefinitionNode): ListSize | undefined => {
  const [used] = directiveUses(directives, 'listSize');
  if (used === undefined) return undefined;
  return {
    assumedSize: used.assumedSize === undefined || used.assumedSize === null ? null : Number(used.assumedSize),
    slicingArguments: texts(used.slicingArguments),
    sizedFields: texts(used.sizedFields),
    requireOneSlicingArgument: used.requireOneSlicingArgument !== false,
  };
};

/** An element of a definition that can have a weight. */
interface Weighted {
  readonly at: string;
  readonly target: CostTarget;
  readonly isOfInterface?: boolean;
  readonly node: { readonly name: NameNode; readonly directives?: readonly ConstDirectiveNode[] | undefined };
}

const inFields = (
  type: string,
  fields: readonly FieldDefinitionNode[] = [],
  isOfInterface: boolean,
): readonly Weighted[] =>
  fields.flatMap((node): readonly Weighted[] => [
    { at: coordinate(type, node.name.value), target: 'field', isOfInterface, node },
    ...(node.arguments ?? []).map((argument) => ({
      at: argumentCoordinate(type, node.name.value, argument.name.value),
      target: 'input' as const,
      isOfInterface,
      node: argument,
    })),
  ]);

const inInputs = (type: string, fields: readonly InputValueDefinitionNode[] = []): readonly Weighted[] =>
  fields.map((node) => ({ at: coordinate(type, node.name.value), target: 'input', node }));

const weightedIn = (node: DefinitionNode): readonly Weighted[] => {
  switch (node.kind) {
    case Kind.OBJECT_TYPE_DEFINITION:
    case Kind.OBJECT_TYPE_EXTENSION:
      return [{ at: node.name.value, target: 'type', node }, ...inFields(node.name.value, node.fields, false)];
    case Kind.INTERFACE_TYPE_DEFINITION:
    case Kind.INTERFACE_TYPE_EXTENSION:
      return inFields(node.name.value, node.fields, true);
    case Kind.INPUT_OBJECT_TYPE_DEFINITION:
    case Kind.INPUT_OBJECT_TYPE_EXTENSION:
      return inInputs(node.name.value, node.fields);
    case Kind.ENUM_TYPE_DEFINITION:
    case Kind.ENUM_TYPE_EXTENSION:
    case Kind.SCALAR_TYPE_DEFINITION:
    case Kind.SCALAR_TYPE_EXTENSION:
      return [{ at: node.name.value, target: 'type', node }];
    default:
      return [];
  }
};

/** Returns every use of `@cost`, module by module. */
export const costUses = (documents: readonly ModuleDocument[]): readonly CostUse[] =>
  documents.flatMap(({ module, document }) =>
    document.definitions.flatMap(weightedIn).flatMap(({ at, target, isOfInterface = false, node }) =>
      directiveUses(node.directives, 'cost').map(({ weight }) => ({
        ...{ module, at, target, isOfInterface, weight },
        name: node.name,
      })),
    ),
  );

/** Returns every use of `@listSize`, module by module. */
export const listSizeUses = (documents: readonly ModuleDocument[]): readonly ListSizeUse[] =>
  documents.flatMap(({ module, document }) =>
    document.definitions.flatMap(weightedIn).flatMap(({ at, isOfInterface = false, node }) => {
      if (!('kind' in node) || node.kind !== Kind.FIELD_DEFINITION) return [];
      // The elements of fields are nodes of fields.
      const field = node as FieldDefinitionNode;
      const size = listSizeOf(field);
      return size === undefined ? [] : [{ module, type: at.slice(0, at.indexOf('.')), isOfInterface, field, size }];
    }),
  );
