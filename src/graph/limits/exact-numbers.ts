import {
  type FloatValueNode,
  GraphQLError,
  GraphQLID,
  GraphQLInt,
  getNamedType,
  type IntValueNode,
  type ValidationContext,
  type ValidationRule,
} from 'graphql';
import { isExact } from '../../core/exact-json.ts';

const MAX_SHOWN = 40;

/** Scalars that read the digits of an integer literal: `Int` has a range, and an `ID` and a `BigInt` keep all of them. */
const READS_DIGITS: ReadonlySet<string | undefined> = new Set([GraphQLInt.name, GraphQLID.name, 'BigInt']);

/** True in an input position of one of these scalars. Within a literal of a custom scalar there is no type. */
const readsDigits = (context: ValidationContext): boolean =>
  READS_DIGITS.has(getNamedType(context.getInputType())?.name);

/**
 * Rejects number literals that a resolver would receive changed: `1e400` is Infinity as a double, and `9007199254740993` in a custom
 * scalar another integer. JSON bodies follow the same rule.
 */
export const exactNumbers: ValidationRule = (context) => {
  const check = (node: IntValueNode | FloatValueNode): void => {
    if (isExact(node.value)) return;
    const shown = node.value.length > MAX_SHOWN ? `${node.value.slice(0, MAX_SHOWN)}…` : node.value;
    context.reportError(new GraphQLError(`The number ${shown} cannot be kept exactly.`, { nodes: node }));
  };
  return {
    IntValue: (node) => {
      if (!readsDigits(context)) check(node);
    },
    FloatValue: check,
  };
};
