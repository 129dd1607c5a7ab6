import {
  type GraphQLField,
  type GraphQLNamedOutputType,
  type GraphQLObjectType,
  type GraphQLOutputType,
  getNamedType,
  getNullableType,
  isLeafType,
  isListType,
} from 'graphql';
import { coordinate } from '../../directives/authorization/requirement.ts';
import type { ListSize } from '../../directives/cost/cost-uses.ts';
import type { CostWeights } from '../../directives/cost/cost-weights.ts';

/** What costs need of one field of an object type. */
export interface FieldFacts {
  /** `Type.field` */
  readonly at: string;
  readonly definition: GraphQLField<unknown, unknown>;
  readonly type: GraphQLNamedOutputType;
  /** Weight of the field: that of its `@cost`, else 1 for objects and 0 for leaves. */
  readonly weight: number;
  /** Number of levels of lists. */
  readonly levels: number;
  readonly listSize: ListSize | undefined;
}

const levelsOf = (type: GraphQLOutputType): number => {
  const inner = getNullableType(type);
  return isListType(inner) ? 1 + levelsOf(inner.ofType) : 0;
};

/** The facts about all fields of a schema, each made at its first use. */
export class FieldCosts {
  readonly weights: CostWeights;
  readonly #facts = new Map<GraphQLObjectType, Map<string, FieldFacts | null>>();

  constructor(weights: CostWeights) {
    this.weights = weights;
  }

  /** Returns the facts of a field; null for a field of introspection. */
  of(parent: GraphQLObjectType, name: string): FieldFacts | null {
    let fields = this.#facts.get(parent);
    if (fields === undefined) {
      fields = new Map();
      this.#facts.set(parent, fields);
    }
    let facts = fields.get(name);
    if (facts === undefined) {
      facts = this.#make(parent, name);
      fields.set(name, facts);
    }
    return facts;
  }

  #make(parent: GraphQLObjectType, name: string): FieldFacts | null {
    const definition = parent.getFields()[name];
    if (definition === undefined) return null;
    const at = coordinate(parent.name, name);
    const type = getNamedType(definition.type);
    const weight = this.weights.weights.get(at) ?? (isLeafType(type) ? 0 : 1);
    return {
      at,
      definition,
      type,
      weight,
      levels: levelsOf(definition.type),
      listSize: this.weights.listSizes.get(at),
    };
  }
}
