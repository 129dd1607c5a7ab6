import fc from 'fast-check';
import { expect, test, vi } from 'vitest';
import { InexactNumberError, parseExactly, parseKeepingDigits } from './exact-json.ts';

test.each([
  '9007199254740993',
  '-9007199254740993',
  '1152921504606846976',
  '9223372036854775807',
  '1000000000000000000000',
  '9007199254740993.0',
  '9.007199254740993e15',
  '1e-400',
  '-1e-400',
  '1e400',
  '1.00000000000000000001',
  '0.99999999999999999999',
  '4503599627370497.3',
  '0.1000000000000000055511151231257827',
  '3e-324',
  '1.2345e-320',
  '-9.9e999',
])('%s is rejected: a double would change it', (number) => {
  for (const text of [number, `{"v":${number}}`, `[1, ${number}]`, `{"v":{"a":[\n${number}\t]}}`])
    expect(() => parseExactly(text)).toThrow(InexactNumberError);
});

test.each([
  '9007199254740992',
  '9007199254740991',
  '-9007199254740991',
  '1152921504606847000',
  '0.1',
  '0.30000000000000004',
  '0.10000000000000001',
  '9.9999999999999992e+22',
  '1.7976931348623157e308',
  '5e-324',
  '2.2250738585072014e-308',
  '1e21',
  '-0',
  '-0.0e10',
  '1.50000000000000000000000',
  '0e400',
])('%s is accepted', (number) => {
  expect(parseExactly(`{"v":${number}}`)).toEqual({ v: Number(number) });
});

test('every double is accepted as JavaScript prints it, and with 17 digits', () => {
  fc.assert(
    fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), (value) => {
      const texts = [JSON.stringify(value), value.toPrecision(17), value.toExponential(16)];
      // A number of digits only may be an ID. Only the digits that JavaScript prints are accepted.
      for (const text of texts.filter((one) => !/^-?\d+$/.test(one) || one === String(value)))
        expect(parseExactly(`[${text}]`)).toEqual([JSON.parse(text)]);
    }),
  );
});

test('a number with an exponent is accepted if and only if the double has its digits', () => {
  const digits = fc.integer({ min: 1, max: 99_999_999 });
  const exponents = fc.oneof(fc.integer({ min: -330, max: -290 }), fc.integer({ min: -330, max: 330 }));
  fc.assert(
    fc.property(digits, exponents, (mantissa, exponent) => {
      const written = String(mantissa).replace(/0+$/, '');
      const value = Number(`${mantissa}e${exponent}`);
      const [kept = ''] = value.toExponential(written.length - 1).split('e');
      const parsed = () => parseExactly(`[${mantissa}e${exponent}]`);
      if (kept.replace('.', '') === written) expect(parsed()).toEqual([value]);
      else expect(parsed).toThrow(InexactNumberError);
    }),
  );
});

test.each(['1e99', '1e100', '-1.5e-7', '12345678.5e-300'])(
  '%s is accepted without being printed to compare its digits',
  (number) => {
    const printed = vi.spyOn(Number.prototype, 'toPrecision');
    try {
      expect(parseExactly(`[${number}, 1e100]`)).toEqual([Number(number), 1e100]);
      expect(printed).not.toHaveBeenCalled();
    } finally {
      printed.mockRestore();
    }
  },
);

test('digits in strings and names are not numbers', () => {
  const text = String.raw`{"9007199254740993":", 9007199254740993","a\"":"\\","b":"\\\", 1e400 [1e400"}`;
  expect(parseExactly(text)).toEqual(JSON.parse(text));
  expect(parseKeepingDigits(text)).toEqual(JSON.parse(text));
});

test('invalid JSON is a SyntaxError', () => {
  for (const text of ['', '{"v":9007199254740993', '09007199254740993', '"', '1e'])
    for (const parse of [parseExactly, parseKeepingDigits]) expect(() => parse(text)).toThrow(SyntaxError);
});

test.each([
  ['{"id":9007199254740993,"big":-9223372036854775807}', { id: '9007199254740993', big: '-9223372036854775807' }],
  ['9007199254740993', '9007199254740993'],
  // A double holds these, but ids of one backend would then be numbers or text by chance.
  [
    '[9007199254740992,9007199254740994,-10000000000000000]',
    ['9007199254740992', '9007199254740994', '-10000000000000000'],
  ],
  ['[1,90071992547409931 , 2]', [1, '90071992547409931', 2]],
  ['[9007199254740991,1732912345678901,0.30000000000000004]', [9007199254740991, 1732912345678901, 0.1 + 0.2]],
  ['{"a":"90071992547409931","b":90071992547409931}', { a: '90071992547409931', b: '90071992547409931' }],
  ['{"__proto__":9007199254740993}', JSON.parse('{"__proto__":"9007199254740993"}')],
  ['[1e21,12345678901234567.5]', [1e21, 12345678901234568]],
])('large integers of an answer become strings of their digits: %s', (text, value) => {
  expect(parseKeepingDigits(text)).toEqual(value);
});

test('a large integer is found at any position in the text', () => {
  for (let before = 0; before < 40; before += 1)
    expect(parseKeepingDigits(`["${'a'.repeat(before)}",9007199254740993]`)).toEqual([
      'a'.repeat(before),
      '9007199254740993',
    ]);
});

test('millions of escapes and deep nesting do not overflow the stack', () => {
  const escapes = `{"a":9007199254740993,"s":"${'\\n'.repeat(2_000_000)}"}`;
  expect(parseKeepingDigits(escapes)).toMatchObject({ a: '9007199254740993' });
  expect(() => parseExactly(escapes)).toThrow(InexactNumberError);
  const deep = `${'['.repeat(100_000)}9007199254740993${']'.repeat(100_000)}`;
  expect(() => parseExactly(deep)).toThrow(InexactNumberError);
  expect(parseKeepingDigits(deep)).toHaveLength(1);
});

test('a number of a million digits is rejected with a short message', () => {
  const error = (() => {
    try {
      return parseExactly(`[1.${'0'.repeat(1_000_000)}1]`);
    } catch (thrown) {
      return thrown;
    }
  })();
  expect(error).toMatchObject({ number: expect.stringMatching(/^.{41}$/) });
});
