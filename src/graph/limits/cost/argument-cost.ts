import {
  type FieldNode,
  type GraphQLField,
  type GraphQLInputType,
  getArgumentValues,
  getNamedType,
  getNullableType,
  isInputObjectType,
  isListType,
  visit,
} from 'graphql';
import { coordinate } from '../../directives/authorization/requirement.ts';
import type { ListSize } from '../../directives/cost/cost-uses.ts';
import type { CostWeights } from '../../directives/cost/cost-weights.ts';
import type { FieldFacts } from './field-costs.ts';

type Values = Readonly<Record<string, unknown>>;

/** Costs of the lists in the variables of a request. Many fields may use one variable, of which each list is read once. */
export type ListCosts = Map<readonly unknown[], number>;

/** A field with its arguments in one place of an operation. */
export interface ArgumentCost {
  /** Cost of one execution of the field, with its arguments; 0 or more. */
  readonly cost: number;
  /** Size of the list by `@listSize`: null for the default size, infinite without a required argument. */
  readonly size: number | null;
  /** Returns the same for the values of variables; null for arguments without variables. */
  readonly withVariables:
    | ((variables: Values, lists: ListCosts) => { readonly cost: number; readonly size: number | null })
    | null;
  /** What an infinite size requires. */
  readonly requires: string;
}

const isGiven = (value: unknown): boolean => value !== undefined && value !== null;

/** Weight of an argument or input field: that of its `@cost`, else 1 for an input object and 0 for other values. */
const weightOfInput = ({ weights }: CostWeights, at: string, type: GraphQLInputType): number =>
  weights.get(at) ?? (isInputObjectType(getNamedType(type)) ? 1 : 0);

/** Cost of the input fields inside a value. */
const insideOf = (weights: CostWeights, type: GraphQLInputType, value: unknown, lists: ListCosts): number => {
  if (!isInputObjectType(getNamedType(type)) || typeof value !== 'object' || value === null) return 0;
  const inner = getNullableType(type);
  if (isListType(inner)) {
    if (!Array.isArray(value)) return insideOf(weights, inner.ofType, value, lists);
    const known = lists.get(value);
    if (known !== undefined) return known;
    let sum = 0;
    for (const item of value) sum += insideOf(weights, inner.ofType, item, lists);
    lists.set(value, sum);
    return sum;
  }
  if (!isInputObjectType(inner)) return 0;
  let cost = 0;
  for (const field of Object.values(inner.getFields())) {
    const own: unknown = Object.hasOwn(value, field.name) ? Reflect.get(value, field.name) : undefined;
    if (!isGiven(own)) continue;
    cost += weightOfInput(weights, coordinate(inner.name, field.name), field.type);
    cost += insideOf(weights, field.type, own, lists);
  }
  return cost;
};

const sizeOf = (
  { slicingArguments, assumedSize, requireOneSlicingArgument }: ListSize,
  args: Values,
): number | null => {
  // A negative number is no size: a backend that does not refuse it may return all items.
  const given = slicingArguments.map((name) => Number(args[name] ?? -1)).filter((size) => size >= 0);
  if (given.length > 0) return Math.max(...given);
  if (slicingArguments.length > 0 && requireOneSlicingArgument) return Number.POSITIVE_INFINITY;
  return assumedSize;
};

const hasVariables = (node: FieldNode): boolean => {
  let found = false;
  for (const argument of node.arguments ?? [])
    visit(argument, {
      Variable: () => {
        found = true;
      },
    });
  return found;
};

const argumentValues = (definition: GraphQLField<unknown, unknown>, node: FieldNode, variables: Values): Values => {
  try {
    return getArgumentValues(definition, node, variables);
  } catch {
    // A variable that is null where the argument must not be: the field fails before it is executed.
    return {};
  }
};

/** Reads the arguments of a field in an operation. */
export const argumentCost = (
  { at, definition, weight, listSize }: FieldFacts,
  node: FieldNode,
  weights: CostWeights,
): ArgumentCost => {
  const requires = listSize === undefined ? '' : `${at} requires one of ${listSize.slicingArguments.join(', ')}`;
  if (definition.args.length === 0)
    return { cost: Math.max(0, weight), size: listSize?.assumedSize ?? null, withVariables: null, requires };
  const read = (variables: Values, lists: ListCosts) => {
    const args = argumentValues(definition, node, variables);
    let cost = weight;
    for (const { name, type } of definition.args) {
      const value = args[name];
      if (!isGiven(value)) continue;
      cost += weightOfInput(weights, `${at}(${name}:)`, type) + insideOf(weights, type, value, lists);
    }
    return { cost: Math.max(0, cost), size: listSize === undefined ? null : sizeOf(listSize, args) };
  };
  if (hasVariables(node)) return { cost: 0, size: null, withVariables: read, requires };
  return { ...read({}, new Map()), withVariables: null, requires };
};
