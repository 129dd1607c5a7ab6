import {
  type GraphQLInputObjectType,
  type GraphQLInputType,
  type GraphQLSchema,
  getNamedType,
  isInputObjectType,
  isListType,
  isNonNullType,
} from 'graphql';
import { argumentCoordinate, coordinate } from '../authorization/requirement.ts';
import type { InputRules } from './declared-rules.ts';
import type { Findings, ValuePath } from './findings.ts';
import { type NamedRule, type ValueRules, valueRules } from './value-rules.ts';

/** Checks a coerced value, and adds its violations. Null and undefined pass. */
export type ValueCheck = (value: unknown, path: ValuePath, findings: Findings) => void;

const broken = <Value>(
  rules: readonly NamedRule<Value>[],
  value: Value,
  path: ValuePath,
  findings: Findings,
): number => {
  let count = 0;
  for (const { name, must, holds } of rules)
    if (!holds(value)) {
      findings.add(path, name, must);
      count += 1;
    }
  return count;
};

const leafCheck =
  ({ lengths, texts, numbers }: ValueRules): ValueCheck =>
  (value, path, findings) => {
    if (typeof value === 'number') broken(numbers, value, path, findings);
    else if (typeof value === 'string' && broken(lengths, value, path, findings) === 0)
      for (const rule of texts) if (!findings.meets(rule, value)) findings.add(path, rule.name, rule.must);
  };

const listCheck = (rules: ValueRules | null, ofItem: ValueCheck | null): ValueCheck => {
  const check: ValueCheck = (value, path, findings) => {
    if (!Array.isArray(value) || !findings.isNew(check, value)) return;
    // As with the content of a text of a wrong length: there may be very many items.
    if (rules !== null && broken(rules.items, value.length, path, findings) > 0) return;
    if (ofItem === null) return;
    for (const [at, item] of value.entries()) {
      if (findings.isFull) return;
      ofItem(item, { above: path, key: at }, findings);
    }
  };
  return check;
};

/** The input object types with a rule at any depth. */
const constrainedTypes = (schema: GraphQLSchema, rules: InputRules): ReadonlySet<string> => {
  const types = Object.values(schema.getTypeMap()).filter(isInputObjectType);
  const found = new Set<string>();
  let size = -1;
  while (size !== found.size) {
    size = found.size;
    for (const type of types)
      if (
        Object.values(type.getFields()).some(
          (field) => rules.has(coordinate(type.name, field.name)) || found.has(getNamedType(field.type).name),
        )
      )
        found.add(type.name);
  }
  return found;
};

/** The rules of a schema, compiled once to checks of values. */
export class InputChecks {
  /** By coordinate. */
  readonly #rules: ReadonlyMap<string, ValueRules>;
  readonly #constrained: ReadonlySet<string>;
  readonly #ofTypes = new Map<string, ValueCheck>();
  /** By coordinate. */
  readonly #ofArguments = new Map<string, ValueCheck | null>();

  /** @throws Error for an invalid pattern. */
  constructor(schema: GraphQLSchema, rules: InputRules) {
    this.#rules = new Map([...rules].map(([at, declared]) => [at, valueRules(declared)]));
    this.#constrained = rules.size === 0 ? new Set() : constrainedTypes(schema, rules);
  }

  /** The check of an argument, the same for all fields of an operation; null if it has no rule at any depth. */
  ofArgument(type: string, field: string, argument: string, of: GraphQLInputType): ValueCheck | null {
    const at = argumentCoordinate(type, field, argument);
    const known = this.#ofArguments.get(at);
    if (known !== undefined) return known;
    const check = this.#valueCheck(of, this.#rules.get(at) ?? null, true);
    this.#ofArguments.set(at, check);
    return check;
  }

  /** The check of a field of an input object type; null if it has no rule at any depth. */
  ofInputField(type: string, field: string, of: GraphQLInputType): ValueCheck | null {
    return this.#valueCheck(of, this.#rules.get(coordinate(type, field)) ?? null, true);
  }

  #valueCheck(type: GraphQLInputType, rules: ValueRules | null, isOutermost: boolean): ValueCheck | null {
    if (isNonNullType(type)) return this.#valueCheck(type.ofType, rules, isOutermost);
    if (isListType(type)) {
      const ofItem = this.#valueCheck(type.ofType, rules, false);
      const ofList = isOutermost && rules !== null && rules.items.length > 0 ? rules : null;
      return ofItem === null && ofList === null ? null : listCheck(ofList, ofItem);
    }
    if (isInputObjectType(type)) return this.#constrained.has(type.name) ? this.#objectCheck(type) : null;
    if (rules === null) return null;
    return rules.lengths.length + rules.texts.length + rules.numbers.length === 0 ? null : leafCheck(rules);
  }

  #objectCheck(type: GraphQLInputObjectType): ValueCheck {
    const known = this.#ofTypes.get(type.name);
    if (known !== undefined) return known;
    const fields: [string, ValueCheck][] = [];
    const check: ValueCheck = (value, path, findings) => {
      if (typeof value !== 'object' || value === null) return;
      for (const [name, ofField] of fields)
        if (Object.hasOwn(value, name)) ofField(Reflect.get(value, name), { above: path, key: name }, findings);
    };
    // Known before its fields are compiled: the type may contain itself.
    this.#ofTypes.set(type.name, check);
    for (const field of Object.values(type.getFields())) {
      const ofField = this.ofInputField(type.name, field.name, field.type);
      if (ofField !== null) fields.push([field.name, ofField]);
    }
    return check;
  }
}
