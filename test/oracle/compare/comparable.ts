import {
  type DocumentNode,
  type FragmentDefinitionNode,
  type GraphQLNamedType,
  type GraphQLSchema,
  getNamedType,
  isAbstractType,
  isInterfaceType,
  isObjectType,
  Kind,
  type SelectionSetNode,
  visit,
} from 'graphql';
import type { FieldModel, Model, ObjectModel } from '../modules/model.ts';

/** True for an entity that may be joined by a further key, or by one without a loader. */
const isJoinedApart = ({ merge }: ObjectModel): boolean =>
  merge !== null && (merge.length > 1 || merge.some(({ load }) => load === null));

/** Resolvers receive another `info`, and one failing input fails all inputs of a computed field. */
const hasOtherValues = ({ how, needs }: FieldModel): boolean => how.by === 'info' || needs.length > 0;

/** Finds the operations for which delegation and plans must return equal data. */
export class Comparable {
  readonly #schema: GraphQLSchema;
  readonly #fields: ReadonlySet<string>;
  readonly #joinedApart: ReadonlySet<string>;

  constructor({ modules }: Model, schema: GraphQLSchema) {
    const objects = modules.flatMap((module) => module.objects);
    const fields = objects.flatMap((object) => object.fields);
    this.#schema = schema;
    this.#fields = new Set(fields.filter(hasOtherValues).map(({ name }) => name));
    this.#joinedApart = new Set(objects.filter(isJoinedApart).map(({ name }) => name));
  }

  includes(document: DocumentNode): boolean {
    let isComparable = true;
    const fragments = new Map<string, FragmentDefinitionNode>();
    visit(document, {
      Field: ({ name }) => {
        isComparable &&= !this.#fields.has(name.value);
      },
      FragmentDefinition: (node) => {
        fragments.set(node.name.value, node);
      },
    });
    return (
      isComparable &&
      !document.definitions.some((node) => {
        if (node.kind !== Kind.OPERATION_DEFINITION) return false;
        const root = this.#schema.getRootType(node.operation);
        return root !== undefined && root !== null && this.#hasRootBelow(node.selectionSet, root, fragments, false);
      })
    );
  }

  /** True if a selection reaches `Query` below an entity that may be joined apart: fields of `Query` lose their row. */
  #hasRootBelow(
    { selections }: SelectionSetNode,
    type: GraphQLNamedType,
    fragments: ReadonlyMap<string, FragmentDefinitionNode>,
    isBelow: boolean,
  ): boolean {
    const types = isAbstractType(type) ? this.#schema.getPossibleTypes(type) : [type];
    const isNowBelow = isBelow || types.some(({ name }) => this.#joinedApart.has(name));
    return selections.some((node) => {
      if (node.kind === Kind.FIELD) {
        const fields = isObjectType(type) || isInterfaceType(type) ? type.getFields() : {};
        const returned = getNamedType(fields[node.name.value]?.type);
        if (returned === undefined || node.selectionSet === undefined) return false;
        if (isNowBelow && returned === this.#schema.getQueryType()) return true;
        return this.#hasRootBelow(node.selectionSet, returned, fragments, isNowBelow);
      }
      const inner = node.kind === Kind.INLINE_FRAGMENT ? node : fragments.get(node.name.value);
      if (inner === undefined) return false;
      const on = inner.typeCondition === undefined ? type : this.#schema.getType(inner.typeCondition.name.value);
      return on !== undefined && this.#hasRootBelow(inner.selectionSet, on, fragments, isBelow);
    });
  }
}
