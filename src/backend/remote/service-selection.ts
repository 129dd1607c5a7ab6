import {
  type GraphQLField,
  type GraphQLOutputType,
  type GraphQLScalarType,
  getNamedType,
  isEnumType,
  isLeafType,
  isListType,
  isNonNullType,
  isSpecifiedScalarType,
} from 'graphql';
import { type CallSite, UpstreamError } from '../../core/errors.ts';
import type { RequestedField, RequestedFields, RequestedRows } from './requested-fields.ts';
import type { GraphqlService } from './service.ts';
import { type InputValues, ServiceVariables } from './service-arguments.ts';

/** The call of the response. */
export interface ReadSite extends CallSite {
  /** True if the response has an error. Set for a value of another shape. */
  isPartial: boolean;
}

/**
 * Checks a value of a response and returns it with the module's type names. A value of another shape becomes the error
 * of its place, so that the rest of the response is kept.
 */
type ReadValue = (value: unknown, call: ReadSite) => unknown;

/** A selection of a service's fields, with its text and the reader of its values. */
interface Compiled {
  /** `{ id stars: rating }`; empty for leaves. */
  readonly text: string;
  readonly read: ReadValue;
}

/** Fields of a service, compiled once with the plan. */
export interface ServiceSelection extends Compiled {
  /** Name in the service of the type of the rows; null for leaves, and for rows of several types. */
  readonly type: string | null;
  readonly declarations: readonly string[];
  /** Fields that may be refused before the call, and be left out of another form of this selection. */
  readonly sources: readonly object[];
  /** InputValues of the declared variables, for the variables of the client's operation. */
  readonly variables: (given: InputValues) => Record<string, unknown>;
}

const TYPENAME = '__typename';

const badShape = (call: ReadSite, reason: string): UpstreamError => {
  call.isPartial = true;
  return new UpstreamError('UPSTREAM_BAD_RESPONSE', call, reason);
};

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Passes null and the errors that are placed in the data already. */
const present =
  (read: ReadValue): ReadValue =>
  (value, call) =>
    value === null || value instanceof Error ? value : read(value, call);

const readItems = (read: ReadValue): ReadValue =>
  present((value, call) => {
    if (!Array.isArray(value)) return badShape(call, 'a value is no list');
    const items: unknown[] = value;
    for (let at = 0; at < items.length; at += 1) items[at] = read(items[at], call);
    return items;
  });

const readLeaf: ReadValue = present((value, call) =>
  typeof value === 'object' ? badShape(call, 'a value is neither text, number nor boolean') : value,
);

/** A custom scalar may be any JSON. */
const readAny: ReadValue = (value) => value;

/** A custom scalar that the module declares: rows have its internal values. */
const readScalar = (scalar: GraphQLScalarType): ReadValue =>
  present((value, call) => {
    try {
      return scalar.parseValue(value);
    } catch {
      return badShape(call, `a value does not fit ${scalar.name}`);
    }
  });

/** Sources of the fields to leave out. */
export type Refused = ReadonlySet<object>;

const NONE: Refused = new Set();

/** Rows of services with nothing but keys: they look like references to rows that are not fetched. */
const serviceRows = new WeakSet<object>();

export const isServiceRow = (row: object): boolean => serviceRows.has(row);

class SelectionCompiler {
  readonly #service: GraphqlService;
  readonly #refused: Refused;
  readonly sources = new Set<object>();
  readonly variables: ServiceVariables;

  constructor(service: GraphqlService, refused: Refused) {
    this.#service = service;
    this.#refused = refused;
    this.variables = new ServiceVariables(service);
  }

  rows(below: RequestedRows): Compiled {
    switch (below.are) {
      case 'leaves':
        return { text: '', read: readAny };
      case 'objects':
        return this.#object([below.requested]);
      case 'abstract':
        return this.#abstract(below.requested);
    }
  }

  root(
    name: string,
    inService: GraphQLField<unknown, unknown>,
    { definition, node, below }: Pick<RequestedField, 'definition' | 'node' | 'below'>,
  ): Compiled {
    const args = this.variables.add(definition, node, inService);
    const { text, read } = this.#value(inService.type, definition, () => this.rows(below));
    return { text: `${name}${args} ${text}`.trimEnd(), read };
  }

