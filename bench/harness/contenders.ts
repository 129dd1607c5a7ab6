import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Client } from '../load/clients.ts';

export const ROOT = join(import.meta.dirname, '../..');

/** A server that is measured. */
export interface Contender {
  readonly name: string;
  /** Name in tables. */
  readonly title: string;
  /** True for POST /graphql; false for a hand-written endpoint with a path for each page. */
  readonly speaks: 'graphql' | 'paths';
  /** Folder in which it is started. */
  readonly root: string;
  /** Arguments for node, relative to `root`. */
  readonly command: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  /** Clients that send its requests. Default: bare ones. */
  readonly client?: Client;
}

/** The command of `npm start` in a checkout, flags included. */
const startCommand = (root: string): readonly string[] => {
  const manifest: { scripts: { start: string } } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  const [node, ...command] = manifest.scripts.start.split(' ');
  if (node !== 'node') throw new Error(`npm start is no call of node: ${manifest.scripts.start}`);
  return command;
};

/**
 * The gateway of a checkout of this repository, as its own `npm start` starts it, with its defaults. Requests of a client
 * are counted; the limit is above the number that the load sends.
 */
export const gatewayIn = (root: string, name: string, title: string): Contender => ({
  name,
  title,
  speaks: 'graphql',
  root,
  command: startCommand(root),
  env: { HOST: '127.0.0.1', ADMIN_PORT: '0', CLIENT_RATE_LIMIT: '999999999/60' },
});

export const tributary = gatewayIn(ROOT, 'tributary', 'Tributary');

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
  root: ROOT,
  command: [`bench/contenders/${name}.ts`],
  env: {},
});

export const fastify = peer('fastify', 'Fastify + undici + grpc-js, by hand', 'paths');
export const fastifyFull = peer('fastify-full', 'Fastify, by hand, with log, limits and zod', 'paths');
export const floor = peer('floor', 'node:http + undici + own gRPC client, by hand', 'paths');
export const mercurius = peer('mercurius', 'mercurius with JIT, DataLoader');
export const yoga = peer('yoga', 'graphql-yoga, DataLoader');
export const apolloPlain = peer('apollo-plain', 'Apollo Server, one schema, DataLoader');
export const apolloStitched = peer('apollo-stitched', 'Apollo Server over stitchSchemas');
export const hive = peer('hive', 'Hive Gateway with JIT, modules in its process');

export const ALL: readonly Contender[] = [
  tributary,
  fastify,
  fastifyFull,
  floor,
  mercurius,
  yoga,
  apolloPlain,
  apolloStitched,
  hive,
];
