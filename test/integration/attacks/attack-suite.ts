import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { attackTable } from './attack-table.ts';
import { play } from './play.ts';
import { type Rig, startRig } from './rig.ts';

/** Plays every attack on one gateway: over the direct edge, or the long way through Fastify. */
export const attackSuite = (way: string, isDirect: boolean): void => {
  describe(`attacks on one gateway: ${way}`, () => {
    let rig: Rig;
    beforeAll(async () => {
      rig = await startRig(isDirect);
    });
    afterAll(async () => {
      await rig[Symbol.asyncDispose]();
    });

    test.each(attackTable)(
      '$number: $title',
      async (attack) => {
        await play(rig, attack);
      },
      180_000,
    );

    test('no attack causes an unexpected error, and the gateway still answers', async () => {
      expect(rig.errors).toEqual([]);
      const answer = await fetch(`${rig.origin}/graphql`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: '{"query":"{ hello }"}',
      });
      expect(await answer.json()).toEqual({ data: { hello: 'world' } });
    });
  });
};
