import { buildGateway } from '../../../src/graph/build-gateway.ts';
import type { RequestContext } from '../../../src/request/request-context.ts';
import { type Scripted, scripted } from '../../../src/testing/scripted.ts';
import { scriptedSend } from '../../../src/testing/scripted-send.ts';
import type { Call } from '../../../src/upstream/call.ts';
import {
  type By,
  type PRODUCT_ROWS,
  productModule,
  reviewModule,
  SERVICE_RESOLVERS,
} from '../modules/review-module.ts';
import { anonymousRequest, type Execution, paramsOf } from './executed.ts';

/** An operation as the service received it. */
export interface Received {
  readonly query: string;
  readonly operationName: string;
  readonly variables: Readonly<Record<string, unknown>>;
}

export interface ServiceGatewayOptions {
  readonly execution?: Execution;
  readonly by?: By;
  readonly maxSize?: number;
  /** Products of the other module. Default: three, of which the service does not have the last. */
  readonly products?: typeof PRODUCT_ROWS;
  /** Answers of the service. Default: its resolvers. */
  readonly script?: Scripted;
}

const answering = scripted().graphql(SERVICE_RESOLVERS);

/** A gateway of the modules `reviews`, whose types a GraphQL service provides, and `products`. */
export const serviceGateway = ({
  execution = 'compiled',
  by,
  maxSize,
  products,
  script = answering,
}: ServiceGatewayOptions = {}) => {
  const received: Received[] = [];
  const calls: Call[] = [];
  const fallbacks: string[] = [];
  const gateway = buildGateway({
    modules: [reviewModule(by, maxSize), productModule(products)],
    execution,
    introspection: true,
    report: { executed: (how) => void (how.by === 'fallback' && fallbacks.push(how.reason)) },
    connect: (module, _upstream, definition) => {
      const send = scriptedSend(script, module, definition, ({ route }) => new Error(`no answer for ${route}`));
      return (call) => {
        calls.push(call);
        if (call.message.protocol === 'rest') received.push(JSON.parse(String(call.message.body)));
        return send({ ...call, endpoint: { url: new URL('http://scripted.invalid') } as never }); // the script reads no more of it
      };
    },
  });
  const started = gateway.start();
  const execute = async (
    query: string,
    variables: Readonly<Record<string, unknown>>,
    more: Partial<RequestContext> = {},
  ) => {
    await started;
    return gateway.execute(paramsOf(query, { variables }), { ...anonymousRequest(), ...more });
  };
  return {
    received,
    calls,
    fallbacks,
    execute,
    runQuery: async (
      query: string,
      variables: Readonly<Record<string, unknown>> = {},
      more: Partial<RequestContext> = {},
    ) => {
      const { data, errors } = await execute(query, variables, more);
      return { data, errors: errors?.map(({ path, extensions }) => [path?.join('.'), extensions?.code]) ?? [] };
    },
  };
};
