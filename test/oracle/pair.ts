import { rmSync } from 'node:fs';
import { type DocumentNode, type ExecutionResult, Kind, type OperationDefinitionNode } from 'graphql';
import { systemClock } from '../../src/core/clock.ts';
import { buildGateway, type Gateway } from '../../src/graph/build-gateway.ts';
import type { Execution } from '../../src/graph/execution-mode.ts';
import type { OpenLimiter } from '../../src/rate-limit/limiter.ts';
import type { Principal } from '../../src/request/principal.ts';
import type { RequestContext } from '../../src/request/request-context.ts';
import { untraced } from '../../src/telemetry/open-trace.ts';
import { emptyFolder } from '../support/processes/checkout.ts';
import { wrongCalls, wrongOperations } from './compare/calls.ts';
import { Comparable } from './compare/comparable.ts';
import { bubblesThroughList, differences } from './compare/compare.ts';
import { answered, reported } from './compare/errors.ts';
import type { Feature } from './features.ts';
import type { Model } from './modules/model.ts';
import { modulesOf, plainModulesOf } from './modules/modules.ts';
import type { Asked, Weather, World } from './modules/world.ts';
import { staticFeatures } from './operations/static-features.ts';
import { Reference } from './reference/reference.ts';
import { traitsOf } from './reference/traits.ts';
import { keptRejections } from './rejections.ts';

/** Time limit of an operation in milliseconds, far above the duration of any. */
const TIME_LIMIT_MS = 20_000;

/** An operation, its caller, and the faults of modules during its execution. */
export interface Case {
  readonly document: DocumentNode;
  readonly variables: Readonly<Record<string, unknown>>;
  readonly principal: Principal;
  readonly weather: Weather;
}

export interface Outcome {
  readonly execution: Execution;
  readonly differences: readonly string[];
  readonly features: ReadonlySet<Feature>;
  readonly got: ExecutionResult;
  readonly expected: ExecutionResult;
  /** Places of deliberate faults. */
  readonly broken: readonly string[];
}

/** A limit of 1 is already used up; others are never reached. */
export const admits = (limit: number): boolean => limit > 1;

const requestOf = (principal: Principal, signal: AbortSignal): RequestContext => ({
  requestId: 'oracle',
  principal,
  headers: {},
  clientAddress: '127.0.0.1',
  deadline: systemClock.now() + TIME_LIMIT_MS,
  signal,
  trace: untraced(),
});

const operationIn = ({ definitions }: DocumentNode): OperationDefinitionNode => {
  const operation = definitions.find((node) => node.kind === Kind.OPERATION_DEFINITION);
  if (operation === undefined) throw new Error('The document has no operation.');
  return operation;
};

/** Number of checks of each limit, by field. */
type Counts = Map<string, number>;

const count = (counts: Counts, coordinate: string) => counts.set(coordinate, (counts.get(coordinate) ?? 0) + 1);

/** Answer of one side, with the calls of its modules and the checks of its limits. */
interface Side {
  readonly result: ExecutionResult;
  readonly asked: readonly Asked[];
  readonly counts: Counts;
}

const once = <Result>(make: () => Promise<Result>): (() => Promise<Result>) => {
  let made: Promise<Result> | null = null;
  return () => {
    made ??= make();
    return made;
  };
};

const differentCounts = (got: Counts, expected: Counts): readonly string[] =>
  [...new Set([...got.keys(), ...expected.keys()])].flatMap((coordinate) =>
    got.get(coordinate) === expected.get(coordinate)
      ? []
      : [`the limit of ${coordinate} was checked ${got.get(coordinate)} times instead of ${expected.get(coordinate)}`],
  );

/** The gateway and the reference over equal modules. Each side has its own copy. */
export class Pair {
  readonly model: Model;
  readonly gateway: Gateway;
  /** A gateway over the same modules that executes by delegation. */
  readonly #delegating: Gateway;
  readonly #reference: Reference;
  readonly #comparable: Comparable;
  readonly #worlds: { readonly got: World; readonly delegated: World; readonly expected: World };
  readonly #counted: Counts = new Map();
  readonly #signal = new AbortController().signal;
  #execution: Execution | null = null;

