import {
  type FieldNode,
  GraphQLError,
  type GraphQLObjectType,
  type GraphQLOutputType,
  getArgumentValues,
  getNamedType,
  isAbstractType,
  isLeafType,
  isListType,
  isNonNullType,
  isObjectType,
  isSpecifiedScalarType,
  type OperationDefinitionNode,
  type SelectionNode,
  typeFromAST,
  type VariableDefinitionNode,
  visit,
} from 'graphql';
import { RequestNumbers } from '../../backend/remote/service.ts';
import type { Graph, GraphModule } from '../graph.ts';
import { CannotPlan } from './cannot-plan.ts';
import { fieldsOf, type Nodes, type SelectionContext } from './collect-fields.ts';
import type { Owners } from './field-owners.ts';
import { readOf } from './field-read.ts';
import { leafOf } from './leaf-types.ts';
import type { Arguments, Field, Plan, Selection, Shape } from './plan.ts';
import { resultCreator } from './row-codegen.ts';
import { type FieldRequest, SelectionBuilder, type SelectionOrigin } from './selection-builder.ts';

/** Maximum number of fields of a plan. Valid documents seldom have a thousandth of it. */
const MAX_FIELDS = 20_000;

const TYPENAME = '__typename';

const hasVariable = (node: FieldNode): boolean => {
  let found = false;
  for (const argument of node.arguments ?? [])
    visit(argument.value, {
      Variable: () => {
        found = true;
      },
    });
  return found;
};

/** True for immutable values, which requests can share. */
const isImmutable = (value: unknown): boolean => typeof value !== 'object' || value === null;

const argumentsOf = (definition: Field['definition'], node: FieldNode): Arguments => {
  if (definition.args.length === 0) return { are: 'none' };
  if (hasVariable(node)) return { are: 'variable' };
  try {
    const values = getArgumentValues(definition, node);
    return Object.values(values).every(isImmutable) ? { are: 'constant', values } : { are: 'variable' };
  } catch (error) {
    if (error instanceof GraphQLError) return { are: 'variable' }; // reported when the field is executed
    throw error;
  }
};

/** Returns the variables with a type of the module, computed once for each module. */
const ownVariables = ({ variableDefinitions = [] }: OperationDefinitionNode): Plan['variablesOf'] => {
  const known = new Map<GraphModule, readonly VariableDefinitionNode[]>();
  return (module) => {
    const before = known.get(module);
    if (before !== undefined) return before;
    const own = variableDefinitions.filter(({ type }) => {
      const named = getNamedType(typeFromAST(module.schema, type as never)); // the overloads of typeFromAST take one kind of node each
      return named !== undefined && !isSpecifiedScalarType(named);
    });
    known.set(module, own);
    return own;
  };
};

/** Compiles one operation. A selection with the same nodes is compiled once, however many paths lead to it. */
export class Compiler {
  readonly #graph: Graph;
  readonly #owners: Owners;
  readonly #reading: SelectionContext;
  readonly #rowsBeforeCode: number;
  readonly #onFieldAdded: () => void;
  readonly #selections = new Map<string, Selection>();
  readonly #numbers = new Map<FieldNode, number>();
  /** Nodes below the fields in `needs`. */
  readonly #belowNeeds = new Set<SelectionNode>();
  readonly #requestNumbers = new RequestNumbers();
  #fields = 0;
  #isDone = false;

  /** `onFieldAdded` is called for each field that is added while the plan runs. */
  constructor(
    graph: Graph,
    owners: Owners,
    reading: SelectionContext,
    rowsBeforeCode: number,
    onFieldAdded: () => void,
  ) {
    this.#graph = graph;
    this.#onFieldAdded = onFieldAdded;
    this.#rowsBeforeCode = rowsBeforeCode;
    this.#owners = owners;
    this.#reading = reading;
  }

