import { readFileSync } from 'node:fs';
import { join } from 'node:path';

export const ROOT = join(import.meta.dirname, '../..');

/** A server that is measured. */
export interface Contender {
  readonly name: string;
  /** As it stands in tables. */
  readonly title: string;
  /** Whether it takes operations at POST /graphql, or is a hand-written endpoint with a path for each page. */
  readonly speaks: 'graphql' | 'paths';
  /** Arguments for node, relative to the root. */
  readonly command: readonly string[];
  readonly env: Readonly<Record<string, string>>;
}

/** What `npm start` runs, flags included. */
const startCommand = (): readonly string[] => {
  const manifest: { scripts: { start: string } } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'));
  const [node, ...command] = manifest.scripts.start.split(' ');
  if (node !== 'node') throw new Error(`npm start is no call of node: ${manifest.scripts.start}`);
  return command;
};

/** Ours is what `npm start` starts, with its defaults. The limit of a client is counted, and is above what the load sends. */
export const tributary: Contender = {
  name: 'tributary',
  title: 'Tributary',
  speaks: 'graphql',
  command: startCommand(),
  env: { HOST: '127.0.0.1', ADMIN_PORT: '0', CLIENT_RATE_LIMIT: '999999999/60' },
};

/** The same with the other way of executing: delegation over the stitched schema. */
export const reference: Contender = {
  ...tributary,
  name: 'tributary-reference',
  title: 'Tributary, EXECUTION=reference',
  env: { ...tributary.env, EXECUTION: 'reference' },
};

const peer = (name: string, title: string, speaks: Contender['speaks'] = 'graphql'): Contender => ({
  name,
  title,
  speaks,
  command: [`bench/contenders/${name}.ts`],
  env: {},
});

export const fastify = peer('fastify', 'Fastify + undici + grpc-js, by hand', 'paths');
export const floor = peer('floor', 'node:http + undici + own gRPC client, by hand', 'paths');
export const mercurius = peer('mercurius', 'mercurius with JIT, DataLoader');
export const yoga = peer('yoga', 'graphql-yoga, DataLoader');
export const apolloPlain = peer('apollo-plain', 'Apollo Server, one schema, DataLoader');
export const apolloStitched = peer('apollo-stitched', 'Apollo Server over stitchSchemas');
export const hive = peer('hive', 'Hive Gateway with JIT, modules in its process');

export const ALL: readonly Contender[] = [
  tributary,
  fastify,
  floor,
  mercurius,
  yoga,
  apolloPlain,
  apolloStitched,
  hive,
];
