import type { AccessEntry } from '../../../src/http/exchange/access-log.ts';
import { define, typeDefs } from '../modules/small-modules.ts';
import { type HttpAnswer, type ServedOptions, servedGateway } from './served-gateway.ts';

/** Sends a body as JSON, such as a batch of operations. */
export const sendBody = async (
  origin: string,
  body: unknown,
  headers: Readonly<Record<string, string>> = {},
): Promise<HttpAnswer> => {
  const response = await fetch(`${origin}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify(body),
  });
  const text = await response.text();
  return { status: response.status, headers: response.headers, text, body: JSON.parse(text) };
};

/** An entry of a batch for each query. */
export const entriesOf = (...queries: readonly string[]) => queries.map((query) => ({ query }));

/** The codes of the errors of each result of a batch. */
export const codesOf = ({ body }: HttpAnswer): readonly (readonly string[])[] =>
  body.map(({ errors = [] }: { readonly errors?: readonly { readonly extensions: { readonly code: string } }[] }) =>
    errors.map(({ extensions }) => extensions.code),
  );

/** A field that waits: `release` ends it. */
export interface Waiting {
  readonly release: () => void;
  readonly signal: AbortSignal;
}

export interface BatchGatewayOptions extends Partial<Omit<ServedOptions, 'modules' | 'edge'>> {
  readonly directEdge?: boolean;
  /** Default: 10. */
  readonly maxBatchOperations?: number;
  readonly edge?: ServedOptions['edge'];
}

/** A gateway that answers batches of operations. `slow` waits for a function of `waiting`, or for its signal. */
export const batchGateway = async (options: BatchGatewayOptions = {}) => {
  const { directEdge = true, maxBatchOperations = 10, edge = {}, listener = {}, ...rest } = options;
  const waiting: Waiting[] = [];
  const access: AccessEntry[] = [];
  let count = 0;
  const module = define({
    name: 'shop',
    typeDefs: typeDefs(`
      type Query {
        hello: String  echo(text: String): String  me: String  fail: Int  must: Int!  slow(id: Int): Int
        hidden: Int @authenticated  secret: Int @requiresScopes(scopes: [["shop:secret"]])  long(length: Int!): String  count: Int
        guarded: Int @rateLimit(limit: 3, duration: 60)  wide: Int @rateLimit(limit: 50, duration: 60)
        shared: Int @cacheControl(maxAge: 60)
      }
      type Mutation { add(by: Int! = 1): Int  login(password: String!): String @rateLimit(limit: 5, duration: 60) }`),
    resolvers: {
      Query: {
        hello: () => 'world',
        echo: (_root, { text }) => text,
        me: (_root, _args, { principal }) => (principal.kind === 'user' ? principal.subject : principal.kind),
        fail: () => {
          throw new Error('planted');
        },
        must: () => null,
        slow: (_root, _args, { signal }) =>
          new Promise((resolve, reject) => {
            waiting.push({ release: () => resolve(1), signal });
            signal.addEventListener('abort', () => reject(signal.reason));
          }),
        hidden: () => 1,
        secret: () => 1,
        long: (_root, { length }) => 'x'.repeat(length),
        count: () => count,
        guarded: () => 1,
        wide: () => 1,
        shared: () => 1,
      },
      Mutation: {
        add: (_root, { by }) => {
          count += by;
          return count;
        },
        login: () => 'wrong',
      },
    },
  });
  const gateway = await servedGateway({
    ...rest,
    modules: [module],
    edge: { access: (entry) => void access.push(entry), ...edge, directEdge },
    listener: { maxBatchOperations, ...listener },
  });
  const send = (body: unknown, headers?: Readonly<Record<string, string>>) => sendBody(gateway.origin, body, headers);
  return { ...gateway, access, waiting, send };
};