  /** A value of a type of the service: lists, and below them leaves or rows. */
  #value(type: GraphQLOutputType, own: RequestedField['definition'], below: () => Compiled): Compiled {
    if (isNonNullType(type)) return this.#value(type.ofType, own, below);
    if (isListType(type)) {
      const { text, read } = this.#value(type.ofType, own, below);
      return { text, read: readItems(read) };
    }
    if (!isLeafType(type)) return below();
    if (isSpecifiedScalarType(type) || isEnumType(type)) return { text: '', read: readLeaf };
    const scalar = this.#service.declaredScalar(getNamedType(own.type).name);
    return { text: '', read: scalar === undefined ? readAny : readScalar(scalar) };
  }

  /** Several requests of one object are one selection: two uses of a field without arguments share its property. */
  #object(all: readonly RequestedFields[]): Compiled {
    const byProperty = new Map<string, { readonly type: string; readonly uses: RequestedField[] }>();
    // One selection is often requested several times. Without the set, its uses would double at each level.
    for (const { type, fields } of new Set(all))
      for (const field of fields) {
        if (field.source !== null) {
          if (this.#refused.has(field.source)) continue;
          this.sources.add(field.source);
        }
        const known = byProperty.get(field.property);
        if (known === undefined) byProperty.set(field.property, { type, uses: [field] });
        else known.uses.push(field);
      }
    const texts: string[] = [];
    const readers: (readonly [property: string, read: ReadValue])[] = [];
    for (const [property, { type, uses }] of byProperty) {
      const compiled = this.#field(type, property, uses);
      if (compiled === null) continue;
      texts.push(compiled.text);
      readers.push([property, compiled.read]);
    }
    const isOnlyKeys = [...byProperty.values()].every(({ type, uses }) => this.#service.areKeys(type, uses));
    const read = present((value, call) => {
      if (!isRecord(value)) return badShape(call, 'a value is no object');
      if (isOnlyKeys) serviceRows.add(value);
      for (const [property, readProperty] of readers) {
        const given = value[property];
        value[property] =
          given === undefined ? badShape(call, 'a requested field is missing') : readProperty(given, call);
      }
      return value;
    });
    return { text: `{ ${texts.join(' ') || TYPENAME} }`, read };
  }

  /** Null for a field that the service does not have: the module provides it in another way. */
  #field(type: string, property: string, uses: readonly RequestedField[]): Compiled | null {
    const [first] = uses;
    const inService = first && this.#service.field(type, first.name);
    if (first === undefined || inService === undefined) return null;
    const args = this.variables.add(first.definition, first.node, inService);
    const below = this.#value(inService.type, first.definition, () => this.#merged(uses));
    const name = this.#service.fieldName(type, first.name);
    const alias = property === name ? '' : `${property}: `;
    return { text: `${alias}${name}${args}${below.text === '' ? '' : ` ${below.text}`}`, read: below.read };
  }

  #merged(uses: readonly RequestedField[]): Compiled {
    const rows = uses.map(({ below }) => below);
    if (rows.some(({ are }) => are === 'abstract'))
      return this.#abstract(rows.flatMap((below) => (below.are === 'abstract' ? below.requested : [])));
    return this.#object(rows.flatMap((below) => (below.are === 'objects' ? below.requested : [])));
  }

  #abstract(all: readonly RequestedFields[]): Compiled {
    const readers = new Map<string, { readonly type: string; readonly read: ReadValue }>();
    const texts = [TYPENAME];
    for (const [type, requested] of Map.groupBy(new Set(all), (one) => one.type)) {
      const inService = this.#service.typeName(type);
      const { text, read } = this.#object(requested);
      readers.set(inService, { type, read });
      if (requested.some(({ fields }) => fields.length > 0)) texts.push(`... on ${inService} ${text}`);
    }
    const read = present((value, call) => {
      if (!isRecord(value)) return badShape(call, 'a value is no object');
      const known = readers.get(String(value[TYPENAME]));
      if (known === undefined) return badShape(call, 'a value is of a type that the module does not have');
      value[TYPENAME] = known.type;
      return known.read(value, call);
    });
    return { text: `{ ${texts.join(' ')} }`, read };
  }
}

/** Compiles the rows requested of a service, without the refused fields. */
export const serviceSelection = (
  service: GraphqlService,
  rows: RequestedRows,
  refused: Refused = NONE,
): ServiceSelection => {
  const compiler = new SelectionCompiler(service, refused);
  const { text, read } = compiler.rows(rows);
  const { sources, variables } = compiler;
  const type = rows.are === 'objects' ? service.typeName(rows.requested.type) : null;
  const { declarations } = variables;
  return { type, text, read, declarations, sources: [...sources], variables: (given) => variables.values(given) };
};

/** A root field of a service with its selection, compiled once with the plan. */
export interface ServiceRootField extends Omit<ServiceSelection, 'type'> {
  /** Name of the field in the service. */
  readonly name: string;
}

/** Compiles a root field: its arguments, and the rows requested below it without the refused fields. */
export const serviceRootField = (
  service: GraphqlService,
  root: 'Query' | 'Mutation',
  name: string,
  requested: Pick<RequestedField, 'definition' | 'node' | 'below'>,
  refused: Refused = NONE,
): ServiceRootField => {
  const compiler = new SelectionCompiler(service, refused);
  const { schema } = service;
  const type = root === 'Query' ? schema.getQueryType() : schema.getMutationType();
  const inService: GraphQLField<unknown, unknown> | undefined = type?.getFields()[name];
  if (inService === undefined) throw new Error(`The service ${service.upstream} has no field ${root}.${name}.`);
  const { text, read } = compiler.root(name, inService, requested);
  const { sources, variables } = compiler;
  const { declarations } = variables;
  return { name, text, read, declarations, sources: [...sources], variables: (given) => variables.values(given) };
};
