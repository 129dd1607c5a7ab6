/** The lines of a request's cost, in the order in which a request reaches them. */
export const PARTS = [
  'HTTP server of Node and Fastify',
  'edge: headers, body, answer',
  'tokens and limits',
  'Apollo Server, documents',
  'plan: fields, results',
  'joins and loaders',
  'layers of the stack',
  'REST: paths, headers, bodies',
  'undici',
  'JSON.parse',
  'validation by zod',
  'gRPC client',
  'node:http2',
  'protobuf codec',
  'JSON text of the answer',
  'telemetry and log',
  'garbage collection',
  'Node and system',
] as const;
export type Part = (typeof PARTS)[number];

/** A function of the profile, as V8 names it. */
export interface Frame {
  readonly functionName: string;
  readonly url: string;
}

/** V8's profiler shows neither JSON.parse nor JSON.stringify: their time is in the functions that call them. */
const CALLERS_OF_JSON: readonly (readonly [RegExp, ReadonlySet<string>, Part])[] = [
  [/\/src\/core\/exact-json\./, new Set(['parseKeepingDigits', 'parseExactly']), 'JSON.parse'],
  [/\/undici\/lib\/api\/readable\.js$/, new Set(['consumeEnd']), 'JSON.parse'],
  [/\/src\/http\/graphql\/response-text\./, new Set(['responseText']), 'JSON text of the answer'],
  [/\/@apollo\/server\//, new Set(['stringify', 'prettyJSONStringify']), 'JSON text of the answer'],
  [/\/fastify\/lib\/reply\.js$/, new Set(['serialize']), 'JSON text of the answer'],
];

/** Owners of code by path; the first match counts. Code without a match counts for its caller. */
const PLACES: readonly (readonly [RegExp, Part])[] = [
  [/\/src\/core\/exact-json\./, 'JSON.parse'],
  [/\/src\/backend\/(bind\/(grpc-client|message-stream)\.|grpc\/)|\/src\/upstream\/grpc\//, 'gRPC client'],
  [/\/node_modules\/@grpc\/grpc-js\//, 'gRPC client'],
  [/^node:(internal\/)?http2/, 'node:http2'],
  [/\/src\/protobuf\/|\/node_modules\/(@bufbuild|protobufjs|@protobufjs|@grpc\/proto-loader)\//, 'protobuf codec'],
  [/\/src\/backend\/rest\/|\/src\/upstream\/rest\/|\/contenders\/shared\/calls\./, 'REST: paths, headers, bodies'],
  [/\/src\/backend\/bind\/(forwarding|call-headers|own-headers)\./, 'REST: paths, headers, bodies'],
  [/\/node_modules\/undici\//, 'undici'],
  [/\/src\/upstream\//, 'layers of the stack'],
  [/\/node_modules\/(zod|@standard-schema)\//, 'validation by zod'],
  [/\/src\/(auth|rate-limit)\/|\/src\/http\/client\//, 'tokens and limits'],
  [/\/node_modules\/(jose|rate-limiter-flexible|@fastify\/rate-limit)\//, 'tokens and limits'],
  [/\/src\/(telemetry\/|http\/exchange\/access-log\.)|\/src\/graph\/apollo\/observe-operations\./, 'telemetry and log'],
  [/\/node_modules\/(@opentelemetry|pino|sonic-boom)\//, 'telemetry and log'],
  [/\/src\/(http|request)\//, 'edge: headers, body, answer'],
  [
    /\/node_modules\/(fastify|@fastify|find-my-way|light-my-request|secure-json-parse)\//,
    'HTTP server of Node and Fastify',
  ],
  [/^node:(internal\/)?_http_|^node:(internal\/)?http/, 'HTTP server of Node and Fastify'],
  [/\/src\/graph\/(apollo|limits)\/|\/node_modules\/@apollo\//, 'Apollo Server, documents'],
  [/\/node_modules\/graphql\/(execution|type)\//, 'plan: fields, results'],
  [/\/node_modules\/graphql\//, 'Apollo Server, documents'],
  [/\/src\/execution\/run\/(entity-join|join-inputs)|\/src\/(backend|cache)\//, 'joins and loaders'],
  [/\/(schema|examples)\/\w+\/index\.|\/node_modules\/dataloader\/|\/contenders\/shared\//, 'joins and loaders'],
  [
    /\/src\/(execution|graph)\/|\/node_modules\/(@graphql-tools|@whatwg-node|graphql-scalars)\//,
    'plan: fields, results',
  ],
];

/** The part that a function belongs to; null if it depends on its caller. */
export const partOf = ({ functionName, url }: Frame): Part | null => {
  if (functionName === '(garbage collector)') return 'garbage collection';
  const json = CALLERS_OF_JSON.find(([file, functions]) => file.test(url) && functions.has(functionName));
  if (json !== undefined) return json[2];
  return PLACES.find(([place]) => place.test(url))?.[1] ?? null;
};

export interface CpuProfile {
  readonly nodes: readonly { readonly id: number; readonly callFrame: Frame; readonly children?: readonly number[] }[];
  /** Microseconds, on a clock of its own. */
  readonly startTime: number;
  readonly endTime: number;
  /** The node at each sample, and the time since the one before. */
  readonly samples: readonly number[];
  readonly timeDeltas: readonly number[];
}

/** The name of every node: its own, or that of the nearest caller that has one; null for idle time. */
const namesByNode = <Name>(
  { nodes }: CpuProfile,
  nameOf: (frame: Frame) => Name | null,
  root: Name,
): ReadonlyMap<number, Name | null> => {
  const byId = new Map(nodes.map((node) => [node.id, node]));
  const names = new Map<number, Name | null>();
  const open = nodes.slice(0, 1).map(({ id }) => ({ id, inherited: root }));
  for (const { id, inherited } of open) {
    const node = byId.get(id);
    if (node === undefined) continue;
    const isIdle = node.callFrame.functionName === '(idle)';
    const name = nameOf(node.callFrame) ?? inherited;
    names.set(id, isIdle ? null : name);
    for (const child of node.children ?? []) open.push({ id: child, inherited: name });
  }
  return names;
};

/** Microseconds before the profile's end. */
interface Moments {
  readonly from: number;
  readonly to: number;
}

/**
 * Returns the shares of the time between two moments that was not idle. A function without a name counts for its caller,
 * up to `root`.
 */
export const shares = <Name>(
  profile: CpuProfile,
  { from, to }: Moments,
  nameOf: (frame: Frame) => Name | null,
  root: Name,
): ReadonlyMap<Name, number> => {
  const names = namesByNode(profile, nameOf, root);
  const spent = new Map<Name, number>();
  let at = profile.startTime;
  let busy = 0;
  for (const [index, id] of profile.samples.entries()) {
    const delta = profile.timeDeltas[index] ?? 0;
    at += delta;
    const left = profile.endTime - at;
    const name = names.get(id) ?? null;
    if (name === null || left > from || left < to) continue;
    spent.set(name, (spent.get(name) ?? 0) + delta);
    busy += delta;
  }
  return new Map([...spent].map(([name, time]) => [name, time / busy]));
};
