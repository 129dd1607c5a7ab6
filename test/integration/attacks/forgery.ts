import { expect } from 'vitest';
import { errorsOf } from '../../support/gateway/gateway.ts';
import { exchange } from '../../support/http/raw-http.ts';
import { type Attack, scenario } from './attack.ts';
import { SPELLINGS } from './forgery-module.ts';
import { asked } from './http.ts';
import type { Rig } from './rig.ts';

const answerOf = async ({ port }: Rig, query: string) => {
  const { answer } = await exchange(port, asked(query));
  const text = answer?.body ?? '';
  expect(text).not.toMatch(/169\.254|EGRESS|metadata/i);
  return JSON.parse(text);
};

/** Expects that the field fails, because one connection was refused before anything was sent. */
const expectRefused = async (rig: Rig, field: string, query: string): Promise<void> => {
  const { data, ...rest } = await answerOf(rig, query);
  expect([data, errorsOf(rest)]).toEqual([{ [field]: null }, [`${field} SERVICE_UNAVAILABLE`]]);
  expect(rig.refused).toMatchObject([{ reason: 'metadata' }]);
};

/** Requests that the gateway is led to make within its machine (server-side request forgery). */
export const forgery: readonly Attack[] = [
  ...SPELLINGS.map((spelling, at) =>
    scenario(72, `an endpoint at ${spelling} is not connected to`, async (rig) => {
      await expectRefused(rig, 'spelled', `{ spelled(at: ${at}) }`);
    }),
  ),
  scenario(72, 'a name of the metadata address is not connected to', async (rig) => {
    await expectRefused(rig, 'resolved', '{ resolved }');
  }),
  scenario(
    72,
    'a name that turns to the metadata address after its first resolution is not connected to',
    async (rig) => {
      expect(await answerOf(rig, '{ rebound }')).toEqual({ data: { rebound: 'ok' } });
      await expectRefused(rig, 'rebound', '{ rebound }');
      expect(rig.received.map(({ url }) => url)).toEqual(['/closed']);
    },
  ),
  scenario(
    72,
    'a redirect to the metadata address is not followed, even if the module allows its origin',
    async (rig) => {
      await expectRefused(rig, 'moved', '{ moved }');
      expect(rig.received.map(({ url }) => url)).toEqual(['/away']);
    },
  ),
];
