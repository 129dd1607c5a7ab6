import { expect, test } from 'vitest';
import { SEALED } from './sealed.ts';

test.each(['{"id":"a"}', '', 'ü "\\', '5', 'x'.repeat(10_000)])('%s is read as it was written', (value) => {
  expect(SEALED.read('a', SEALED.written('a', value))).toBe(value);
});

test('a value under another key, of another version, changed, cut or without a seal is not read', () => {
  const text = SEALED.written('a', '{"id":"a"}');
  expect(SEALED.read('b', text)).toBeUndefined();
  expect(SEALED.read('a', text.replace(/^tr1/, 'tr2'))).toBeUndefined();
  for (let at = 0; at < text.length; at += 1) {
    expect(SEALED.read('a', `${text.slice(0, at)}~${text.slice(at + 1)}`)).toBeUndefined();
    expect(SEALED.read('a', text.slice(0, at))).toBeUndefined();
  }
  for (const junk of ['', ' ', '{"id":"a"}', 'tr1', 'tr1 ', 'tr1  ', 'tr1 0 {"id":"a"}', `${text} `, ` ${text}`])
    expect([junk, SEALED.read('a', junk)]).toEqual([junk, undefined]);
});
