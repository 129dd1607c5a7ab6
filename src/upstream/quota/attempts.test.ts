import { expect, test } from 'vitest';
import { failureOf, settled } from '../../../test/support/upstream/scripted-send.ts';
import { distinct, learnToHedge, rigIn, unavailable } from '../../../test/support/upstream/stack-rig.ts';

const rig = rigIn((layers) => layers);

test('a retry is a call of the quota, and one beyond it is not sent', async () => {
  const { sendCall, at, sent, dependencies } = rig({ traffic: { quota: { calls: 2, perSeconds: 60 } } });
  const answer = failureOf(sendCall());
  for (const index of [0, 1]) {
    await settled();
    at(index).fail(unavailable());
    await settled();
    dependencies.clock.advance(250);
  }
  expect(await answer).toMatchObject({ code: 'RATE_LIMITED', reason: 'the quota of the provider is used up' });
  expect(sent).toHaveLength(2);
});

test('a hedge is a call of the quota; beyond it the first attempt still answers', async () => {
  const made = rig({ hosts: ['a', 'b'], traffic: { hedge: true, quota: { calls: 21, perSeconds: 60 } } });
  await learnToHedge(made);
  const answer = made.sendCall(distinct(30)[25]);
  await settled();
  made.dependencies.clock.advance(500);
  await settled();
  expect(made.sent).toHaveLength(21);
  made.at(20).reply({ value: 'first' });
  expect((await answer).value).toBe('first');
});

test('identical reads in flight are one call of the quota', async () => {
  const { sendCall, at, sent } = rig({ traffic: { quota: { calls: 1, perSeconds: 60 } } });
  const answers = [sendCall(), sendCall(), sendCall()];
  await settled();
  at(0).reply({ value: 1 });
  expect((await Promise.all(answers)).map(({ value }) => value)).toEqual([1, 1, 1]);
  expect(sent).toHaveLength(1);
});
