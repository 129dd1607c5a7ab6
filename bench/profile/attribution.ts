/** The parts of the budget, as the report has them. */
export const PARTS = [
  'edge',
  'Apollo',
  'plan',
  'upstream calls',
  'validation of answers',
  'serialisation',
  'telemetry and limits',
  'garbage collection',
  'Node and system',
] as const;
export type Part = (typeof PARTS)[number];

/** A function of the profile, as V8 names it. */
export interface Frame {
  readonly functionName: string;
  readonly url: string;
}

/** V8's profiler does not show JSON.stringify: its time is in the function that calls it for the whole answer. */
const SERIALISERS = new Set(['stringify', 'prettyJSONStringify', 'stringifyResult']);

/** Owners of code by path; the first match counts. Code without a match counts for its caller. */
const PLACES: readonly (readonly [RegExp, Part])[] = [
  [/\/src\/backend\/(rest\/|bind\/(grpc-client|forwarding|call-headers|message-stream)\.)/, 'upstream calls'],
  [/\/src\/(upstream|protobuf)\//, 'upstream calls'],
  [/\/node_modules\/(undici|@bufbuild|@grpc)\//, 'upstream calls'],
  [/^node:(internal\/)?http2/, 'upstream calls'],
  [/\/node_modules\/(zod|@standard-schema)\//, 'validation of answers'],
  [
    /\/src\/(telemetry|rate-limit|auth|http\/access)\/|\/src\/graph\/apollo\/observe-operations\./,
    'telemetry and limits',
  ],
  [/\/node_modules\/(@opentelemetry|pino|sonic-boom|rate-limiter-flexible)\//, 'telemetry and limits'],
  [/\/src\/http\//, 'edge'],
  [/\/node_modules\/(fastify|@fastify|find-my-way|light-my-request|secure-json-parse)\//, 'edge'],
  [/^node:(internal\/)?_http_|^node:(internal\/)?http/, 'edge'],
  [/\/src\/graph\/(apollo|limits)\//, 'Apollo'],
  [/\/node_modules\/@apollo\//, 'Apollo'],
  [/\/node_modules\/graphql\/(execution|type)\//, 'plan'],
  [/\/node_modules\/graphql\//, 'Apollo'],
  [/\/src\/(execution|graph|backend|cache)\/|\/schema\/\w+\/index\./, 'plan'],
  [/\/node_modules\/(@graphql-tools|@whatwg-node|dataloader|graphql-scalars)\//, 'plan'],
];

/** What a function belongs to by itself; null where it depends on its caller. */
export const partOf = ({ functionName, url }: Frame): Part | null => {
  if (functionName === '(garbage collector)') return 'garbage collection';
  if (SERIALISERS.has(functionName)) return 'serialisation';
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
