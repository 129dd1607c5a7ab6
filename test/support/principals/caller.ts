import type { GraphQLSchema } from 'graphql';
import type { Pool } from 'undici';
import { z } from 'zod';
import { marksIn } from './marks.ts';
import { PUBLIC_ROOT } from './modules.ts';
import { randomQuery, rootsOf } from './queries.ts';
import type { Random } from './random.ts';

/** The only error that an answer may have, for restricted fields. */
const refusalOf = (subject: string | null): string => (subject === null ? 'UNAUTHENTICATED' : 'FORBIDDEN');

const SHARED_DOCUMENTS = 40;
const PUBLIC_DOCUMENTS = 6;

/** A caller with a token of its own, or an anonymous one. */
export interface Caller {
  readonly subject: string | null;
  readonly authorization: string | null;
}

/** Answers of all callers. */
export interface Tally {
  answers: number;
  own: number;
  shared: number;
  readonly foreign: { readonly asked: string | null; readonly text: string }[];
  /** Missing answers, and unexpected errors. */
  readonly unexpected: string[];
}

const Answer = z.object({
  data: z.record(z.string(), z.unknown()).nullish(),
  errors: z.array(z.object({ message: z.string(), extensions: z.looseObject({ code: z.string() }) })).default([]),
});

/** Documents that many callers send, some of them for public data only. */
export const sharedDocuments = (schema: GraphQLSchema, random: Random): readonly string[] => [
  ...Array.from({ length: SHARED_DOCUMENTS }, () => randomQuery(schema, random, rootsOf(schema))),
  ...Array.from({ length: PUBLIC_DOCUMENTS }, () => randomQuery(schema, random, [PUBLIC_ROOT])),
];

/** Sends one query, and counts the marks in its answer. */
const runQuery = async (pool: Pool, { subject, authorization }: Caller, query: string, tally: Tally): Promise<void> => {
  const { statusCode, body } = await pool.request({
    method: 'POST',
    path: '/graphql',
    headers: { 'content-type': 'application/json', ...(authorization !== null && { authorization }) },
    body: JSON.stringify({ query }),
  });
  const { data, errors } = Answer.parse(await body.json());
  tally.answers += 1;
  const unexpected = errors.filter(({ extensions }) => extensions.code !== refusalOf(subject));
  tally.unexpected.push(...unexpected.map(({ message, extensions }) => `${statusCode} ${extensions.code} ${message}`));
  const { own, shared, foreign } = marksIn({ data, errors }, subject);
  tally.own += own;
  tally.shared += shared;
  tally.foreign.push(...foreign.map((text) => ({ asked: subject, text })));
};

export interface Session {
  readonly pool: Pool;
  readonly schema: GraphQLSchema;
  readonly random: Random;
  readonly documents: readonly string[];
  readonly tally: Tally;
}

/** Queries as one caller: twice concurrently a shared document, then either the same again or a random one. */
export const askAs = async (caller: Caller, { pool, schema, random, documents, tally }: Session): Promise<void> => {
  const shared = random.choose(documents);
  await Promise.all([runQuery(pool, caller, shared, tally), runQuery(pool, caller, shared, tally)]);
  await runQuery(pool, caller, random.chance(0.5) ? shared : randomQuery(schema, random, rootsOf(schema)), tally);
};
