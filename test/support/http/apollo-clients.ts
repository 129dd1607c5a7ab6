/** HTTP method of an operation. */
export type Method = 'GET' | 'POST';

/** Parts of a response that a client checks for an unknown hash. */
export interface Answered {
  readonly status: number;
  readonly type: string;
  readonly message: string;
}

/** Behaviour of a client with automatic persisted queries, according to its sources. */
export interface Client {
  readonly asks: Method;
  /** Method for sending the document after an unknown hash. */
  readonly registers: Method;
  headers(method: Method): Readonly<Record<string, string>>;
  /** Parameters in the client's order; `query` is null if only the hash is sent. */
  params(method: Method, operation: Operation, query: string | null): Readonly<Record<string, string | object>>;
  /** Percent-encoding of one value of the URL. */
  readonly encode: (text: string) => string;
  /** True if the client sends the document after this response; otherwise it reports a failure. */
  recovers(answered: Answered): boolean;
}

/** One operation: its name, its variables, and the SHA-256 of its document. */
export interface Operation {
  readonly name: string;
  readonly variables: Readonly<Record<string, string>>;
  readonly hash: string;
}

const isEmpty = (fields: object): boolean => Object.keys(fields).length === 0;

const succeeded = ({ status }: Answered): boolean => status >= 200 && status <= 299;

const percent = (text: string, unreserved: RegExp): string =>
  [...Buffer.from(text)]
    .map((byte) => {
      const character = String.fromCharCode(byte);
      return unreserved.test(character) ? character : `%${byte.toString(16).toUpperCase().padStart(2, '0')}`;
    })
    .join('');

// @apollo/client 4.2.12 (54084bc), the same in 4.3.0-rc.0: src/link/persisted-queries/index.ts, src/link/http/{HttpLink,
// BaseHttpLink,rewriteURIForGET,selectHttpOptionsAndBody,parseAndCheckHttpResponse}.ts,
// src/link/client-awareness/ClientAwarenessLink.ts.
const web: Client = {
  asks: 'GET',
  registers: 'POST',
  // The content type is sent even without a body, so that browsers send a preflight.
  headers: () => ({
    accept: 'application/graphql-response+json,application/json;q=0.9',
    'content-type': 'application/json',
    'apollographql-client-name': 'web',
    'apollographql-client-version': '1.0',
  }),
  params: (method, { name, variables, hash }, query) => {
    const extensions = {
      clientLibrary: { name: '@apollo/client', version: '4.2.12' },
      persistedQuery: { version: 1, sha256Hash: hash },
    };
    const document = query === null ? {} : { query };
    return method === 'GET'
      ? { ...document, operationName: name, variables, extensions }
      : { operationName: name, variables, extensions, ...document };
  },
  encode: encodeURIComponent,
  // The client also checks the code, and reads the body with any status.
  recovers: ({ message }) => message === 'PersistedQueryNotFound',
};

// apollo-ios 2.4.0: Sources/Apollo/{JSONRequest,RequestBodyCreator,URLQueryParameterTransformer,ClientAwarenessMetadata,
// JSONSerializationFormat}.swift, RequestChain/Interceptors/{AutomaticPersistedQueryInterceptor,ResponseCodeInterceptor}.swift.
const ios: Client = {
  asks: 'GET',
  registers: 'POST',
  headers: (method) => ({
    accept: 'multipart/mixed;deferSpec=20220824,application/graphql-response+json,application/json',
    'apollographql-client-name': 'test.shop-apollo-ios',
    'apollographql-client-version': '7.1+42',
    ...(method === 'GET' ? { 'Apollo-Require-Preflight': 'true' } : { 'Content-Type': 'application/json' }),
  }),
  // All keys are sorted, on every level.
  params: (_method, { name, variables, hash }, query) => ({
    extensions: {
      clientLibrary: { name: 'apollo-ios', version: '2.4.0' },
      persistedQuery: { sha256Hash: hash, version: 1 },
    },
    operationName: name,
    ...(query === null ? {} : { query }),
    ...(isEmpty(variables) ? {} : { variables }),
  }),
  // URLComponents keeps all characters allowed in a query; the transformer then encodes "+" and ";".
  encode: (text) => percent(text, /[\w\-.~!$'()*,/:?@]/),
  // A status other than 2xx fails before the body is read.
  recovers: (answered) => succeeded(answered) && answered.message === 'PersistedQueryNotFound',
};

// apollo-kotlin 5.1.0: libraries/apollo-api/…/api/http/DefaultHttpRequestComposer.kt,
// api/RequestParameters.kt, api/http/internal/UrlEncode.kt; libraries/apollo-runtime/…/interceptor/
// AutoPersistedQueryInterceptor.kt, network/http/HttpNetworkTransport.kt, internal/incremental/IncrementalDeliveryProtocolImpl.kt.
const kotlin: Client = {
  asks: 'GET',
  registers: 'POST',
  headers: (method) => ({
    ...(method === 'GET' ? { 'Apollo-Require-Preflight': 'true' } : { 'Content-Type': 'application/json' }),
    accept: 'multipart/mixed;deferSpec=20220824, application/graphql-response+json, application/json',
  }),
  params: (_method, { name, variables, hash }, query) => ({
    ...(query === null ? {} : { query }),
    operationName: name,
    ...(isEmpty(variables) ? {} : { variables }),
    extensions: {
      persistedQuery: { version: 1, sha256Hash: hash },
      clientLibrary: { name: 'apollo-kotlin', version: '5.1.0' },
    },
  }),
  encode: (text) => percent(text, /[\w\-.~]/),
  // Another status is a failure, unless the media type is that of a GraphQL response.
  recovers: (answered) =>
    (succeeded(answered) || answered.type.startsWith('application/graphql-response+json')) &&
    answered.message.toLowerCase() === 'persistedquerynotfound',
};

/** The clients with their configurations. */
export const CLIENTS: readonly (readonly [name: string, client: Client])[] = [
  ['Apollo Client for the web, createPersistedQueryLink({ useGETForHashedQueries: true })', web],
  ['Apollo iOS, useGETForQueries', ios],
  ['Apollo iOS, useGETForQueries and useGETForPersistedQueryRetry', { ...ios, registers: 'GET' }],
  ['Apollo iOS, useGETForPersistedQueryRetry alone', { ...ios, asks: 'POST', registers: 'GET' }],
  ['Apollo Kotlin, autoPersistedQueries()', kotlin],
  ['Apollo Kotlin, documents by GET, too', { ...kotlin, registers: 'GET' }],
];
