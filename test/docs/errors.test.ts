import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { PUBLIC_ERRORS } from '../../src/core/errors.ts';

const page = readFileSync(new URL('../../docs/errors.md', import.meta.url), 'utf8');

const documented = Object.fromEntries(
  [...page.matchAll(/^\| `([A-Z_]+)` \| (\d+) \| (yes|no) \|/gm)].map(([, code, status, again]) => [
    code,
    { status: Number(status), retryable: again === 'yes' },
  ]),
);

test('docs/errors.md lists every code exactly once, with its status and whether a retry makes sense', () => {
  const codes = Object.entries(PUBLIC_ERRORS).map(([code, { status, retryable }]) => [code, { status, retryable }]);
  expect(documented).toEqual(Object.fromEntries(codes));
});
