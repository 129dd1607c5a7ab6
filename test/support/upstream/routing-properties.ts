import { ANONYMOUS } from '../../../src/request/principal.ts';
import type { TrafficOptions } from '../../../src/upstream/options.ts';
import type { Transform } from '../../../src/upstream/transform/transform.ts';
import { failureOf, settled } from './scripted-send.ts';
import { distinct, type StackProperty } from './stack-rig.ts';

const BY_HEADER: TrafficOptions = {
  routing: {
    subsets: { a: { host: 'a' }, b: { host: 'b' } },
    routes: [{ when: { header: { beta: 'on' } }, to: 'b' }, { to: 'a' }],
  },
};
const SHADOWED: TrafficOptions = {
  routing: {
    subsets: { a: { host: 'a' }, b: { host: 'b' } },
    routes: [{ to: 'a' }],
    shadow: { to: 'b', share: 1, timeoutMs: 5_000 },
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
      const { sendCall, dependencies } = rig({ traffic: BY_HEADER });
      await failureOf(sendCall({ deadline: 0 }));
      return dependencies.events.every(({ is }) => is !== 'routed');
    },
  ],
  [
    'route',
    'transform',
    'a hook knows the subset of its call',
    async (rig) => {
      const subsets: (string | null)[] = [];
      const request: NonNullable<Transform['request']> = ({ subset }) => {
        subsets.push(subset);
        return {};
      };
      void rig({ traffic: BY_HEADER, hooks: { request } }).sendCall({ origin: ORIGIN });
      await settled();
      return subsets.join() === 'a';
    },
  ],
  [
    'transform',
    'single flight',
    'calls that are equal once a hook has changed them share a flight',
    async (rig) => {
      const { sendCall, sent } = rig({ hooks: { request: () => ({ target: '/same' }) } });
      for (const call of distinct(2)) void sendCall(call);
      await settled();
      return sent.length === 1;
    },
  ],
  [
    'hedge',
    'shadow',
    'a slow copy of a read is not hedged',
    async (rig) => {
      const { sendCall, at, sent, dependencies } = rig({ hosts: ['a', 'b'], traffic: { ...SHADOWED, hedge: true } });
      let next = 0;
      const answerAll = async () => {
        for (; next < sent.length; next += 1) at(next).reply({ value: {} });
        await settled();
      };
      for (const call of distinct(20)) {
        void sendCall(call);
        await settled();
        dependencies.clock.advance(10);
        await answerAll();
        await answerAll();
      }
      const before = sent.length;
      void sendCall();
      await settled();
      at(before).reply({ value: {} });
      await settled();
      dependencies.clock.advance(500);
      await settled();
      return sent.length === before + 2;
    },
  ],
  [
    'shadow',
    'balance',
    'the copy of a read goes to the other subset',
    async (rig) => {
      const { sendCall, at, sent } = rig({ hosts: ['a', 'b'], traffic: SHADOWED });
      void sendCall();
      await settled();
      at(0).reply({ value: {} });
      await settled();
      return sent.map(({ call }) => call.endpoint?.url.host).join() === 'a,b';
    },
  ],
  [
    'timeout',
    'faults',
    'an injected delay ends at the timeout of the attempt',
    async (rig) => {
      const faults = [{ share: 1, delayMs: 5_000 }];
      const { sendCall, dependencies } = rig({
        timeoutMs: 100,
        traffic: { retry: false },
        overrides: { faults: () => faults },
      });
      let failed = false;
      void sendCall().catch(() => {
        failed = true;
      });
      await settled();
      dependencies.clock.advance(100);
      await settled();
      return failed;
    },
  ],
  [
    'faults',
    'observe attempt',
    'an injected abort is no attempt on the network',
    async (rig) => {
      const faults = [{ share: 1, abort: 503 }];
      const { sendCall, dependencies } = rig({ traffic: { retry: false }, overrides: { faults: () => faults } });
      await failureOf(sendCall());
      return dependencies.events.every(({ is }) => is !== 'attempt');
    },
  ],
];
