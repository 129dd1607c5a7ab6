import fc from 'fast-check';
import { expect, test } from 'vitest';
import { frame } from './frame.ts';
import { UnaryBody } from './message-parser.ts';

test('a framed message is complete however its bytes are split', () => {
  fc.assert(
    fc.property(
      fc.uint8Array({ maxLength: 300 }),
      fc.infiniteStream(fc.integer({ min: 1, max: 40 })),
      (bytes, sizes) => {
        const body = new UnaryBody({ maxResponseBytes: 300, compressible: false });
        let rest = frame(bytes);
        while (rest.length > 0) {
          const size = sizes.next().value ?? 1;
          expect(body.push(rest.subarray(0, size))).toBeNull();
          rest = rest.subarray(size);
        }
        expect(body.message()).toEqual({ compressed: false, bytes: Buffer.from(bytes) });
        expect(body.size).toBe(bytes.length + 5);
      },
    ),
  );
});
