import { expect, test } from 'vitest';
import { restCall } from '../../../test/support/upstream/calls.ts';
import { parseProxyList } from '../../config/egress/proxy-list.ts';
import { systemClock } from '../../core/clock.ts';
import type { CallCounter } from '../../rate-limit/call-counter.ts';
import { EGRESS } from './egress-options.ts';
import { ProxyGroup } from './proxy-group.ts';
import { ProxyRegistry } from './proxy-registry.ts';

/** Proxies with a quota of which each count waits for a call of `answers`. */
const waitingGroup = (list: string) => {
  const registry = new ProxyRegistry({ clock: systemClock, random: () => 0.5 });
  registry.replace(parseProxyList(list));
  const { labels, ...settings } = EGRESS.parse({ perProxy: { calls: 10, perSeconds: 60 } });
  const answers: (() => void)[] = [];
  const counter: CallCounter = {
    take: () => new Promise((resolve) => answers.push(() => resolve({ admitted: true, ordinal: 1 }))),
    correct: () => {},
    snapshot: () => ({ remaining: 1, refusesForMs: null }),
  };
  return { registry, answers, group: new ProxyGroup('shop', registry.withLabels(labels), settings, () => counter) };
};

const nameOf = (taken: Awaited<ReturnType<ProxyGroup['take']>>) =>
  'proxy' in taken ? taken.proxy.entry.origin : taken.retryMs;

test('a proxy that is removed while its quota is counted receives no call: its connections would stay open', async () => {
  const { registry, answers, group } = waitingGroup('http://127.0.0.1:1001;name=a');
  const taking = group.take(restCall(), new Set());
  registry.replace(parseProxyList('http://127.0.0.1:1002;name=b'));
  answers.shift()?.();
  await expect.poll(() => answers.length).toBe(1);
  answers.shift()?.();
  expect(nameOf(await taking)).toBe('http://127.0.0.1:1002');
});

test('without another proxy the call is refused', async () => {
  const { registry, answers, group } = waitingGroup('http://127.0.0.1:1001;name=a');
  const taking = group.take(restCall(), new Set());
  registry.replace([]);
  answers.shift()?.();
  expect(nameOf(await taking)).toBeNull();
});
