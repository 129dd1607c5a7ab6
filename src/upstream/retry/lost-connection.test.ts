import { describe, expect, test } from 'vitest';
import { answer, restCall } from '../../../test/support/upstream/calls.ts';
import { attemptsOf, layerWith } from '../../../test/support/upstream/retried.ts';
import { manualDependencies } from '../../../test/support/upstream/scripted-send.ts';
import { type ErrorCode, UpstreamError, type UpstreamErrorOptions } from '../../core/errors.ts';
import { LeftOutError, StaleConnectionError } from '../errors.ts';

const fails = (code: ErrorCode, options: UpstreamErrorOptions) =>
  new UpstreamError(code, restCall(), 'failed', options);
const WRITE = restCall({ idempotent: false }, { method: 'POST' });

test('a write dropped unprocessed by a closing connection is sent again without a budget', async () => {
  const cause = new LeftOutError('the server closed the connection');
  const { layer, budget } = layerWith(manualDependencies(), { budgetRatio: 0, budgetPerSecond: 0 });
  let attempts = 0;
  await layer(() => {
    attempts += 1;
    return attempts === 1 ? Promise.reject(fails('SERVICE_UNAVAILABLE', { cause })) : Promise.resolve(answer());
  })(WRITE);
  expect([attempts, budget.balance()]).toEqual([2, 0]);
});

describe('a read lost with an idle connection', () => {
  const stale = () => fails('UPSTREAM_ERROR', { cause: new StaleConnectionError('reset') });
  const NO_BUDGET = { budgetRatio: 0, budgetPerSecond: 0 };

  test('is sent again up to three times without a budget', async () => {
    expect(await attemptsOf(restCall(), stale, NO_BUDGET)).toBe(4);
  });

  test('still has all its attempts after those three', async () => {
    expect(await attemptsOf(restCall(), stale, { attempts: 3 })).toBe(6);
  });

  test('is sent once if it is a write, because the backend may have processed it', async () => {
    expect(await attemptsOf(WRITE, stale)).toBe(1);
  });
});
