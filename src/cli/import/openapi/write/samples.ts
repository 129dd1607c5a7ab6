import type { Definition, ImportedType, ObjectDefinition, ScalarType } from '../../imported-graph.ts';

/** A value of a backend, the selection that reads it, and the value that a client receives. */
export interface OutputSample {
  readonly raw: unknown;
  /** With a leading space; empty for a value without fields. */
  readonly selection: string;
  readonly expected: unknown;
}

/** A client's value, and the value that the backend receives. */
export interface InputSample {
  readonly value: unknown;
  readonly sent: unknown;
}

/** Makes sample values of types; null where a type requires an endless value. */
export interface Samples {
  output(type: ImportedType, name: string): OutputSample | null;
  input(type: ImportedType, name: string): InputSample | null;
}

const MAX_DEPTH = 6;
/** Fields of a type that are not required and are in a sample, by depth. */
const OPTIONAL_FIELDS = [6, 3, 1];
const SELECTED_FIELDS = [8, 4, 2];

const MOMENT = '2024-01-02T03:04:05.000Z';
const DAY = '2024-01-02';
/** Two bytes as base64. */
export const SAMPLE_BYTES = 'AAE=';

const exampleText = ({ example }: ScalarType, name: string): string =>
  typeof example === 'string' && example !== '' && example.length <= 60 && /^[\x20-\x7e]*$/.test(example)
    ? example
    : name || 'text';

const rawScalar = (type: ScalarType, name: string): unknown => {
  switch (type.name) {
    case 'Boolean':
      return true;
    case 'Int':
    case 'BigInt':
      return Number.isInteger(type.example) && Math.abs(Number(type.example)) < 2 ** 31 ? type.example : 1;
    case 'Float':
      return 1.5;
    case 'DateTime':
      return MOMENT;
    case 'Date':
      return DAY;
    case 'JSON':
      return { any: 'value' };
    case 'Base64':
      return SAMPLE_BYTES;
    case 'ID':
      return type.raw === 'number' ? 1 : 'id-1';
    case 'String':
      return exampleText(type, name);
    default:
      return type.name satisfies never;
  }
};

class Sampler implements Samples {
  readonly #definitions: ReadonlyMap<string, Definition>;

  constructor(definitions: readonly Definition[]) {
    this.#definitions = new Map(definitions.map((definition) => [definition.name, definition]));
  }

  output(type: ImportedType, name: string, depth = 0): OutputSample | null {
    if (type.kind === 'scalar') {
      const raw = rawScalar(type, name);
      return { raw, selection: '', expected: type.name === 'ID' ? String(raw) : raw };
    }
    if (type.kind === 'list') {
      const item = this.output(type.item, name, depth);
      // An item that would be endless is left out of its list.
      return item === null
        ? { raw: [], selection: '', expected: [] }
        : { raw: [item.raw], selection: item.selection, expected: [item.expected] };
    }
    if (type.kind === 'map') {
      const value = this.output(type.value, name, depth);
      return (
        value && {
          raw: { key: value.raw },
          selection: ` { key value${value.selection} }`,
          expected: [{ key: 'key', value: value.expected }],
        }
      );
    }
    const definition = this.#definitions.get(type.name);
    if (definition?.kind === 'enum')
      return { raw: definition.values[0]?.value, selection: '', expected: definition.values[0]?.name };
    if (definition?.kind === 'union') return this.#member(definition, depth);
    return definition?.kind === 'object' ? this.#object(definition, depth) : null;
  }

  #member({ members }: Definition & { readonly kind: 'union' }, depth: number): OutputSample | null {
    const [member] = members;
    const definition = member && this.#definitions.get(member.name);
    if (member === undefined || definition?.kind !== 'object') return null;
    const sample = this.#object(definition, depth);
    if (sample === null || typeof sample.raw !== 'object') return null;
    const { property, values } = member;
    const isOwn = property === null || (values === null && Object.hasOwn(Object(sample.raw), property));
    const raw = isOwn ? sample.raw : { ...sample.raw, [property]: values?.[0] };
    return { raw, selection: ' { __typename }', expected: { __typename: member.name } };
  }

  #object({ name, fields }: ObjectDefinition, depth: number): OutputSample | null {
    if (depth > MAX_DEPTH) return null;
    const raw: Record<string, unknown> = {};
    const expected: Record<string, unknown> = {};
    const selections: string[] = [];
    let optional = 0;
    for (const field of fields) {
      if (!field.isRequired && optional >= (OPTIONAL_FIELDS[depth] ?? 0)) continue;
      const sample = this.output(field.type, field.name, depth + 1);
      if (sample === null && field.isRequired) return null;
      if (sample === null) continue;
      if (!field.isRequired) optional += 1;
      raw[field.property] = sample.raw;
      const isEmpty = Array.isArray(sample.expected) && sample.expected.length === 0;
      if (isEmpty || selections.length >= (SELECTED_FIELDS[depth] ?? 1)) continue;
      selections.push(field.name + sample.selection);
      expected[field.name] = sample.expected;
    }
    if (selections.length === 0) return { raw, selection: ' { __typename }', expected: { __typename: name } };
    return { raw, selection: ` { ${selections.join(' ')} }`, expected };
  }

  input(type: ImportedType, name: string, depth = 0): InputSample | null {
    if (type.kind === 'scalar') {
      const value = type.name === 'ID' ? 'id-1' : rawScalar(type, name);
      return { value, sent: value };
    }
    if (type.kind === 'list') {
      const item = this.input(type.item, name, depth);
      return item && { value: [item.value], sent: [item.sent] };
    }
    if (type.kind === 'map') {
      const value = this.input(type.value, name, depth);
      return value && { value: [{ key: 'key', value: value.value }], sent: { key: value.sent } };
    }
    const definition = this.#definitions.get(type.name);
    if (definition?.kind === 'enum') return { value: definition.values[0]?.name, sent: definition.values[0]?.value };
    return definition?.kind === 'input' ? this.#inputObject(definition, depth) : null;
  }

  #inputObject({ fields, isOneOf }: Definition & { readonly kind: 'input' }, depth: number): InputSample | null {
    if (depth > MAX_DEPTH) return null;
    const value: Record<string, unknown> = {};
    const sent: Record<string, unknown> = {};
    let optional = 0;
    for (const field of isOneOf ? fields.slice(0, 1) : fields) {
      if (!field.isRequired && !isOneOf && optional >= (depth === 0 ? 3 : 0)) continue;
      const sample = this.input(field.type, field.name, depth + 1);
      if (sample === null && (field.isRequired || isOneOf)) return null;
      if (sample === null) continue;
      if (!field.isRequired) optional += 1;
      value[field.name] = sample.value;
      if (isOneOf) return { value, sent: sample.sent };
      sent[field.property] = sample.sent;
    }
    return { value, sent };
  }
}

/** Creates a maker of samples. Texts are the contract's examples, else the names of their fields. */
export const samples = (definitions: readonly Definition[]): Samples => new Sampler(definitions);
