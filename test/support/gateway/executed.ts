import type { SchemaModule } from 'tributary/backend';
import type { TestAnswer } from 'tributary/testing';
import { systemClock } from '../../../src/core/clock.ts';
import { buildGateway, type GatewayOptions } from '../../../src/graph/build-gateway.ts';
import type { ExecutionMode, ExecutionReport } from '../../../src/graph/execution-mode.ts';
import type { GraphQLParams } from '../../../src/graph/gateway-port.ts';
import { ANONYMOUS, type Principal, type RequestContext } from '../../../src/request/request-context.ts';
import { untraced } from '../../../src/telemetry/open-trace.ts';

/** Every way to execute an operation. All must return the same answers. */
export const EXECUTIONS = ['reference', 'compiled'] as const satisfies readonly ExecutionMode[];

export type Execution = (typeof EXECUTIONS)[number];

export type Ask = (
  document: string,
  variables?: Readonly<Record<string, unknown>>,
  operationName?: string | null,
) => Promise<TestAnswer>;

/** Context of a request of an anonymous caller, with a distant deadline. */
export const anonymousRequest = (): RequestContext => ({
  requestId: 'r',
  principal: ANONYMOUS,
  headers: {},
  clientAddress: '127.0.0.1',
  deadline: systemClock.now() + 200_000,
  signal: new AbortController().signal,
  trace: untraced(),
});

/** Parameters of a POST. */
export const paramsOf = (query: string | null, more: Partial<GraphQLParams> = {}): GraphQLParams => ({
  query,
  operationName: null,
  variables: null,
  extensions: null,
  isReadOnly: false,
  ...more,
});

/**
 * A gateway of modules without upstreams, without HTTP. In compiled modes, an operation that falls back to delegation
 * is an Error. Default: an anonymous caller.
 */
export const executedBy = (
  execution: ExecutionMode,
  modules: readonly SchemaModule[],
  { principal = ANONYMOUS, ...more }: Partial<GatewayOptions> & { readonly principal?: Principal } = {},
): Ask => {
  const connect = () => () => Promise.reject(new Error('These modules have no upstream.'));
  const fallbacks: string[] = [];
  const executed: ExecutionReport['executed'] = (how) => {
    if (how.by === 'fallback') fallbacks.push(how.reason);
  };
  const gateway = buildGateway({ modules, connect, execution, introspection: true, report: { executed }, ...more });
  const started = gateway.start();
  return async (query, variables = {}, operationName = null) => {
    await started;
    const { data, errors } = await gateway.execute(paramsOf(query, { operationName, variables }), {
      ...anonymousRequest(),
      principal,
    });
    const reason = fallbacks.shift();
    if (reason !== undefined) throw new Error(`This was not executed by a plan: ${reason}.`);
    return { data, errors };
  };
};
