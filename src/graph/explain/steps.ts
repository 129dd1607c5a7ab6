import type { GraphModule } from '../../execution/graph.ts';
import type { Answers, Field, Join, ModuleFields, Plan, Selection, Shape } from '../../execution/plan/plan.ts';
import { batchesOf } from '../check/stub-clients.ts';
import type { Authorization } from '../directives/authorization/authorize.ts';
import { fieldRequirements } from './field-requirements.ts';
import { joinCalls, mayCall, sourceOf } from './field-source.ts';
import { type JoinInputSource, joinInputSources } from './join-inputs.ts';
import { documentOfField, documentOfJoin } from './service-documents.ts';

type Abstract = Extract<Shape, { readonly is: 'abstract' }>;

/** Returns the selection of each type that a row of a module may have. */
export const possibleSelections = (
  { type, selectionOf }: Abstract,
  { schema }: GraphModule,
): readonly (readonly [type: string, selection: Selection])[] =>
  schema.getPossibleTypes(type).map((actual) => [actual.name, selectionOf(actual)]);

/** One step of a plan, or properties that are read together. It waits for the step it stands under. */
export interface Step {
  readonly depth: number;
  /** Wave in which its backend is called, from 1; null for no call. */
  readonly wave: number | null;
  readonly what: string;
  /** Document that the step sends to a GraphQL service; undefined for none. */
  readonly document?: string | undefined;
  /** Name of the module; empty for no module. */
  readonly backend: string;
  readonly how: string;
}

/** Indentation of a step, and the number of waves before it. */
interface At {
  readonly depth: number;
  readonly waves: number;
}

const below = ({ depth }: At, waves: number): At => ({ depth: depth + 1, waves });

const isLeaf = (shape: Shape): boolean => shape.is === 'leaf' || (shape.is === 'list' && isLeaf(shape.item));

const asWritten = ({ key, name }: Field): string => (key === name ? name : `${key}: ${name}`);

const keyText = (key: unknown): string => {
  if (typeof key === 'string') return `key ${key}`;
  return Array.isArray(key) ? `key ${key.join(', ')}` : 'a computed key';
};

const loaderText = ({ module }: GraphModule, loader: string): string =>
  batchesOf(module)[loader]?.callsPerKey === undefined ? `loader ${loader}` : `loader ${loader} (one call a key)`;

const howRead = (field: Field): string => {
  const source = sourceOf(field);
  if (source.is === 'loaded') return `${loaderText(field.module, source.loader)}, ${keyText(source.key)}`;
  return source.is === 'remote' ? `${source.field} of the service ${source.upstream}` : source.is;
};

const sourceText = ({ field, by }: JoinInputSource): string =>
  by === null ? field.key : `${field.key} of ${by.module.module.name}`;

const ROOTS: ReadonlySet<string> = new Set(['Query', 'Mutation']);

const joinText = (join: Join, selection: Selection): string => {
  const isKey = ({ field }: JoinInputSource): boolean =>
    join.inputs.some(({ key, isKey }) => isKey && key === field.key);
  const inputs = joinInputSources(join, selection);
  const needs = inputs.filter((one) => !isKey(one)).map(sourceText);
  // A root type or a namespace needs no lookup.
  if (inputs.length === 0) return ROOTS.has(selection.type) ? 'root' : 'namespace';
  return [
    `by ${inputs.filter(isKey).map(sourceText).join(', ') || 'no key'}`,
    join.load === null ? 'no loader' : loaderText(join.module, join.load.loader),
    ...(needs.length === 0 ? [] : [`needs ${needs.join(', ')}`]),
  ].join(', ');
};

/** Number of waves after which the rows of a join are known. */
const wavesUntil = (join: Join, selection: Selection, before: number): number => {
  const known = joinInputSources(join, selection).map(
    ({ field, by }) => (by === null ? before : wavesUntil(by, selection, before)) + (mayCall(field) ? 1 : 0),
  );
  return Math.max(before, ...known) + (joinCalls(join) ? 1 : 0);
};

/** Steps that others wait for come first. */
const inOrder = (selection: Selection): readonly Join[] => {
  const ordered = new Set<Join>();
  const take = (join: Join): void => {
    for (const { by } of joinInputSources(join, selection)) if (by !== null) take(by);
    ordered.add(join);
  };
  selection.joins.forEach(take);
  return [...ordered];
};

/** Returns the steps of a plan in order. */
class Walk {
  readonly #authorization: Authorization;
  #lastWave = 0;

