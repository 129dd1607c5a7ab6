import { type FieldNode, type GraphQLObjectType, isAbstractType, isLeafType, type SelectionSetNode } from 'graphql';
import { fieldsOf, type Nodes, type SelectionContext } from '../../../execution/plan/collect-fields.ts';
import { type ArgumentCost, argumentCost } from './argument-cost.ts';
import type { CostTree, FieldCost, ItemCost, ObjectCost } from './cost-tree.ts';
import type { FieldCosts, FieldFacts } from './field-costs.ts';

/** Maximum number of selections that are read for the costs of one operation, with each type of an interface or union. */
const MAX_READ = 10_000;

/** Thrown for an operation with too many selections. */
export class TooLargeForCost extends Error {}

/** Fields with lists that have the size of a field above them. */
interface SizedFields {
  readonly names: readonly string[];
  readonly sizedBy: number;
}

/** Introspection is answered by the gateway itself, so that it counts as one field. */
const INTROSPECTION: ItemCost = { is: 'leaf', weight: 0 };
const INTROSPECTION_CALL: ArgumentCost = { cost: 1, size: null, withVariables: null, requires: '' };

/** Compiles the costs of an operation. */
export class CostCompiler {
  readonly #fields: FieldCosts;
  readonly #reading: SelectionContext;
  readonly #nodes: (ObjectCost | FieldCost)[] = [];
  readonly #calls: ArgumentCost[] = [];
  /** By type, selection sets and size: equal selections at several places share an item. */
  readonly #items = new Map<string, ItemCost>();
  readonly #ids = new Map<SelectionSetNode, number>();
  /** By field of the document and of a type: a fragment is spread at many places. */
  readonly #arguments = new Map<FieldNode, Map<FieldFacts, ArgumentCost>>();
  #read = 0;

  constructor(fields: FieldCosts, reading: Omit<SelectionContext, 'onRead'>) {
    this.#fields = fields;
    const onRead = (): void => {
      this.#read += 1;
      if (this.#read > MAX_READ) throw new TooLargeForCost();
    };
    this.#reading = { ...reading, onRead };
  }

  /** @throws TooLargeForCost */
  tree(type: GraphQLObjectType, selectionSet: SelectionSetNode): CostTree {
    const root = this.#object(type, [selectionSet], null);
    return { root, nodes: this.#nodes, calls: this.#calls };
  }

  #object(type: GraphQLObjectType, sets: readonly SelectionSetNode[], sized: SizedFields | null): ObjectCost {
    const selected = fieldsOf(this.#reading, type, sets);
    const fields = new Map<string, FieldCost>();
    const typeNames: string[] = [];
    for (const [response, nodes] of selected)
      if (nodes[0].name.value === '__typename') typeNames.push(response);
      else fields.set(response, this.#field(type, nodes, sized));
    const weight = this.#fields.weights.weights.get(type.name) ?? 1;
    const index = this.#nodes.length;
    const keys = new Set(selected.keys());
    const costly = Array.from(fields, ([key, field]) => ({ key, field })).filter(({ field }) => this.#isCostly(field));
    const object: ObjectCost = { is: 'object', index, type: type.name, weight, fields, costly, keys, typeNames };
    this.#nodes.push(object);
    return object;
  }

  /** False for a leaf without weight and without arguments that cost. */
  #isCostly({ call, item }: FieldCost): boolean {
    const { cost = 0, withVariables = null } = this.#calls[call] ?? {};
    return cost !== 0 || withVariables !== null || item.is === 'objects' || item.weight !== 0;
  }

  #idOf(set: SelectionSetNode): number {
    const id = this.#ids.get(set) ?? this.#ids.size;
    this.#ids.set(set, id);
    return id;
  }

  #field(parent: GraphQLObjectType, nodes: Nodes, sized: SizedFields | null): FieldCost {
    const [node] = nodes;
    const facts = this.#fields.of(parent, node.name.value);
    if (facts === null) return this.#added(INTROSPECTION_CALL, { levels: 0, sizedBy: undefined, item: INTROSPECTION });
    const { levels, listSize } = facts;
    const call = this.#callOf(facts, node);
    const position = this.#calls.length;
    const below = listSize?.sizedFields ?? [];
    const own = listSize === undefined || below.length > 0 ? null : position;
    const sizedBy = sized?.names.includes(facts.definition.name) === true ? sized.sizedBy : own;
    this.#calls.push(call);
    const item = this.#item(facts, nodes, below.length === 0 ? null : { names: below, sizedBy: position });
    return this.#addedAt(position, { levels, sizedBy: levels === 0 ? undefined : sizedBy, item });
  }

  #callOf(facts: FieldFacts, node: FieldNode): ArgumentCost {
    const known = this.#arguments.get(node) ?? new Map<FieldFacts, ArgumentCost>();
    this.#arguments.set(node, known);
    const call = known.get(facts) ?? argumentCost(facts, node, this.#fields.weights);
    known.set(facts, call);
    return call;
  }

  #added(call: ArgumentCost, field: Pick<FieldCost, 'levels' | 'sizedBy' | 'item'>): FieldCost {
    return this.#addedAt(this.#calls.push(call) - 1, field);
  }

  #addedAt(call: number, { levels, sizedBy, item }: Pick<FieldCost, 'levels' | 'sizedBy' | 'item'>): FieldCost {
    const field: FieldCost = { is: 'field', index: this.#nodes.length, call, levels, sizedBy, item };
    this.#nodes.push(field);
    return field;
  }

  #item({ type }: FieldFacts, nodes: Nodes, sized: SizedFields | null): ItemCost {
    if (isLeafType(type)) return { is: 'leaf', weight: this.#fields.weights.weights.get(type.name) ?? 0 };
    const sets = nodes.flatMap(({ selectionSet }) => (selectionSet === undefined ? [] : [selectionSet]));
    const key = `${type.name} ${sets.map((set) => this.#idOf(set)).join()} ${sized?.sizedBy ?? ''}`;
    const known = this.#items.get(key);
    if (known !== undefined) return known;
    const types = isAbstractType(type) ? this.#reading.schema.getPossibleTypes(type) : [type];
    const item: ItemCost = { is: 'objects', possible: types.map((one) => this.#object(one, sets, sized)) };
    this.#items.set(key, item);
    return item;
  }
}