  /** @throws ConfigurationError for modules that do not compose */
  constructor(model: Model) {
    this.model = model;
    const theirs = plainModulesOf(model);
    const openLimiter: OpenLimiter = ({ limit }) => ({
      consume: async (key) => {
        count(this.#counted, key.split(':')[0] ?? key);
        return { admitted: admits(limit), remaining: 0, resetMs: 1 };
      },
    });
    // The SDL of services is read from files when a gateway is built.
    const folder = emptyFolder();
    try {
      const [mine, delegated] = [modulesOf(model, folder), modulesOf(model, folder)];
      this.#worlds = { got: mine.world, delegated: delegated.world, expected: theirs.world };
      const { connect } = delegated;
      this.#delegating = buildGateway({ modules: delegated.modules, connect, openLimiter, execution: 'reference' });
      this.gateway = buildGateway({
        modules: mine.modules,
        connect: mine.connect,
        openLimiter,
        // With an even number of modules, generated code runs from the first row on.
        ...(mine.modules.length % 2 === 0 ? { rowsBeforeCode: 0 } : {}),
        report: {
          executed: (execution) => {
            this.#execution = execution;
          },
        },
      });
    } finally {
      rmSync(folder, { recursive: true });
    }
    this.#reference = new Reference(theirs.modules, traitsOf(model));
    this.#comparable = new Comparable(model, this.gateway.schema);
  }

  async run(one: Case): Promise<Outcome> {
    const { document } = one;
    const expected = await this.#referenceFor(one, false);
    const broken = [...this.#worlds.expected.broken];
    const got = await this.#gatewayFor(one);
    const execution = this.#execution ?? { by: 'plan' };
    const full = once(() => this.#referenceFor(one, true));
    const found = [
      ...got.problems,
      ...this.#worlds.got.rejected,
      ...keptRejections().map((reason) => `unhandled rejection: ${String(reason)}`),
    ];
    if (execution.by === 'plan') {
      const answers = { got: got.result, expected: expected.result, full: async () => (await full()).result };
      found.push(...(await differences({ ...answers, declared: DECLARED })));
      found.push(...(await this.#callsOf(document, got, expected, full)));
    } else if (JSON.stringify(got.result.data) !== JSON.stringify(expected.result.data)) found.push('the data differs');
    const features = new Set([...expected.features, ...staticFeatures(this.gateway.schema, document)]);
    if (bubblesThroughList(expected.result)) features.add('bubbling through a list');
    if (expected.result.data === undefined) features.add('refused variable');
    if (reported(expected.result, DECLARED).some(({ code }) => code === 'BAD_USER_INPUT'))
      features.add('refused argument');
    // Delegation reports failures of modules less precisely.
    const isClean = reported(expected.result, DECLARED).every(({ code }) => code === 'BAD_USER_INPUT');
    if (isClean && one.weather.faults === 0 && this.#comparable.includes(document))
      found.push(...(await this.#delegationOf(one, expected.result)));
    return {
      execution,
      differences: found,
      features,
      got: got.result,
      expected: expected.result,
      broken,
    };
  }

  /** Differences of delegation, for operations without faults and denied fields. */
  async #delegationOf(one: Case, expected: ExecutionResult): Promise<readonly string[]> {
    const { document, variables, principal, weather } = one;
    const world = this.#worlds.delegated;
    world.begin(weather);
    const operation = { document, operation: operationIn(document), variables };
    const { result, problem } = await inTime(this.#delegating.run(operation, requestOf(principal, this.#signal)));
    await world.settled();
    if (problem !== null) return [problem];
    if (JSON.stringify(result.data) === JSON.stringify(expected.data)) return [];
    // Delegation also checks permissions of fields on types that no row has.
    const isRefused = result.data !== undefined && answered(result).some(({ code }) => REFUSALS.has(code));
    return isRefused ? [] : [`delegation returns ${JSON.stringify(result)}`];
  }

  async #callsOf(
    document: DocumentNode,
    got: Side,
    expected: Side,
    full: () => Promise<Side>,
  ): Promise<readonly string[]> {
    const { operation, selectionSet } = operationIn(document);
    // Each root field of a mutation may load again, and a fragment may contain several root fields.
    const most = operation === 'mutation' ? selectionSet.selections.length + 1 : 1;
    const hasErrors = reported(expected.result, DECLARED).length > 0;
    const found = wrongCalls(got.asked, expected.asked, most);
    // graphql-js stops executing siblings after an error that nulls their parent.
    if (hasErrors)
      return found.length === 0 ? [] : wrongCalls(got.asked, [...expected.asked, ...(await full()).asked], most);
    return [...found, ...wrongOperations(got.asked, expected.asked), ...differentCounts(got.counts, expected.counts)];
  }

  async #referenceFor(
    { document, variables, principal, weather }: Case,
    apart: boolean,
  ): Promise<Side & { readonly features: ReadonlySet<Feature> }> {
    const world = this.#worlds.expected;
    world.begin(weather);
    const counts: Counts = new Map();
    const admit = (coordinate: string, limit: number) => {
      count(counts, coordinate);
      return admits(limit);
    };
    const { result, features } = await this.#reference.run({ document, variables, principal, admit }, apart);
    await world.settled();
    return { result, features, asked: world.asked, counts };
  }

  async #gatewayFor({
    document,
    variables,
    principal,
    weather,
  }: Case): Promise<Side & { readonly problems: readonly string[] }> {
    const world = this.#worlds.got;
    world.begin(weather);
    this.#counted.clear();
    this.#execution = null;
    const operation = { document, operation: operationIn(document), variables };
    const running = this.gateway.run(operation, requestOf(principal, this.#signal));
    const { result, problem } = await inTime(running);
    await world.settled();
    const counts: Counts = new Map(this.#counted);
    return { result, asked: world.asked, counts, problems: problem === null ? [] : [problem] };
  }
}

const REFUSALS: ReadonlySet<string> = new Set(['UNAUTHENTICATED', 'FORBIDDEN', 'RATE_LIMITED']);

const DECLARED: ReadonlySet<string> = new Set(['OUT_OF_STOCK']);

const inTime = async (
  running: Promise<ExecutionResult>,
): Promise<{ readonly result: ExecutionResult; readonly problem: string | null }> => {
  const { promise, resolve } = Promise.withResolvers<ExecutionResult | null>();
  const timer = systemClock.after(TIME_LIMIT_MS, () => resolve(null));
  try {
    const result = await Promise.race([running, promise]);
    return result === null ? { result: {}, problem: 'no answer before the time limit' } : { result, problem: null };
  } catch (error) {
    return { result: {}, problem: `the execution failed: ${error instanceof Error ? error.stack : String(error)}` };
  } finally {
    timer.cancel();
  }
};
