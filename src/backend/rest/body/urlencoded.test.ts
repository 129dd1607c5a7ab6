import fc from 'fast-check';
import { expect, test } from 'vitest';
import { formBody } from './urlencoded.ts';

test('a form is serialized as URLSearchParams serializes it', () => {
  const text = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.string({ unit: fc.constantFrom(..." !'()*~-._+%&=~\u00fc\u{1f600}\r\n\0".split('')) }),
  );
  const wellFormed = text.filter((value) => value.isWellFormed());
  fc.assert(
    fc.property(fc.array(fc.tuple(wellFormed, wellFormed)), (pairs) => {
      const form = Object.fromEntries(pairs);
      expect(formBody(form, 'repeat')).toBe(new URLSearchParams(Object.entries(form)).toString());
    }),
    { numRuns: 500 },
  );
});
