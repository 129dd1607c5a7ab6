import {
  type GraphQLField,
  type GraphQLNamedType,
  type GraphQLOutputType,
  type GraphQLSchema,
  getNamedType,
  isAbstractType,
  isCompositeType,
  isInterfaceType,
  isLeafType,
  isListType,
  isNonNullType,
  isObjectType,
} from 'graphql';
import { Random } from '../random.ts';
import { argumentsFor } from './arguments.ts';
import { Variables } from './variables.ts';

export interface RandomOperation {
  readonly document: string;
  readonly variables: Readonly<Record<string, unknown>>;
}

type Composite = Extract<GraphQLNamedType, { getFields?: unknown }> | GraphQLNamedType;

const MAX_ROWS = 40;

/** Keys that JavaScript objects have already, or that make an object thenable. */
const HARD_KEYS = ['then', 'toString', 'hasOwnProperty', 'length', 'valueOf'];

const listsIn = (type: GraphQLOutputType): number => {
  if (isNonNullType(type)) return listsIn(type.ofType);
  return isListType(type) ? 1 + listsIn(type.ofType) : 0;
};

/** One operation in the making. */
class Writer {
  readonly #schema: GraphQLSchema;
  readonly #random: Random;
  readonly variables: Variables;
  readonly #fragments = new Map<string, { readonly type: string; text: string }>();
  /** The field of a response key, the same in the whole operation, so that selections merge. */
  readonly #keys = new Map<string, string>();
  #budget: number;

  constructor(schema: GraphQLSchema, random: Random, budget: number) {
    this.#schema = schema;
    this.#random = random;
    this.#budget = budget;
    this.variables = new Variables(random);
  }

  get fragments(): string {
    return [...this.#fragments].map(([name, { type, text }]) => `fragment ${name} on ${type} ${text}`).join('\n');
  }

  operation(kind: 'query' | 'mutation'): string {
    const random = this.#random;
    const root = this.#schema.getRootType(kind as never);
    if (!root) throw new Error(`There is no ${kind}.`);
    const fields = Object.values(root.getFields());
    const count = random.between(kind === 'mutation' ? 2 : 1, 3);
    const texts = Array.from({ length: count }, () => this.#field(root.name, random.pick(fields), 5, 1));
    if (random.chance(0.15)) texts.push('__typename');
    if (random.chance(0.15)) texts.push(`... on ${root.name} { ${this.#field(root.name, random.pick(fields), 4, 1)} }`);
    return `{ ${random.shuffled(texts).join(' ')} }`;
  }

  #condition(share: number): string {
    const random = this.#random;
    if (!random.chance(share)) return '';
    const condition = random.chance(0.85) ? this.variables.condition() : String(random.chance(0.5));
    const second = random.chance(0.1) ? ` @skip(if: ${this.variables.condition()})` : '';
    return random.chance(0.5) || second !== '' ? ` @include(if: ${condition})${second}` : ` @skip(if: ${condition})`;
  }

  /** A key that occurs nowhere else in the operation. */
  #keyFor(parent: string, name: string, args: string): string {
    const random = this.#random;
    const meaning = `${parent}.${name}${args}`;
    const alias = random.chance(0.04)
      ? random.pick(HARD_KEYS)
      : `${random.pick(['x', 'y', 'z'])}${random.between(0, 4)}`;
    const wanted = random.chance(0.6) ? name : alias;
    for (let key = wanted; ; key += random.pick(['a', 'b'])) {
      const known = this.#keys.get(key);
      if (known !== undefined && known !== meaning) continue;
      this.#keys.set(key, meaning);
      return key === name ? '' : `${key}: `;
    }
  }

