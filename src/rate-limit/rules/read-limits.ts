import { z } from 'zod';
import { readCidr } from '../../config/ip-address.ts';
import { STORE_FAILURES } from '../counters/counters.ts';
import type { Rate } from '../counters/rate.ts';
import { PRIORITIES } from '../overload/priority.ts';
import { KEY_FORM, readKeyPart } from './key-text.ts';
import { RATE_FORM, readRate, timeText } from './rate-text.ts';
import { readsOperation } from './reads-operation.ts';
import {
  CALLER_KINDS,
  DEFAULT_OVERLOAD,
  type LimitFile,
  type LimitRule,
  namedRate,
  OPERATION_KINDS,
  type OverloadLimits,
  UNITS,
} from './rule.ts';
import { OPERATION_PARTS } from './rule-set.ts';

/** The most rules of a file, and the most rates of a rule: every request is compared with all of them. */
const MAX_RULES = 100;
const MAX_RATES = 5;

const text = z.string().min(1).max(500);
const texts = z.array(text).min(1).max(1_000);
const name = z.string().regex(/^[a-z][\w-]{0,63}$/i, 'must be a name of letters, digits, _ and -');
const cidr = text.refine((entry) => readCidr(entry) !== null, 'must be an address or a CIDR such as 10.0.0.0/8');
const coordinate = z.string().regex(/^\w+\.\w+$/, 'must be the coordinate of a field, such as Query.search');

const condition = z.strictObject({
  caller: z.array(z.enum(CALLER_KINDS)).min(1).optional(),
  subject: texts.optional(),
  owner: texts.optional(),
  plan: texts.optional(),
  role: texts.optional(),
  scope: texts.optional(),
  claim: z.record(text, z.array(z.union([z.string(), z.number(), z.boolean()])).min(1)).optional(),
  address: z.array(cidr).min(1).max(1_000).optional(),
  client: texts.optional(),
  route: texts.optional(),
  operation: texts.optional(),
  kind: z.array(z.enum(OPERATION_KINDS)).min(1).optional(),
  field: z.array(coordinate).min(1).max(1_000).optional(),
});

const rate = z.string().transform((written, context): Rate => {
  const read = readRate(written);
  if (read !== null) return read;
  context.addIssue(RATE_FORM);
  return z.NEVER;
});

const keyPart = z.string().transform((written, context) => {
  const read = readKeyPart(written);
  if (read !== null) return read;
  context.addIssue(KEY_FORM);
  return z.NEVER;
});

const rule = z.strictObject({
  name,
  when: condition.default({}),
  unless: condition.nullable().default(null),
  key: z
    .array(keyPart)
    .max(5)
    .default([{ by: 'caller' }]),
  count: z.enum(UNITS).default('requests'),
  rates: z.array(rate).max(MAX_RATES).default([]),
  concurrent: z.number().int().min(1).max(1_000_000).nullable().default(null),
  onStoreFailure: z.enum(STORE_FAILURES).default('local'),
  mode: z.enum(['enforce', 'measure']).default('enforce'),
  message: z.string().min(1).max(300).nullable().default(null),
  headers: z.boolean().default(true),
});

const priority = z.strictObject({ priority: z.enum(PRIORITIES), when: condition });

const bounds = (number: z.ZodNumber, fallback: OverloadLimits['delayMs']) => {
  const bound = number.nullable();
  return z
    .strictObject({
      critical: bound.default(fallback.critical),
      default: bound.default(fallback.default),
      sheddable: bound.default(fallback.sheddable),
    })
    .default(fallback);
};

const whole = z.number().int().min(1).max(1_000_000);
/** Below 1: an event loop that is always busy has no share of requests left to refuse. */
const utilization = z.number().min(0.01).max(0.99);

const overload = z
  .strictObject({
    delayMs: bounds(whole, DEFAULT_OVERLOAD.delayMs),
    utilization: bounds(utilization, DEFAULT_OVERLOAD.utilization),
    inFlight: bounds(whole, DEFAULT_OVERLOAD.inFlight),
  })
  .transform((own): OverloadLimits => ({ ...own, isSet: true }))
  .default(DEFAULT_OVERLOAD);

