import { assertValidSchema, type DocumentNode, type GraphQLSchema, parse, validate } from 'graphql';
import { ConfigurationError } from '../../src/core/errors.ts';
import { randomModel } from './modules/random/random-model.ts';
import { randomPrincipal } from './operations/principals.ts';
import { type RandomOperation, randomOperation } from './operations/random-operation.ts';
import { type Case, type Outcome, Pair } from './pair.ts';
import { reportOf } from './report.ts';
import { shrink } from './shrink.ts';

/** Creating modules is more expensive than running an operation. */
const OPERATIONS = 25;

/** Failing cases often have the same cause, and shrinking is slow. */
const MAX_SHRUNK = 5;

/** Shares of places with a fault, one after the other. */
export const FAULTS = [0, 0.01, 0.03, 0.08] as const;

/** One case that has run. */
export interface Ran {
  /** Repeats the case: `<seed> <modules> <operation>`. */
  readonly name: string;
  readonly outcome: Outcome;
  /** Report of the shrunk case; null for equal answers. */
  readonly report: string | null;
}

/** Number of discarded draws. */
export interface Thrown {
  models: number;
  operations: number;
}

export interface Range {
  readonly seed: string;
  readonly cases: number;
  /** Every `of`th set of modules, beginning with the `share`th. Default: all. */
  readonly share?: number;
  readonly of?: number;
  /** Number of operations over the same modules. Default 25. */
  readonly operations?: number;
  /** Maximum number of failing cases that are shrunk; others are reported as they are. Default 5. */
  readonly shrinks?: number;
}

/** A random operation that is valid in this schema. */
export const validOperation = (
  schema: GraphQLSchema,
  seed: string,
  thrown: Thrown,
): Pick<Case, 'document' | 'variables'> => {
  for (let attempt = 0; ; attempt += 1) {
    const { document: text, variables }: RandomOperation = randomOperation(schema, `${seed} ${attempt}`);
    const document: DocumentNode = parse(text);
    if (validate(schema, document).length === 0) return { document, variables };
    thrown.operations += 1;
  }
};

export const pairFor = (seed: string, thrown: Thrown): Pair => {
  for (let attempt = 0; ; attempt += 1) {
    try {
      const pair = new Pair(randomModel(`${seed} ${attempt}`));
      // Apollo Server refuses to start with another one.
      assertValidSchema(pair.gateway.schema);
      return pair;
    } catch (error) {
      if (!(error instanceof ConfigurationError)) throw error;
      thrown.models += 1;
    }
  }
};

const caseFor = (pair: Pair, name: string, at: number, thrown: Thrown): Case => ({
  ...validOperation(pair.gateway.schema, name, thrown),
  principal: randomPrincipal(name),
  weather: { faults: FAULTS[at % FAULTS.length] ?? 0, mended: new Set() },
});

const ran = async (pair: Pair, one: Case, name: string, shrinks: boolean): Promise<Ran> => {
  const outcome = await pair.run(one);
  if (outcome.differences.length === 0) return { name, outcome, report: null };
  const found = { one, outcome };
  return { name, outcome, report: reportOf(pair.model, name, shrinks ? await shrink(pair, found) : found) };
};

/** Runs cases one after the other. Equal seeds yield equal cases. */
export async function* casesOf(range: Range, thrown: Thrown): AsyncGenerator<Ran> {
  const { seed, cases, share = 0, of = 1, operations = OPERATIONS, shrinks = MAX_SHRUNK } = range;
  let left = cases;
  let failed = 0;
  for (let modules = share; left > 0; modules += of) {
    const pair = pairFor(`${seed} ${modules}`, thrown);
    for (let at = 0; at < operations && left > 0; at += 1, left -= 1) {
      const name = `${seed} ${modules} ${at}`;
      const done = await ran(pair, caseFor(pair, name, at, thrown), name, failed < shrinks);
      if (done.report !== null) failed += 1;
      yield done;
    }
  }
}

/** Runs one case again, by its name. */
export const repeat = (name: string): Promise<Ran> => {
  const [at = '0', modules = '0', ...seed] = name.split(' ').toReversed();
  const thrown = { models: 0, operations: 0 };
  const pair = pairFor(`${seed.toReversed().join(' ')} ${modules}`, thrown);
  return ran(pair, caseFor(pair, name, Number(at), thrown), name, true);
};