  #field(parent: string, field: GraphQLField<unknown, unknown>, depth: number, rows: number): string {
    const random = this.#random;
    this.#budget -= 1;
    const args = argumentsFor(random, field.args, this.variables);
    // Fields of an interface are those of its types: their keys must not depend on the place.
    const alias = this.#keyFor(field.args.length > 0 ? parent : '', field.name, args);
    const type = getNamedType(field.type);
    const head = `${alias}${field.name}${args}${this.#condition(0.12)}`;
    if (isLeafType(type)) return head;
    return `${head} ${this.#selection(type, depth - 1, rows * 2 ** listsIn(field.type))}`;
  }

  #selection(type: Composite, depth: number, rows: number): string {
    const random = this.#random;
    const texts: string[] = [];
    const fields = isObjectType(type) || isInterfaceType(type) ? Object.values(type.getFields()) : [];
    const fit = fields.filter(
      (field) => isLeafType(getNamedType(field.type)) || (depth > 0 && rows <= MAX_ROWS && this.#budget > 0),
    );
    const wanted = fit.length === 0 ? 0 : random.between(1, 4);
    for (let at = 0; at < wanted; at += 1) texts.push(this.#field(type.name, random.pick(fit), depth, rows));
    // The same field again, with other sub-selections.
    if (fit.length > 0 && random.chance(0.25)) texts.push(this.#field(type.name, random.pick(fit), depth, rows));
    if (random.chance(0.3) || texts.length === 0) texts.push(random.chance(0.3) ? 'kind: __typename' : '__typename');
    texts.push(...this.#conditioned(type, depth, rows));
    return `{ ${random.shuffled(texts).join(' ')} }`;
  }

  /** Fragments, inline or named, on the type itself, on its possible types and on its interfaces. */
  #conditioned(type: Composite, depth: number, rows: number): readonly string[] {
    const random = this.#random;
    if (!isCompositeType(type) || depth <= 0 || this.#budget <= 0) return [];
    const possible = this.#schema.getPossibleTypes(isAbstractType(type) ? type : (type as never));
    const types = isAbstractType(type)
      ? [...possible, ...this.#abstractsOf(possible)]
      : [type, ...this.#abstractsOf([type])];
    const count = isAbstractType(type) ? random.between(1, 3) : random.pick([0, 0, 1, 2]);
    return Array.from({ length: count }, () => {
      const on = random.pick(types);
      const condition = this.#condition(0.2);
      if (random.chance(0.5)) return this.#spread(on, depth, rows, condition);
      const bare = on === type && random.chance(0.4);
      return `... ${bare ? '' : `on ${on.name}`}${condition} ${this.#selection(on, depth - 1, rows)}`;
    });
  }

  #abstractsOf(types: readonly GraphQLNamedType[]): readonly GraphQLNamedType[] {
    return Object.values(this.#schema.getTypeMap()).filter(
      (one) => isAbstractType(one) && types.some((type) => isObjectType(type) && this.#schema.isSubType(one, type)),
    );
  }

  #spread(on: GraphQLNamedType, depth: number, rows: number, condition: string): string {
    const random = this.#random;
    const known = [...this.#fragments].filter(([, { type, text }]) => type === on.name && text !== '');
    if (known.length > 0 && rows <= 4 && random.chance(0.5)) return `...${random.pick(known)[0]}${condition}`;
    const name = `F${this.#fragments.size}`;
    const fragment = { type: on.name, text: '' };
    // Named before its content is drawn, so that it is not spread within itself.
    this.#fragments.set(name, fragment);
    fragment.text = this.#selection(on, depth - 1, rows);
    return `...${name}${condition}`;
  }
}

/** An operation on a schema, valid most of the time. */
export const randomOperation = (schema: GraphQLSchema, seed: string): RandomOperation => {
  const random = new Random(`operation ${seed}`);
  const kind = schema.getMutationType() && random.chance(0.15) ? 'mutation' : 'query';
  const writer = new Writer(schema, random, random.between(4, 22));
  const body = writer.operation(kind);
  const document = `${kind} Q${writer.variables.text} ${body}\n${writer.fragments}`;
  return { document, variables: writer.variables.sent };
};
