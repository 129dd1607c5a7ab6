import { writeFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { manualClock } from '../../../test/support/clock/manual-clock.ts';
import { folderWith } from '../../../test/support/modules/module-folder.ts';
import { followProxyFile, type ProxyFileEvent } from './proxy-file.ts';

const followed = (text: string) => {
  const file = `${folderWith({ proxies: text })}/proxies`;
  const clock = manualClock();
  const lists: (readonly string[])[] = [];
  const events: ProxyFileEvent[] = [];
  const stop = followProxyFile(
    file,
    clock,
    (proxies) => lists.push(proxies.map(({ name }) => name)),
    (event) => events.push(event),
  );
  return { file, clock, lists, events, stop };
};

test('the list is read at the start, and again after each change', () => {
  const { file, clock, lists, events } = followed('http://u:geheim@a:1\n');
  clock.advance(20_000);
  writeFileSync(file, 'http://u:geheim@a:1\nhttp://b:2');
  clock.advance(5_000);
  clock.advance(5_000);
  expect(lists).toEqual([['a:1'], ['a:1', 'b:2']]);
  expect(events).toEqual([{ is: 'reloaded', path: file, proxies: 2 }]);
});

test('an invalid or missing file keeps the last list, is reported once and without its content, and recovers', () => {
  const { file, clock, lists, events } = followed('http://a:1');
  writeFileSync(file, 'http://u:geheim@');
  clock.advance(15_000);
  writeFileSync(file, 'http://a:1');
  clock.advance(5_000);
  writeFileSync(file, '');
  clock.advance(5_000);
  expect(lists).toEqual([['a:1'], ['a:1']]);
  expect(events.map(({ is }) => is)).toEqual(['invalid', 'reloaded', 'invalid']);
  expect(JSON.stringify(events)).not.toContain('geheim');
});

test('no reading follows the end', () => {
  const { clock, stop } = followed('http://a:1');
  stop();
  expect(clock.pending).toBe(0);
});