  constructor(authorization: Authorization) {
    this.#authorization = authorization;
  }

  *plan({ operation, answers }: Plan): Generator<Step> {
    const isSerial = operation.operation === 'mutation';
    yield* this.#typeNames(answers, 0);
    for (const answer of answers.values())
      if (typeof answer !== 'string') yield* this.#field(answer, { depth: 0, waves: isSerial ? this.#lastWave : 0 });
  }

  *#typeNames(answers: Answers, depth: number): Generator<Step> {
    const keys = [...answers].filter(([, answer]) => typeof answer === 'string').map(([key]) => key);
    if (keys.length > 0) yield { depth, wave: null, what: keys.join(', '), backend: '', how: 'the name of the type' };
  }

  *#field(field: Field, at: At): Generator<Step> {
    const { depth } = at;
    const waves = at.waves + (mayCall(field) ? 1 : 0);
    const type = isLeaf(field.shape) ? '' : ` ${field.definition.type}`;
    const waiting = new Set(field.joins?.map(({ module }) => module.module.name));
    yield {
      depth,
      wave: waves > at.waves ? this.#wave(waves) : null,
      what: field.joins === null ? asWritten(field) + type : `(${field.key})`,
      backend: field.module.module.name,
      document: documentOfField(field) ?? undefined,
      how: [
        howRead(field),
        ...fieldRequirements(field, this.#authorization),
        ...(waiting.size === 0 ? [] : [`for ${[...waiting].join(', ')}`]),
      ].join(', '),
    };
    yield* this.#shape(field, field.shape, below(at, waves));
  }

  *#shape(field: Field, shape: Shape, at: At): Generator<Step> {
    if (shape.is === 'list') yield* this.#shape(field, shape.item, at);
    else if (shape.is === 'object') yield* this.#selection(shape.selection, at);
    else if (shape.is === 'abstract')
      for (const [type, selection] of possibleSelections(shape, field.module)) {
        yield { depth: at.depth, wave: null, what: `as ${type}`, backend: '', how: '' };
        yield* this.#selection(selection, below(at, at.waves));
      }
  }

  *#selection(selection: Selection, at: At): Generator<Step> {
    yield* this.#typeNames(selection.answers, at.depth);
    // The line of the join shows that it reads a property of the row.
    const fetched = selection.own.hidden.filter((field) => sourceOf(field).is !== 'property' || !isLeaf(field.shape));
    yield* this.#moduleFields({ ...selection.own, hidden: fetched }, at);
    yield* this.#references(selection, at);
    for (const join of inOrder(selection)) {
      const waves = wavesUntil(join, selection, at.waves);
      const { name: backend } = join.module.module;
      const wave = joinCalls(join) ? this.#wave(waves) : null;
      const document = documentOfJoin(join) ?? undefined;
      yield { depth: at.depth, wave, what: 'join', backend, document, how: joinText(join, selection) };
      yield* this.#moduleFields(join, below(at, waves));
    }
  }

  /** Rows that are only a key are known when the operation runs. The step says what they cost then. */
  *#references({ references, own }: Selection, { depth }: At): Generator<Step> {
    for (const { loader, keys } of references ?? []) {
      const how = `${loaderText(own.module, loader)}, for rows that are only ${keyText(keys)}`;
      yield { depth, wave: null, what: '(references)', backend: own.module.module.name, how };
    }
  }

  *#moduleFields({ module, fields, hidden }: ModuleFields, at: At): Generator<Step> {
    const plain = fields.filter((field) => this.#isPlain(field));
    const what = plain.map(asWritten).join(', ');
    const how = plain.length === 1 ? 'property' : 'properties';
    if (plain.length > 0) yield { depth: at.depth, wave: null, what, backend: module.module.name, how };
    for (const field of [...fields, ...hidden]) if (!plain.includes(field)) yield* this.#field(field, at);
  }

  /** True for a field that is a property of its row. */
  #isPlain(field: Field): boolean {
    const { is } = sourceOf(field);
    return is === 'property' && isLeaf(field.shape) && fieldRequirements(field, this.#authorization).length === 0;
  }

  #wave(wave: number): number {
    this.#lastWave = Math.max(this.#lastWave, wave);
    return wave;
  }
}

/** Lazy: nested fragment spreads can expand to many more steps than the document has words. */
export const stepsOf = (plan: Plan, authorization: Authorization): Iterable<Step> => new Walk(authorization).plan(plan);
