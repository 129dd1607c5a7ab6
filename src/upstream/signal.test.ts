import { expect, test } from 'vitest';
import { Cancellation } from './signal.ts';

test('whoever listens hears of an abort once, in the order of asking, and then knows the reason', () => {
  const own = new Cancellation();
  const heard: string[] = [];
  for (const name of ['a', 'b', 'c']) own.addEventListener('abort', () => heard.push(`${name} ${own.reason}`));
  own.abort('gone');
  own.abort('again');
  expect(heard).toEqual(['a gone', 'b gone', 'c gone']);
  expect(() => own.throwIfAborted()).toThrow('gone');
});

test('whoever was taken away hears nothing, even where that was done by one who heard of it earlier', () => {
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

test('whoever comes after one has left comes last, and whoever comes after the abort hears nothing', () => {
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