const file = z.strictObject({
  plan: z.strictObject({ claim: text.nullable().default(null), default: text.nullable().default(null) }).default({
    claim: null,
    default: null,
  }),
  headers: z
    .strictObject({ standard: z.boolean().default(true), legacy: z.boolean().default(false) })
    .default({ standard: true, legacy: false }),
  rules: z.array(rule).max(MAX_RULES).default([]),
  priorities: z.array(priority).max(MAX_RULES).default([]),
  priorityHeader: z
    .string()
    .regex(/^x-[a-z\d-]{1,60}$/, 'must be the name of a header such as x-request-priority, in lower case')
    .nullable()
    .default(null),
  overload,
});

type Written = z.infer<typeof rule>;

/** Reports a rule that would count nothing, or the wrong thing. */
const problemsOf = ({ name: own, rates, concurrent, count, when, key }: Written): readonly string[] => [
  ...(rates.length === 0 && concurrent === null ? [`rule ${own} has neither rates nor concurrent`] : []),
  ...(count === 'fields' && when.field === undefined && !key.some(({ by }) => by === 'argument')
    ? [`rule ${own} counts fields, but "when" names none`]
    : []),
  ...(key.some(({ by }) => by === 'field') && when.field === undefined
    ? [`rule ${own} has a counter for each field, but "when" names none`]
    : []),
  ...(count !== 'requests' && concurrent !== null
    ? [`rule ${own}: concurrent bounds requests; use a rule of its own`]
    : []),
  ...(count === 'refusals' && (readsOperation(when) || key.some(({ by }) => OPERATION_PARTS.has(by)))
    ? [`rule ${own} counts refusals, which have no operation: remove the parts about operations`]
    : []),
];

/** Several rates of one rule are told apart by their time. */
const namedRates = ({ name: own, rates }: Written): LimitRule['rates'] =>
  rates.map((one) => namedRate(rates.length === 1 ? own : `${own}-${timeText(one.seconds)}`, one));

const duplicatesIn = (values: readonly string[]): readonly string[] => [
  ...new Set(values.filter((value, index) => values.indexOf(value) !== index)),
];

const pathText = (path: readonly PropertyKey[]): string =>
  path
    .reduce<string>((sum, part) => (typeof part === 'number' ? `${sum}[${part}]` : `${sum}.${String(part)}`), '')
    .replace(/^\./, '');

/** Limits of a file, or its problems. */
export type ReadLimits =
  | { readonly limits: LimitFile; readonly problems: readonly [] }
  | { readonly limits: null; readonly problems: readonly string[] };

/** Reads the limits of a file: JSON, as docs/limits.md describes. All problems are returned, each with its place. */
export const readLimits = (json: string): ReadLimits => {
  let parsed: unknown;
  try {
    parsed = JSON.parse(json);
  } catch (error) {
    return { limits: null, problems: [`is not JSON: ${error instanceof Error ? error.message : ''}`] };
  }
  const read = file.safeParse(parsed);
  if (!read.success)
    return {
      limits: null,
      problems: read.error.issues.map(({ path, message }) =>
        path.length === 0 ? message : `${pathText(path)}: ${message}`,
      ),
    };
  const { rules, ...rest } = read.data;
  const problems = [
    ...rules.flatMap(problemsOf),
    ...duplicatesIn(rules.map((one) => one.name)).map((one) => `several rules have the name ${one}`),
    ...rules.flatMap((one) =>
      duplicatesIn(namedRates(one).map(({ policy }) => policy)).map(
        (policy) => `rule ${one.name} has two rates of the same time (${policy})`,
      ),
    ),
  ];
  if (problems.length > 0) return { limits: null, problems };
  return { limits: { ...rest, rules: rules.map((one) => ({ ...one, rates: namedRates(one) })) }, problems: [] };
};
