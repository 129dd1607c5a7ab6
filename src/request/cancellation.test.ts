import { expect, test } from 'vitest';
import { Cancellation } from './cancellation.ts';

test('every listener is called once, in order of registration, after the reason is set', () => {
  const own = new Cancellation();
  const heard: string[] = [];
  for (const name of ['a', 'b', 'c']) own.addEventListener('abort', () => heard.push(`${name} ${own.reason}`));
  own.abort('gone');
  own.abort('again');
  expect(heard).toEqual(['a gone', 'b gone', 'c gone']);
  expect(() => own.throwIfAborted()).toThrow('gone');
});

test('a removed listener is not called, even if an earlier listener of the same abort removed it', () => {
  const own = new Cancellation();
  const heard: string[] = [];
  const [last, gone] = [() => heard.push('last'), () => heard.push('gone')];
  own.addEventListener('abort', gone);
  own.addEventListener('abort', () => own.removeEventListener('abort', last));
  own.addEventListener('abort', last);
  own.removeEventListener('abort', gone);
  own.abort('now');
  expect(heard).toEqual([]);
});

test('listeners added after a removal are called in order; a listener added after the abort is not called', () => {
  const own = new Cancellation();
  const heard: string[] = [];
  const first = () => heard.push('first');
  own.addEventListener('abort', first);
  own.addEventListener('abort', () => heard.push('second'));
  own.removeEventListener('abort', first);
  own.addEventListener('abort', () => heard.push('third'));
  own.abort('now');
  own.addEventListener('abort', () => heard.push('late'));
  expect(heard).toEqual(['second', 'third']);
});
