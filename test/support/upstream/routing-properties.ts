import { ANONYMOUS } from '../../../src/request/principal.ts';
import type { TrafficOptions } from '../../../src/upstream/options.ts';
import { failureOf, settled } from './scripted-send.ts';
import type { StackProperty } from './stack-rig.ts';

const BY_HEADER: TrafficOptions = {
  routing: {
    subsets: { a: { host: 'a' }, b: { host: 'b' } },
    routes: [{ when: { header: { beta: 'on' } }, to: 'b' }, { to: 'a' }],
  },
};
const ORIGIN = { headers: {}, principal: ANONYMOUS, clientAddress: '', operation: null } as const;

/** Properties of the layers for routing and release. */
export const ROUTING_PROPERTIES: readonly StackProperty[] = [
  [
    'deadline',
    'route',
    'a call that is too late to be sent is not counted as routed',
    async (rig) => {
      const { ask, tools } = rig({ traffic: BY_HEADER });
      await failureOf(ask({ deadline: 0 }));
      return tools.events.every(({ is }) => is !== 'routed');
    },
  ],
  [
    'route',
    'single flight',
    'calls of different subsets share no flight',
    async (rig) => {
      const { ask, sent } = rig({ hosts: ['a', 'b'], traffic: BY_HEADER });
      for (const headers of [{ beta: 'on' }, {}]) void ask({ origin: { ...ORIGIN, headers } });
      await settled();
      return sent.length === 2;
    },
  ],
];
