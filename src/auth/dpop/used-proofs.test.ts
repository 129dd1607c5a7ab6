import { randomUUID } from 'node:crypto';
import { expect, onTestFinished, test } from 'vitest';
import { dpopClient } from '../../../test/support/auth/dpop.ts';
import { dpopRig, refusedProof } from '../../../test/support/auth/dpop-rig.ts';
import { manualClock } from '../../../test/support/clock/manual-clock.ts';
import { MemoryUsedProofs, sharedUsedProofs } from './used-proofs.ts';

test('a proof is accepted once, and again neither within nor after the time in which it is valid', async () => {
  const { client, token, prove, clock } = await dpopRig();
  const iat = Math.floor(clock.wallTime() / 1_000) + 5;
  const proof = client.proof(token, { iat });
  expect(await prove(proof)).toBe('c1');
  // Ages are whole seconds: the proof is valid until the last millisecond of one.
  for (const ms of [0, 1_000, 68_999, 1, 999]) {
    clock.advance(ms);
    expect(await prove(proof)).toBe(refusedProof('used before'));
  }
  clock.advance(1);
  expect(await prove(proof)).toBe(refusedProof('too old, or from the future'));
});

test('concurrent requests with one proof succeed once', async () => {
  const { client, token, prove } = await dpopRig();
  const proof = client.proof(token);
  const all = await Promise.all(Array.from({ length: 20 }, () => prove(proof)));
  expect(all.filter((one) => one === 'c1')).toHaveLength(1);
});

test('two clients may use the same id, and an invalid proof does not use one up', async () => {
  const { client, token, prove, issuer, send, clock } = await dpopRig();
  const jti = randomUUID();
  const other = await dpopClient(clock.wallTime);
  const otherToken = issuer.token({ sub: 'c2', cnf: { jkt: other.jkt } });
  expect(await prove(client.proof(token, { jti, htm: 'GET' }))).toBe(refusedProof('for another method'));
  expect(await prove(client.proof(token, { jti }))).toBe('c1');
  expect(await send(`DPoP ${otherToken}`, [other.proof(otherToken, { jti })])).toBe('c2');
});

test('a proof that was used at one replica is refused by another one with the same store, and accepted without the store', async () => {
  const added = new Set<string>();
  let isUp = true;
  const add = async (key: string) => {
    if (!isUp) throw new Error('down');
    return added.size < added.add(key).size;
  };
  const { client, token, prove, open, clock } = await dpopRig();
  const replica = () => open({ usedProofs: sharedUsedProofs(new MemoryUsedProofs(clock), add) });
  const [one, two] = [replica(), replica()];
  onTestFinished(() => {
    one.close();
    two.close();
  });
  const proof = client.proof(token);
  expect(await prove(proof, { by: one })).toBe('c1');
  expect(await prove(proof, { by: two })).toBe(refusedProof('used before'));
  isUp = false;
  const next = client.proof(token);
  expect([await prove(next, { by: one }), await prove(next, { by: one })]).toEqual(['c1', refusedProof('used before')]);
});

test('a user with many proofs evicts none of another user, and is refused', async () => {
  const clock = manualClock();
  const used = new MemoryUsedProofs(clock, 8);
  expect(await used.add('proof of ann', 'ann', 1_000)).toBe('added');
  const uses: string[] = [];
  for (let n = 0; n < 20; n += 1) uses.push(await used.add(`proof ${n}`, 'mallory', 1_000));
  expect(uses).toEqual([...Array(4).fill('added'), ...Array(16).fill('full')]);
  expect(await used.add('proof of ann', 'ann', 1_000)).toBe('used');
  expect(await used.add('proof 0', 'mallory', 1_000)).toBe('used');
  expect(await used.add('another of ann', 'ann', 1_000)).toBe('added');
  clock.advance(1_000);
  expect(await used.add('proof of ann', 'ann', 1_000)).toBe('added');
  expect(await used.add('proof 19', 'mallory', 1_000)).toBe('added');
});

test('a proof without room to note its use is 503, whichever key and token its user has', async () => {
  const { client, issuer, prove, token, open, send, clock } = await dpopRig();
  const by = open({ usedProofs: new MemoryUsedProofs(clock, 4) });
  onTestFinished(() => by.close());
  expect([await prove(client.proof(token), { by }), await prove(client.proof(token), { by })]).toEqual(['c1', 'c1']);
  const next = await dpopClient(clock.wallTime);
  const tokenOf = (sub: string) => issuer.token({ sub, cnf: { jkt: next.jkt } });
  const sendAs = (sub: string) => {
    const own = tokenOf(sub);
    return send(`DPoP ${own}`, [next.proof(own)], { by });
  };
  expect(await sendAs('c1')).toBe('unverifiable');
  expect(await sendAs('c2')).toBe('c2');
});
