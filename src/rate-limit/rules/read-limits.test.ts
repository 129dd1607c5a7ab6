import { expect, test } from 'vitest';
import { rateText, readRate } from './rate-text.ts';
import { readLimits } from './read-limits.ts';
import { DEFAULT_OVERLOAD } from './rule.ts';

const rule = { name: 'free', rates: ['100/1m'] };

const problemsOf = (file: unknown): readonly string[] => readLimits(JSON.stringify(file)).problems;

test('a file of limits is read with its defaults', () => {
  expect(readLimits(JSON.stringify({ rules: [rule] })).limits).toEqual({
    plan: { claim: null, default: null },
    headers: { standard: true, legacy: false },
    priorities: [],
    priorityHeader: null,
    overload: DEFAULT_OVERLOAD,
    rules: [
      {
        name: 'free',
        when: {},
        unless: null,
        key: [{ by: 'caller' }],
        count: 'requests',
        rates: [
          {
            policy: 'free',
            rate: { algorithm: 'sliding-window', limit: 100, seconds: 60, burst: 100 },
            item: '"free";q=100;w=60',
          },
        ],
        concurrent: null,
        onStoreFailure: 'local',
        mode: 'enforce',
        message: null,
        headers: true,
      },
    ],
  });
});

test('several rates of a rule have their time in the names of their policies', () => {
  const { limits } = readLimits(JSON.stringify({ rules: [{ name: 'free', rates: ['100/1m', '1000/1h'] }] }));
  expect(limits?.rules[0]?.rates.map(({ policy }) => policy)).toEqual(['free-1m', 'free-1h']);
});

test.each([
  ['100/60', 'sliding-window', 100, 60, 100],
  ['100/1m', 'sliding-window', 100, 60, 100],
  ['5000/1d', 'sliding-window', 5_000, 86_400, 5_000],
  ['10/1s;burst=50', 'token-bucket', 10, 1, 50],
  ['10/1s;algorithm=token-bucket', 'token-bucket', 10, 1, 10],
  ['10/2h;algorithm=fixed-window', 'fixed-window', 10, 7_200, 10],
] as const)('the rate %s is a %s', (text, algorithm, limit, seconds, burst) => {
  expect(readRate(text)).toEqual({ algorithm, limit, seconds, burst });
});

test.each([
  '',
  '100',
  '0/1m',
  '-1/1m',
  '1e3/1m',
  '100/0s',
  '100/1w',
  '100/32d',
  '100/1m;burst=0',
  '100/1m;burst=x',
  '100/1m;burst=5;burst=6',
  '100/1m;algorithm=leaky',
  '100/1m;burst=5;algorithm=fixed-window',
  '100/1m;window=5',
])('%j is no rate', (text) => {
  expect(readRate(text)).toBeNull();
});

test('a rate is printed in words', () => {
  expect(
    ['100/60', '10/7200;burst=20', '5/1d;algorithm=fixed-window'].map((text) => rateText(readRate(text) as never)),
  ).toEqual(['100 in 1m (sliding window)', '10 in 2h (token bucket, burst 20)', '5 in 1d (fixed window)']);
});

test.each([
  ['no JSON', '{', /^is not JSON: /],
  ['no list of rules', { rules: 5 }, /^rules: /],
  ['a priority that is none', { priorities: [{ priority: 'high', when: {} }] }, /^priorities\[0\]\.priority: /],
  ['a header that is none', { priorityHeader: 'Authorization' }, /^priorityHeader: must be the name of a header/],
  ['a utilization of 1', { overload: { utilization: { sheddable: 1 } } }, /^overload\.utilization\.sheddable: /],
  ['a bound of 0', { overload: { delayMs: { sheddable: 0 } } }, /^overload\.delayMs\.sheddable: /],
  ['an unknown part', { rules: [{ ...rule, limit: 5 }] }, /^rules\[0\]: .*limit/],
  ['a rule without a name', { rules: [{ rates: ['1/1m'] }] }, /^rules\[0\]\.name: /],
  ['a rate that is none', { rules: [{ ...rule, rates: ['100'] }] }, /^rules\[0\]\.rates\[0\]: must be <limit>\/<time>/],
  ['a key that is none', { rules: [{ ...rule, key: ['user'] }] }, /^rules\[0\]\.key\[0\]: must be one of caller/],
  ['an address that is none', { rules: [{ ...rule, when: { address: ['x'] } }] }, /^rules\[0\]\.when\.address\[0\]: /],
  ['a field that is none', { rules: [{ ...rule, when: { field: ['search'] } }] }, /coordinate of a field/],
  ['two rules of one name', { rules: [rule, rule] }, /^several rules have the name free$/],
  [
    'two rates of one time',
    { rules: [{ ...rule, rates: ['1/60', '2/1m'] }] },
    /^rule free has two rates of the same time/,
  ],
  ['a rule that limits nothing', { rules: [{ name: 'free' }] }, /^rule free has neither rates nor concurrent$/],
  [
    'fields without a field',
    { rules: [{ ...rule, count: 'fields' }] },
    /^rule free counts fields, but "when" names none$/,
  ],
  ['a counter by field without a field', { rules: [{ ...rule, key: ['field'] }] }, /a counter for each field/],
  ['refusals by operation', { rules: [{ ...rule, count: 'refusals', key: ['operation'] }] }, /counts refusals/],
  ['too many rules', { rules: Array.from({ length: 101 }, (_, n) => ({ ...rule, name: `r${n}` })) }, /^rules: /],
])('%s is a problem with its place', (_, file, problem) => {
  const problems = typeof file === 'string' ? readLimits(file).problems : problemsOf(file);
  expect(problems.join('\n')).toMatch(problem);
});

test('all problems of a file are reported at once', () => {
  expect(problemsOf({ rules: [{ ...rule, rates: ['x'] }, { ...rule, key: ['y'] }, { name: '' }] })).toHaveLength(3);
});
