import { type FieldNode, Kind, type ValueNode, type VariableDefinitionNode } from 'graphql';
import { isNone, type Requirement } from './requirement.ts';

/** An argument or input field: its named type, and the requirement of giving it a value. */
export interface InputShape {
  readonly type: string;
  readonly requirement: Requirement;
}

/** Arguments of a field, or fields of an input object type, by name. */
export type InputShapes = ReadonlyMap<string, InputShape>;

/** An input with a requirement that a client gives a value. */
export interface GivenInput {
  /** Place of the value in the arguments of its field: `input.lines[0].discount`. */
  readonly path: string;
  readonly requirement: Requirement;
}

/** The value of a variable: JSON of the client, a default of the document, none, or one that is not known yet. */
export type VariableValue =
  | { readonly is: 'sent'; readonly value: unknown }
  | { readonly is: 'default'; readonly node: ValueNode }
  | { readonly is: 'absent' }
  | { readonly is: 'unknown' };

export type ReadVariable = (name: string) => VariableValue;

/** Before execution: a variable may have any value of its type. */
export const anyValue: ReadVariable = () => ({ is: 'unknown' });

/** Variables as the client sent them. A default in the document is a value of the client, too. */
export const sentValues = (
  sent: Readonly<Record<string, unknown>>,
  definitions: readonly VariableDefinitionNode[] = [],
): ReadVariable => {
  return (name) => {
    if (Object.hasOwn(sent, name)) return { is: 'sent', value: sent[name] };
    const node = definitions.find(({ variable }) => variable.name.value === name)?.defaultValue;
    return node === undefined ? { is: 'absent' } : { is: 'default', node };
  };
};

/** Collects the inputs that values give. Defaults of the schema are not values of the client. */
class Walk {
  readonly found = new Map<InputShape, GivenInput>();
  readonly #types: ReadonlyMap<string, InputShapes>;
  readonly #variable: ReadVariable;
  /** Types of which every field was collected. */
  readonly #whole = new Set<string>();

  constructor(types: ReadonlyMap<string, InputShapes>, variable: ReadVariable) {
    this.#types = types;
    this.#variable = variable;
  }

  node(shape: InputShape, path: string, node: ValueNode): void {
    if (node.kind === Kind.VARIABLE) {
      this.#read(shape, path, node.name.value);
      return;
    }
    this.#give(shape, path);
    this.#nodeBelow(shape, path, node);
  }

  #read(shape: InputShape, path: string, name: string): void {
    const variable = this.#variable(name);
    switch (variable.is) {
      case 'absent':
        return;
      case 'default':
        this.node(shape, path, variable.node);
        return;
      case 'sent':
        this.#give(shape, path);
        this.#valueBelow(shape, path, variable.value);
        return;
      case 'unknown':
        this.#give(shape, path);
        this.#allBelow(shape, path);
    }
  }

  #give(shape: InputShape, path: string): void {
    const { requirement } = shape;
    if (!isNone(requirement) && !this.found.has(shape)) this.found.set(shape, { path, requirement });
  }

  #fields({ type }: InputShape): InputShapes | undefined {
    return this.#types.get(type);
  }

  #nodeBelow(shape: InputShape, path: string, node: ValueNode): void {
    const fields = this.#fields(shape);
    if (fields === undefined) return;
    if (node.kind === Kind.VARIABLE) this.#read(shape, path, node.name.value);
    else if (node.kind === Kind.LIST)
      for (const [at, item] of node.values.entries()) this.#nodeBelow(shape, `${path}[${at}]`, item);
    else if (node.kind === Kind.OBJECT)
      for (const { name, value } of node.fields) {
        const field = fields.get(name.value);
        if (field !== undefined) this.node(field, `${path}.${name.value}`, value);
      }
  }

  #valueBelow(shape: InputShape, path: string, value: unknown): void {
    const fields = this.#fields(shape);
    if (fields === undefined || typeof value !== 'object' || value === null) return;
    if (Array.isArray(value)) {
      for (const [at, item] of value.entries()) this.#valueBelow(shape, `${path}[${at}]`, item);
      return;
    }
    for (const [name, inner] of Object.entries(value)) {
      const field = fields.get(name);
      // JSON of a client has no `undefined`; graphql-js takes it for an absent value.
      if (field === undefined || inner === undefined) continue;
      this.#give(field, `${path}.${name}`);
      this.#valueBelow(field, `${path}.${name}`, inner);
    }
  }

  #allBelow(shape: InputShape, path: string): void {
    if (this.#whole.has(shape.type)) return;
    this.#whole.add(shape.type);
    for (const [name, field] of this.#fields(shape) ?? []) {
      this.#give(field, `${path}.${name}`);
      this.#allBelow(field, `${path}.${name}`);
    }
  }
}

/** The inputs with requirements that a field of an operation gives, each once, in the order of the document. */
export const givenInputs = (
  shapes: InputShapes,
  types: ReadonlyMap<string, InputShapes>,
  node: FieldNode,
  variable: ReadVariable,
): readonly GivenInput[] => {
  const walk = new Walk(types, variable);
  for (const { name, value } of node.arguments ?? []) {
    const shape = shapes.get(name.value);
    if (shape !== undefined) walk.node(shape, name.value, value);
  }
  return [...walk.found.values()];
};
