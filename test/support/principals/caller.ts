import type { GraphQLSchema } from 'graphql';
import type { Pool } from 'undici';
import { z } from 'zod';
import { marksIn } from './marks.ts';
import { PUBLIC_ROOT } from './modules.ts';
import { randomQuery, rootsOf } from './queries.ts';
import type { Random } from './random.ts';

/** The one error that an answer may have, as some fields are not for everybody. */
const refusalOf = (subject: string | null): string => (subject === null ? 'UNAUTHENTICATED' : 'FORBIDDEN');

const SHARED_DOCUMENTS = 40;
const PUBLIC_DOCUMENTS = 6;

/** Somebody with a token of their own, or nobody that is known. */
export interface Caller {
  readonly subject: string | null;
  readonly authorization: string | null;
}

/** What all callers were answered. */
export interface Tally {
  answers: number;
  own: number;
  shared: number;
  readonly foreign: { readonly asked: string | null; readonly text: string }[];
  /** Answers that are none, and errors that nothing of this should cause. */
  readonly unexpected: string[];
}

const Answer = z.object({
  data: z.record(z.string(), z.unknown()).nullish(),
  errors: z.array(z.object({ message: z.string(), extensions: z.looseObject({ code: z.string() }) })).default([]),
});

/** Documents that many callers send, some of them for what is everybody's only. */
export const sharedDocuments = (schema: GraphQLSchema, random: Random): readonly string[] => [
  ...Array.from({ length: SHARED_DOCUMENTS }, () => randomQuery(schema, random, rootsOf(schema))),
  ...Array.from({ length: PUBLIC_DOCUMENTS }, () => randomQuery(schema, random, [PUBLIC_ROOT])),
];

/** Sends one query, and counts the marks in what comes back. */
const ask = async (pool: Pool, { subject, authorization }: Caller, query: string, tally: Tally): Promise<void> => {
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

/** Asks as one caller: twice at once what others ask too, and then either the same again or what nobody else asks. */
export const askAs = async (caller: Caller, { pool, schema, random, documents, tally }: Session): Promise<void> => {
  const shared = random.choose(documents);
  await Promise.all([ask(pool, caller, shared, tally), ask(pool, caller, shared, tally)]);
  await ask(pool, caller, random.chance(0.5) ? shared : randomQuery(schema, random, rootsOf(schema)), tally);
};
