import type { Definition } from '../../imported-graph.ts';
import { isJsonRecord, jsonIn } from '../../json.ts';
import { sdlType } from '../../write/sdl-text.ts';
import type { ImportedService, ProtoLoader, ProtoRootField } from '../imported-service.ts';
import { MessageSamples, type ResponseSample } from './message-samples.ts';

/** An operation on a root field, with the response of the backend. */
export interface ServiceCase {
  readonly field: ProtoRootField;
  readonly loader: ProtoLoader | undefined;
  readonly document: string;
  readonly variables: Readonly<Record<string, unknown>>;
  /** The request, as far as the variables set it. */
  readonly sent: Readonly<Record<string, unknown>>;
  /** Route that answers, and the response in both forms. */
  readonly route: string;
  readonly raw: unknown;
  readonly wire: unknown;
  readonly expected: unknown;
}

const MIN_ARGUMENTS = 4;

interface Variables {
  readonly declared: string;
  readonly passed: string;
  readonly values: Readonly<Record<string, unknown>>;
  readonly sent: Readonly<Record<string, unknown>>;
}

const variablesOf = (field: ProtoRootField, make: MessageSamples): Variables | null => {
  const values: Record<string, unknown> = {};
  const sent: Record<string, unknown> = {};
  const used = field.args.filter(
    ({ isRequired }, at) => isRequired || (field.root === 'Mutation' && at < MIN_ARGUMENTS),
  );
  for (const argument of used) {
    const sample = make.input(argument);
    if (sample === null && argument.isRequired) return null;
    if (sample === null) continue;
    values[argument.name] = sample.value;
    Object.assign(sent, argument.part.kind === 'oneof' ? sample.sent : { [argument.part.field.name]: sample.sent });
  }
  const list = used.filter(({ name }) => name in values);
  if (list.length === 0) return { declared: '', passed: '', values, sent };
  return {
    declared: ` (${list.map(({ name, type, isRequired }) => `$${name}: ${sdlType(type)}${isRequired ? '!' : ''}`).join(', ')})`,
    passed: `(${list.map(({ name }) => `${name}: $${name}`).join(', ')})`,
    values,
    sent,
  };
};

interface Result extends ResponseSample {
  readonly isEmpty?: boolean;
}

const resultOf = (field: ProtoRootField, make: MessageSamples): Result | null => {
  const { pages, unwrapped, result } = field;
  const rows = pages?.rows ?? unwrapped;
  if (result.type === null) return { raw: {}, wire: {}, selection: '', expected: true };
  if (rows === null) return result.type.kind === 'object' ? make.object(result.type.name) : null;
  const sample = make.field(rows);
  // A list without a sample of its items cannot be selected.
  if (sample === null || rows.part.kind === 'oneof' || (Array.isArray(sample.raw) && sample.raw.length === 0))
    return null;
  return {
    raw: { [rows.part.field.name]: sample.raw },
    wire: { [rows.part.field.writtenName]: sample.wire },
    selection: pages === null ? sample.selection : ` { nodes${sample.selection} }`,
    expected: pages === null ? sample.expected : { nodes: sample.expected },
  };
};

/** A row with the key of its loader, which the operation requests. */
const keyed = (sample: ResponseSample, loader: ProtoLoader, key: unknown, service: ImportedService): Result => {
  const field = service.objects
    .find(({ name, side }) => name === loader.type && side === 'output')
    ?.fields.find(({ name }) => name === loader.key);
  if (field?.part.kind !== 'field') return sample;
  const { name, writtenName } = field.part.field;
  const batchRows = service.fields.find(({ route }) => route === loader.route)?.unwrapped;
  const rowsField = batchRows?.part.kind === 'field' ? batchRows.part.field : null;
  const of = (value: unknown, property: string, rows: string | null): unknown => {
    const row = isJsonRecord(value) ? { ...value, [property]: key } : value;
    if (rows === null) return row;
    return { [rows]: loader.kind === 'batch' ? [row] : row };
  };
  const expected = jsonIn(sample.expected);
  return {
    ...sample,
    raw: of(sample.raw, name, rowsField?.name ?? null),
    wire: of(sample.wire, writtenName, rowsField?.writtenName ?? null),
    expected: field.name in expected ? { ...expected, [field.name]: key } : sample.expected,
  };
};

/** Sample operations on all root fields that can have one. */
export const serviceCases = (service: ImportedService, definitions: readonly Definition[]): ServiceCase[] => {
  const used = new Set(definitions.map(({ name }) => name));
  const make = new MessageSamples(
    definitions,
    service.objects.filter(({ name }) => used.has(name)),
  );
  return service.fields.flatMap((field): ServiceCase[] => {
    const loader = service.loaders.find((one) => one.field === field.name);
    const variables = variablesOf(field, make);
    const sample = loader === undefined ? resultOf(field, make) : make.object(loader.type);
    if (variables === null || sample === null) return [];
    const result = loader === undefined ? sample : keyed(sample, loader, Object.values(variables.values)[0], service);
    return [
      {
        field,
        loader,
        document: `${field.root.toLowerCase()}${variables.declared} { ${field.name}${variables.passed}${result.selection} }`,
        variables: variables.values,
        sent: variables.sent,
        route: loader?.route ?? field.route,
        raw: result.raw,
        wire: result.wire,
        expected: { [field.name]: result.expected },
      },
    ];
  });
};
