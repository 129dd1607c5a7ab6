import { expect, test } from 'vitest';
import type { ErrorCode } from '../../core/errors.ts';
import type { MappedError } from '../../upstream/error-response/map-error-response.ts';
import { errorFormats } from './error-formats.ts';
import type { Preset } from './error-parts.ts';

const refused = (preset: Preset, body: unknown, code: ErrorCode = 'BAD_USER_INPUT', status: number | string = 400) =>
  preset({ status, headers: {}, body, code }) as MappedError | undefined; // without `failures` there is no failure

const GOOGLE_BODY = {
  error: {
    code: 400,
    status: 'FAILED_PRECONDITION',
    message: 'secret',
    details: [
      { '@type': 'type.googleapis.com/google.rpc.ErrorInfo', reason: 'OUT_OF_STOCK', domain: 'secret', metadata: {} },
      {
        '@type': 'type.googleapis.com/google.rpc.BadRequest',
        fieldViolations: [
          { field: 'items[0].count', description: 'secret' },
          { field: 'two words', description: '' },
        ],
      },
      { '@type': 'type.googleapis.com/google.rpc.DebugInfo', detail: 'secret' },
    ],
  },
};

/** Each preset, a body of its format, and the violations and the problem in it. */
const FORMATS = [
  [
    'problemDetails',
    {
      type: 'https://shop.example/problems/invalid',
      title: 'secret',
      detail: 'secret',
      errors: [{ detail: 'secret', pointer: '#/items/0/a~1b' }],
      'invalid-params': [{ name: 'age', reason: 'secret' }],
    },
    { problem: 'invalid', fields: ['items.0.a/b', 'age'], code: undefined },
  ],
  ['google', GOOGLE_BODY, { problem: 'OUT_OF_STOCK', fields: ['items[0].count'], code: 'CONFLICT' }],
  [
    'stripe',
    { error: { type: 'card_error', code: 'card_declined', message: 'secret', param: 'number' } },
    { problem: 'card_declined', fields: ['number'], code: 'BAD_USER_INPUT' },
  ],
  [
    'jsonApi',
    {
      errors: [
        { code: 'invalid', title: 'secret', detail: 'secret', source: { pointer: '/data/attributes/name' } },
        { detail: 'secret', source: { parameter: 'include' } },
        { detail: 'secret' },
      ],
    },
    { problem: 'invalid', fields: ['name', 'include'], code: undefined },
  ],
  [
    'oData',
    {
      error: {
        code: 'BadArgument',
        message: 'secret',
        target: 'query',
        details: [{ target: '$search', message: 'secret' }],
      },
    },
    { problem: 'BadArgument', fields: ['query', '$search'], code: undefined },
  ],
  [
    'fieldErrors',
    {
      message: 'secret',
      errors: [
        { field: 'email', message: 'secret' },
        { field: 7, message: 'secret' },
      ],
    },
    { problem: undefined, fields: ['email'], code: undefined },
  ],
  [
    'fieldErrors',
    { message: 'secret', errors: { email: ['secret', 'b'], age: 'secret' } },
    { problem: undefined, fields: ['email', 'age'], code: undefined },
  ],
] as const;

test.each(FORMATS)('%s maps a body of its format, without its texts', (name, body, { problem, fields, code }) => {
  const error = refused(errorFormats[name](), body);
  expect(error).toEqual({
    code,
    message: undefined,
    details: {
      ...(problem !== undefined && { problem }),
      violations: fields.map((field) => ({ field, message: 'Invalid value.' })),
    },
  });
  expect(JSON.stringify(error)).not.toContain('secret');
});

test.each(FORMATS)('%s has the texts of the body with { messages: true }', (name, body, { fields }) => {
  const error = refused(errorFormats[name]({ messages: true }), body);
  expect(error?.message).toBe('secret');
  expect(error?.details?.violations).toEqual(fields.map((field) => ({ field, message: 'secret' })));
});

test.each(FORMATS)('%s exposes nothing of a failure of the backend', (name, body, { code }) => {
  const error = refused(errorFormats[name]({ messages: true }), body, 'UPSTREAM_ERROR', 500);
  if (code === undefined) expect(error).toEqual({ code: undefined });
});

test.each(Object.keys(errorFormats) as (keyof typeof errorFormats)[])(
  '%s keeps the usual error for any other body',
  (name) => {
    for (const body of [undefined, null, 'secret', 7, [], [{}]])
      expect(refused(errorFormats[name](), body)).toBeUndefined();
    for (const body of [{}, { error: 'no' }, { errors: 'no' }, { error: null }, { errors: [] }, { errors: [7] }])
      expect(JSON.stringify(refused(errorFormats[name](), body)?.details ?? {})).toBe('{}');
  },
);

test.each(['UNAUTHENTICATED', 'PERMISSION_DENIED'])(
  'google never makes %s of the gateway’s own credentials a request to sign in',
  (status) => {
    expect(refused(errorFormats.google(), { error: { status } }, 'UPSTREAM_ERROR', 403)).toEqual({ code: undefined });
  },
);

test('google maps the details of a gRPC response', () => {
  const body = { message: 'secret', details: GOOGLE_BODY.error.details };
  expect(refused(errorFormats.google(), body, 'CONFLICT', 'FAILED_PRECONDITION')).toEqual({
    code: undefined,
    message: undefined,
    details: { problem: 'OUT_OF_STOCK', violations: [{ field: 'items[0].count', message: 'Invalid value.' }] },
  });
});

test('problemDetails keeps the member violations, which is written for clients', () => {
  const violations = [{ field: 'quantity', message: 'must be positive' }];
  expect(refused(errorFormats.problemDetails(), { violations })?.details).toEqual({ violations });
});

test('a problem in failures has the code of the module, and not if the backend has failed', () => {
  const preset = errorFormats.stripe({ failures: { card_declined: 'CARD_DECLINED' }, messages: true });
  const body = { error: { type: 'card_error', code: 'card_declined', message: 'secret', param: 'number' } };
  expect(refused(preset, body)).toMatchObject({
    name: 'DomainError',
    code: 'CARD_DECLINED',
    details: { violations: [{ field: 'number', message: 'secret' }] },
  });
  expect(refused(preset, { error: { type: 'card_error' } })).toMatchObject({ details: { problem: 'card_error' } });
  const google = errorFormats.google({ failures: { OUT_OF_STOCK: 'SOLD_OUT' } });
  expect(refused(google, { error: { ...GOOGLE_BODY.error, status: 'INTERNAL' } }, 'UPSTREAM_ERROR', 500)).toEqual({
    code: 'UPSTREAM_ERROR',
  });
});

test('fieldErrors keeps the stable codes of violations, as GitHub has them', () => {
  const errors = [
    { resource: 'Label', field: 'name', code: 'already_exists' },
    { resource: 'Label', field: 'color', code: 'not a name' },
  ];
  expect(refused(errorFormats.fieldErrors(), { message: 'Validation Failed', errors })?.details).toEqual({
    problem: 'already_exists',
    violations: [
      { field: 'name', message: 'Invalid value.', code: 'already_exists' },
      { field: 'color', message: 'Invalid value.' },
    ],
  });
});

test('number and length of violations are bounded', () => {
  const errors = Array.from({ length: 100 }, (_, at) => ({ field: `f${at}`, message: 'x'.repeat(1_000) }));
  const violations = refused(errorFormats.fieldErrors({ messages: true }), { errors })?.details?.violations;
  expect(violations).toHaveLength(50);
  expect(JSON.stringify(violations).length).toBeLessThan(30_000);
});
