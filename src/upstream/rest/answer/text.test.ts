import { expect, test } from 'vitest';
import { textOf, UnreadableTextError } from './text.ts';

const JSON_TYPE = 'application/json';
const LATIN = Buffer.from('"caf\xe9"', 'latin1');

test.each([
  [LATIN, `${JSON_TYPE}; charset=ISO-8859-1`, '"café"'],
  [LATIN, `${JSON_TYPE};CharSet="iso-8859-1"; v=1`, '"café"'],
  [Buffer.from('"caf\xe9\x80"', 'latin1'), `${JSON_TYPE}; charset=windows-1252`, '"café€"'],
  [Buffer.from([0x93, 0xfa]), `${JSON_TYPE}; charset=Shift_JIS`, '日'],
  [Buffer.from('"café"'), JSON_TYPE, '"café"'],
  [Buffer.from('"café"'), undefined, '"café"'],
  [Buffer.from('"café"'), `${JSON_TYPE}; charset=UTF-8`, '"café"'],
  [Buffer.from('"café"'), `${JSON_TYPE}; charset=us-ascii`, '"café"'],
  [Buffer.from('"café"'), `${JSON_TYPE}; charset='utf-8'`, '"café"'],
  [Buffer.from('"café"'), `${JSON_TYPE}; charset=utf-8,`, '"café"'],
  // Two Content-Type lines, which the client joins.
  [Buffer.from('"café"'), `${JSON_TYPE}; charset=utf-8, ${JSON_TYPE}; charset=utf-8`, '"café"'],
  [Buffer.from('\ufeff{}'), JSON_TYPE, '{}'],
  [Buffer.from('\ufeff"é"'), `${JSON_TYPE}; charset=ISO-8859-1`, '"é"'],
  [Buffer.from('\ufeff"é"', 'utf16le'), JSON_TYPE, '"é"'],
  [Buffer.from('\ufeff"é"', 'utf16le').swap16(), `${JSON_TYPE}; charset=utf-16`, '"é"'],
  [Buffer.from('"é"', 'utf16le'), `${JSON_TYPE}; charset=utf-16le`, '"é"'],
])('%o as %s is read by its charset', (body, type, text) => {
  expect(textOf(body, type)).toBe(text);
});

test.each([
  [LATIN, JSON_TYPE, /UTF-8/],
  [LATIN, undefined, /UTF-8/],
  [LATIN, `${JSON_TYPE}; charset=utf-8`, /UTF-8/],
  [Buffer.from([0x22, 0xed, 0xa0, 0x80, 0x22]), JSON_TYPE, /UTF-8/],
  [Buffer.from([0xef, 0xbb]), JSON_TYPE, /UTF-8/],
  [Buffer.from([0xff]), JSON_TYPE, /UTF-8/],
  [Buffer.from([0x93]), `${JSON_TYPE}; charset=shift_jis`, /shift_jis/],
  [Buffer.from('{}'), `${JSON_TYPE}; charset=utf-9`, /utf-9, which is unknown/],
  [Buffer.from('{}'), `${JSON_TYPE}; charset=${'x'.repeat(1_000)}`, /^.{1,100}$/],
])('%o as %s is unreadable, and the message names the charset', (body, type, message) => {
  expect(() => textOf(body, type)).toThrow(UnreadableTextError);
  expect(() => textOf(body, type)).toThrow(message);
});
