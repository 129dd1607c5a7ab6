import { expect, test } from 'vitest';
import { restCall } from '../../../test/support/upstream/calls.ts';
import { manualDependencies } from '../../../test/support/upstream/scripted-send.ts';
import { type ErrorCode, UpstreamError } from '../../core/errors.ts';
import { STATUS_CODES, statusError } from '../grpc/status.ts';
import { reportsDenied } from './denied.ts';

const failed = (status: number, code: ErrorCode = 'UPSTREAM_ERROR') =>
  new UpstreamError(code, restCall(), `answered ${status}`, { status });

test('rejected credentials of the gateway are reported once a minute for each status', () => {
  const dependencies = manualDependencies();
  const report = reportsDenied(dependencies);
  const codes = { ...STATUS_CODES, UNAUTHENTICATED: 'UPSTREAM_ERROR' } as const;
  const all = [failed(401), failed(401), failed(403), statusError(restCall(), 'UNAUTHENTICATED', '', {}, codes)];
  const denied = (status: string) => ({ is: 'denied', route: 'GET /things/{id}', status });
  for (const error of all) report(error);
  const first = ['401', '403', 'UNAUTHENTICATED'].map(denied);
  expect(dependencies.events).toEqual(first);
  dependencies.clock.advance(59_999);
  report(failed(401));
  expect(dependencies.events).toEqual(first);
  dependencies.clock.advance(1);
  report(failed(401));
  expect(dependencies.events).toEqual([...first, denied('401')]);
});

test.each([
  ['a refusal of the client', failed(403, 'FORBIDDEN')],
  ['a status that the module made a client’s', failed(403, 'NOT_FOUND')],
  ['another status', failed(500)],
  ['no status', new UpstreamError('UPSTREAM_ERROR', restCall(), 'reset')],
  ['another error', new Error('superseded')],
])('%s is not reported', (_, error) => {
  const dependencies = manualDependencies();
  reportsDenied(dependencies)(error);
  expect(dependencies.events).toEqual([]);
});
