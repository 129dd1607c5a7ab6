import { z } from 'zod';
import { linearPattern } from '../../core/linear-pattern.ts';
import { readCidr } from '../ip-address.ts';

/** What becomes of a request. `measure` counts and logs it as if it were denied; `tag` gives it a label in the log. */
export const RULE_ACTIONS = ['allow', 'deny', 'measure', 'tag'] as const;
export type RuleAction = (typeof RULE_ACTIONS)[number];

/** The most rules of a file: every request is compared with all of them. */
const MAX_RULES = 100;

const text = z.string().min(1).max(500);
const texts = z.array(text).min(1).max(1_000);

const pattern = text.transform((written, context) => {
  try {
    return linearPattern(written);
  } catch (error) {
    context.addIssue(`must be a pattern of RE2: ${error instanceof Error ? error.message : 'invalid'}`);
    return z.NEVER;
  }
});

const header = z.union(
  [z.strictObject({ present: z.boolean() }), z.strictObject({ equals: texts }), z.strictObject({ matches: pattern })],
  'must be {"present": true}, {"equals": ["..."]} or {"matches": "<pattern of RE2>"}',
);

/** Names of operations. An operation without a name has none of them, and is not present. */
const operationName = z.union([texts.transform((names) => ({ equals: names })), header]);

const documentHash = z
  .string()
  .regex(/^[0-9a-f]{64}$/, 'must be the SHA-256 of a document, in 64 lower-case hex digits');

const headerName = z
  .string()
  .regex(/^[\w!#$%&'*+.^`|~-]{1,100}$/, 'must be the name of a header')
  .transform((name) => name.toLowerCase());

const when = z.strictObject({
  path: z.array(text.startsWith('/', 'must be the path of a route, such as /files')).min(1).max(1_000).optional(),
  method: z
    .array(z.string().regex(/^[A-Z]{1,20}$/, 'must be a method in upper case, such as POST'))
    .min(1)
    .optional(),
  header: z.record(headerName, header).optional(),
  client: texts.optional(),
  address: z
    .array(text.refine((entry) => readCidr(entry) !== null, 'must be an address or a CIDR such as 10.0.0.0/8'))
    .min(1)
    .max(1_000)
    .optional(),
  operation: operationName.optional(),
  kind: z
    .array(z.enum(['query', 'mutation', 'subscription']))
    .min(1)
    .optional(),
  document: z.array(documentHash).min(1).max(1_000).optional(),
});

const rule = z.strictObject({
  name: z.string().regex(/^[a-z][\w-]{0,63}$/i, 'must be a name of letters, digits, _ and -'),
  when: when.default({}),
  action: z.enum(RULE_ACTIONS),
});

const file = z.strictObject({ rules: z.array(rule).max(MAX_RULES) });

/** A rule of `REQUEST_RULES`. A request must meet all conditions; one value of a list is enough. */
export type RequestRule = z.infer<typeof rule>;

/** A condition about the values of one header, or about the name of an operation. */
export type TextCondition = z.infer<typeof header>;

/** The rules of a file, or its problems. */
export type ReadRequestRules =
  | { readonly rules: readonly RequestRule[]; readonly problems: readonly [] }
  | { readonly rules: null; readonly problems: readonly string[] };

/** Reads rules: JSON, as docs/limits.md describes. All problems are returned, each with its place. */
export const readRequestRules = (json: string): ReadRequestRules => {
  let parsed: unknown;
  try {
    parsed = JSON.parse(json);
  } catch {
    return { rules: null, problems: ['is not JSON'] };
  }
  const read = file.safeParse(parsed);
  if (!read.success)
    return { rules: null, problems: read.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`) };
  const { rules } = read.data;
  const names = rules.map(({ name }) => name);
  const twice = new Set(names.filter((name, at) => names.indexOf(name) !== at));
  if (twice.size > 0) return { rules: null, problems: [...twice].map((name) => `several rules have the name ${name}`) };
  return { rules, problems: [] };
};
