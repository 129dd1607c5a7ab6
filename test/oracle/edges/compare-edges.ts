import { type DocumentNode, print } from 'graphql';
import { ConfigurationError } from '../../../src/core/errors.ts';
import type { ExecutionMode } from '../../../src/graph/execution-mode.ts';
import { FAULTS, type Thrown, validOperation } from '../cases.ts';
import { randomModel } from '../modules/random/random-model.ts';
import type { Weather } from '../modules/world.ts';
import { randomPrincipal } from '../operations/principals.ts';
import { keptRejections } from '../rejections.ts';
import { credentialOf, type ServedEdge, startEdge } from './served-edge.ts';

const MODES: readonly ExecutionMode[] = ['compiled', 'reference', 'compare'];

/** Creating modules is more expensive than running an operation. */
const OPERATIONS = 25;

/** Results of a comparison of both edges. */
export interface ComparedEdges {
  readonly cases: number;
  /** Differences, each with the name of its case: `<seed> <modules> <operation>`. */
  readonly differences: readonly string[];
  /** Number of operations that the direct edge executed, by mode; each is sent twice. */
  readonly direct: Readonly<Record<string, number>>;
}

interface Edges extends AsyncDisposable {
  readonly direct: ServedEdge;
  readonly long: ServedEdge;
}

/** Both edges over the first modules of this seed that compose. */
const startEdges = async (seed: string, mode: ExecutionMode): Promise<Edges> => {
  for (let attempt = 0; ; attempt += 1) {
    const model = randomModel(`${seed} ${attempt}`);
    const started: ServedEdge[] = [];
    const stop = async () => {
      for (const edge of started) await edge[Symbol.asyncDispose]();
    };
    try {
      const direct = await startEdge(model, mode, true);
      started.push(direct);
      const long = await startEdge(model, mode, false);
      started.push(long);
      return { direct, long, [Symbol.asyncDispose]: stop };
    } catch (error) {
      await stop();
      if (!(error instanceof ConfigurationError)) throw error;
    }
  }
};

/** An operation as a client sends it. */
interface SentOperation {
  readonly body: string;
  readonly authorization: string | null;
  readonly weather: Weather;
}

const operationFor = (edges: Edges, name: string, at: number, thrown: Thrown): SentOperation => {
  const { document, variables } = validOperation(edges.direct.gateway.schema, name, thrown);
  const principal = randomPrincipal(name);
  return {
    body: bodyOf(document, variables),
    authorization: principal.kind === 'anonymous' ? null : credentialOf(principal),
    weather: { faults: FAULTS[at % FAULTS.length] ?? 0, mended: new Set() },
  };
};

const bodyOf = (document: DocumentNode, variables: Readonly<Record<string, unknown>>): string =>
  JSON.stringify({ query: print(document), variables });

/** The response to one operation, without the header of its time. */
const responseOf = async ({ url, world }: ServedEdge, { body, authorization, weather }: SentOperation) => {
  world.begin(weather);
  const response = await fetch(url, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      'x-request-id': 'oracle',
      ...(authorization !== null && { authorization }),
    },
    body,
  });
  const text = await response.text();
  await world.settled();
  const headers = [...response.headers].filter(([name]) => name !== 'date').toSorted();
  return JSON.stringify({ status: response.status, headers, text });
};

/**
 * Sends random operations over random modules to two gateways, one with the direct edge and one without it, twice each:
 * the direct edge serves an operation that it knows. The four responses must be equal, byte for byte. Each set of modules
 * has another mode of execution.
 */
export const compareEdges = async (cases: number, seed: string): Promise<ComparedEdges> => {
  const differences: string[] = [];
  const direct: Record<string, number> = {};
  const thrown: Thrown = { models: 0, operations: 0 };
  let done = 0;
  for (let modules = 0; done < cases; modules += 1) {
    const mode = MODES[modules % MODES.length] ?? 'compiled';
    await using edges = await startEdges(`${seed} ${modules}`, mode);
    for (let at = 0; at < OPERATIONS && done < cases; at += 1, done += 1) {
      const name = `${seed} ${modules} ${at}`;
      const operation = operationFor(edges, name, at, thrown);
      const expected = await responseOf(edges.long, operation);
      for (const [edge, time] of [
        [edges.direct, 'the first time'],
        [edges.direct, 'the second time'],
        [edges.long, 'through Fastify and Apollo, the second time'],
      ] as const) {
        const got = await responseOf(edge, operation);
        if (got !== expected)
          differences.push(`${name} (${mode}), ${time}: ${operation.body}\n  ${got}\n  instead of\n  ${expected}`);
      }
      differences.push(...keptRejections().map((reason) => `${name}: unhandled rejection: ${String(reason)}`));
    }
    const { executed, fastify } = edges.direct.passed;
    direct[mode] = (direct[mode] ?? 0) + executed - fastify;
  }
  return { cases: done, differences, direct };
};