  /** @throws CannotPlan */
  plan(operation: OperationDefinitionNode): Plan {
    const type = this.#graph.schema.getRootType(operation.operation);
    if (!type) throw new CannotPlan('no-root-type');
    const answers = new Map<string, Field | string>();
    for (const [key, nodes] of fieldsOf(this.#reading, type, [operation.selectionSet]))
      answers.set(key, this.#rootField(type.name, key, nodes));
    this.#isDone = true;
    const empty = Object.fromEntries(
      [...answers].map(([key, answer]) => [key, typeof answer === 'string' ? answer : null]),
    );
    return {
      operation,
      fragments: this.#reading.fragments,
      answers,
      createResult: () => ({ ...empty }),
      variablesOf: ownVariables(operation),
      fields: () => this.#fields,
    };
  }

  #rootField(type: string, key: string, nodes: Nodes): Field | string {
    const { value: name } = nodes[0].name;
    if (name === TYPENAME) return type;
    const owner = this.#owners.ofRoot(type, name);
    if (owner === undefined) throw new CannotPlan('no-owner');
    return this.#field(owner, type, { key, nodes });
  }

  #field(module: GraphModule, type: string, { key, nodes, joins }: FieldRequest): Field {
    this.#fields += 1;
    if (this.#isDone) this.#onFieldAdded();
    // A running plan cannot fall back to delegation. Its growth is bounded by the number of types.
    if (this.#fields > MAX_FIELDS && !this.#isDone) throw new CannotPlan('too-large');
    const [node] = nodes;
    const name = node?.name.value ?? key;
    const parent = this.#owners.typeIn(module, type);
    const definition = parent?.getFields()[name];
    if (parent === undefined || definition === undefined) throw new CannotPlan('no-such-field');
    const coordinate = `${type}.${name}`;
    // Guards and rate limits do not apply to join inputs and the fields below them.
    const isRequested = joins === undefined && (node === undefined || !this.#belowNeeds.has(node));
    if (!isRequested) for (const below of node?.selectionSet?.selections ?? []) this.#belowNeeds.add(below);
    const shape = this.#shape(module, definition.type, nodes);
    const read = readOf({ name, module, parent, definition, nodes, shape }, this.#requestNumbers);
    return {
      key,
      name,
      module,
      parent,
      definition,
      nodes,
      args: node === undefined ? { are: 'none' } : argumentsOf(definition, node),
      shape,
      read,
      guard: isRequested ? this.#graph.guardOf(coordinate, node) : null,
      limit: isRequested ? (this.#graph.limits.get(coordinate) ?? null) : null,
      // A property calls no backend, so that it cannot be "not found".
      mayBeAbsent:
        read.is !== 'property' &&
        read.is !== 'aliased' &&
        !isNonNullType(definition.type) &&
        parent !== module.schema.getMutationType(),
      joins: joins ?? null,
    };
  }

  #shape(module: GraphModule, type: GraphQLOutputType, nodes: readonly FieldNode[]): Shape {
    if (isNonNullType(type)) return { ...this.#shape(module, type.ofType, nodes), nonNull: true };
    if (isListType(type)) return { nonNull: false, is: 'list', item: this.#shape(module, type.ofType, nodes) };
    if (isLeafType(type)) return leafOf(type);
    if (isAbstractType(type)) return { nonNull: false, is: 'abstract', type, selectionOf: this.#byType(module, nodes) };
    return { nonNull: false, is: 'object', selection: this.#selection(module, type, nodes) };
  }

  /**
   * Keeps the selection of each type. It is found by a name made of all nodes: a document may have hundreds, and this is
   * called for every row.
   */
  #byType(module: GraphModule, nodes: readonly FieldNode[]): (type: GraphQLObjectType) => Selection {
    const known = new Map<GraphQLObjectType, Selection>();
    return (type) => {
      const selection = known.get(type) ?? this.#selection(module, type, nodes);
      known.set(type, selection);
      return selection;
    };
  }

  #selection(module: GraphModule, type: GraphQLObjectType, nodes: readonly FieldNode[]): Selection {
    return this.#selectionFor({ module, type: type.name, reference: null }, nodes);
  }

  #selectionFor(origin: SelectionOrigin, nodes: readonly FieldNode[]): Selection {
    const { module, type, reference } = origin;
    const numbers = nodes.map((node) => this.#numberOf(node)).join(' ');
    const name = `${module.module.name} ${type} ${reference === null ? '' : `reference ${reference.fields.join(' ')} `}${numbers}`;
    const known = this.#selections.get(name);
    if (known !== undefined) return known;
    const selection = this.#select(origin, nodes);
    this.#selections.set(name, selection);
    return selection;
  }

  #select(origin: SelectionOrigin, nodes: readonly FieldNode[]): Selection {
    const { type: name, module } = origin;
    const sets = nodes.flatMap(({ selectionSet }) => selectionSet ?? []);
    // The type of the whole graph: the module's own type has only the module's fields, and may not implement every
    // interface.
    const visible = this.#graph.schema.getType(name);
    // A type that only @inaccessible fields have is read for joins only.
    const type = visible ?? this.#owners.typeIn(module, name);
    const requested = isObjectType(type) ? [...fieldsOf(this.#reading, type, sets)] : [];
    const builder = new SelectionBuilder(
      (...field) => this.#field(...field),
      this.#owners,
      origin,
      this.#rowsBeforeCode,
      new Set(requested.map(([, [node]]) => node.name.value).filter((field) => field !== TYPENAME)),
    );
    const answers = new Map<string, Field | string>();
    for (const [key, same] of requested)
      answers.set(key, same[0].name.value === TYPENAME ? name : builder.add(key, same));
    const references = builder.referenceKeys().map(({ key, ...others }) => ({
      ...others,
      keys: key.fields,
      selection: () => this.#selectionFor({ ...origin, reference: key }, nodes),
    }));
    return {
      type: name,
      answers,
      createResult: resultCreator(answers, this.#rowsBeforeCode),
      ...builder.moduleFields(),
      references: references.length === 0 ? null : references,
    };
  }

  #numberOf(node: FieldNode): number {
    const known = this.#numbers.get(node);
    if (known !== undefined) return known;
    const number = this.#numbers.size;
    this.#numbers.set(node, number);
    return number;
  }
}
