import {
  type FieldNode,
  type FragmentDefinitionNode,
  GraphQLError,
  type GraphQLField,
  type GraphQLSchema,
  getArgumentValues,
  Kind,
  type OperationDefinitionNode,
  TypeInfo,
  visit,
  visitWithTypeInfo,
} from 'graphql';
import { GatewayError } from '../../../core/errors.ts';
import type { Operation } from '../../operation.ts';
import type { InputRules } from './declared-rules.ts';
import { Findings, type RuleViolation } from './findings.ts';
import { InputChecks, type ValueCheck } from './input-checks.ts';

type Values = Readonly<Record<string, unknown>>;

/** A field of an operation with an argument that has rules. */
interface ConstrainedField {
  readonly node: FieldNode;
  readonly field: GraphQLField<unknown, unknown>;
  readonly checks: readonly (readonly [argument: string, ValueCheck])[];
}

/** Returns the error of each field with arguments that break rules. `coerced` are the coerced variables. */
export type InvalidInputs = (operation: Operation, coerced: Values) => readonly GraphQLError[];

const NONE: readonly GraphQLError[] = [];

const hasVariables = (node: FieldNode): boolean => {
  let found = false;
  visit(node, {
    SelectionSet: () => false,
    Directive: () => false,
    Variable: () => {
      found = true;
    },
  });
  return found;
};

/** Coerced arguments with defaults; null for arguments that the execution rejects itself. */
const argumentsOf = ({ field, node }: ConstrainedField, coerced: Values): Values | null => {
  try {
    return getArgumentValues(field, node, coerced);
  } catch (error) {
    if (error instanceof GraphQLError) return null;
    throw error;
  }
};

const check = (one: ConstrainedField, coerced: Values, findings: Findings): readonly RuleViolation[] => {
  const before = findings.violations.length;
  const values = argumentsOf(one, coerced);
  if (values !== null)
    for (const [name, ofValue] of one.checks)
      if (Object.hasOwn(values, name)) ofValue(values[name], { above: null, key: name }, findings);
  return findings.violations.slice(before);
};

const errorOf = (node: FieldNode, violations: readonly RuleViolation[]): GraphQLError => {
  const [first] = violations;
  const more = violations.length - 1;
  const message = `Invalid input: ${first?.message}${more === 0 ? '' : ` (${more} more in details.violations)`}`;
  const originalError = new GatewayError('BAD_USER_INPUT', message, { details: { violations } });
  return new GraphQLError(message, { nodes: node, originalError, extensions: { code: originalError.code } });
};

const fragmentsOf = ({ document }: Operation): ReadonlyMap<string, FragmentDefinitionNode> =>
  new Map(
    document.definitions.flatMap((node) =>
      node.kind === Kind.FRAGMENT_DEFINITION ? [[node.name.value, node] as const] : [],
    ),
  );

/** The constrained fields of an operation, fragments included. Fields that `@skip` leaves out count, as in validation. */
const constrainedFields = (
  operation: Operation,
  schema: GraphQLSchema,
  checks: InputChecks,
): readonly ConstrainedField[] => {
  const fragments = fragmentsOf(operation);
  const found: ConstrainedField[] = [];
  const spread = new Set<string>();
  const info = new TypeInfo(schema);
  const visitor = visitWithTypeInfo(info, {
    Field: (node) => {
      const parent = info.getParentType();
      const field = info.getFieldDef();
      if (!parent || !field) return;
      const ofArgs = field.args.flatMap(({ name, type }) => {
        const ofValue = checks.ofArgument(parent.name, field.name, name, type);
        return ofValue === null ? [] : [[name, ofValue] as const];
      });
      if (ofArgs.length > 0) found.push({ node, field, checks: ofArgs });
    },
    FragmentSpread: ({ name }) => {
      spread.add(name.value);
    },
  });
  visit(operation.operation, visitor);
  // A set is iterated in order of insertion, with what is added meanwhile.
  for (const name of spread) {
    const fragment = fragments.get(name);
    if (fragment !== undefined) visit(fragment, visitor);
  }
  return found;
};

/**
 * Returns the check of the inputs of operations. Each operation is compiled once; arguments without variables are
 * checked then. An operation without constrained inputs costs one look-up, and with modules without rules nothing.
 */
export const invalidInputsBy = (schema: GraphQLSchema, rules: InputRules): InvalidInputs => {
  if (rules.size === 0) return () => NONE;
  const checks = new InputChecks(schema, rules);
  const compiled = new WeakMap<OperationDefinitionNode, readonly ConstrainedField[]>();

  const compile = (operation: Operation): readonly ConstrainedField[] => {
    const fields = constrainedFields(operation, schema, checks).filter(
      (one) => hasVariables(one.node) || check(one, {}, new Findings()).length > 0,
    );
    compiled.set(operation.operation, fields);
    return fields;
  };

  return (operation, coerced) => {
    const fields = compiled.get(operation.operation) ?? compile(operation);
    if (fields.length === 0) return NONE;
    const findings = new Findings();
    return fields.flatMap((one) => {
      const violations = check(one, coerced, findings);
      return violations.length === 0 ? [] : [errorOf(one.node, violations)];
    });
  };
};
