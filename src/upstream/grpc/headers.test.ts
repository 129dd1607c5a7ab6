import fc from 'fast-check';
import { expect, test } from 'vitest';
import { grpcTimeout, isGrpc } from './headers.ts';

test('grpc-timeout never exceeds the time left nor eight digits', () => {
  fc.assert(
    fc.property(fc.double({ min: 1, max: 1e12, noNaN: true }), (leftMs) => {
      const [, digits = '', unit] = /^(\d{1,8})([mS])$/.exec(grpcTimeout(leftMs)) ?? [];
      expect(Number(digits)).toBeGreaterThanOrEqual(1);
      expect(Number(digits) * (unit === 'S' ? 1_000 : 1)).toBeLessThanOrEqual(leftMs);
    }),
  );
  expect(grpcTimeout(0.2)).toBe('1m');
  expect(grpcTimeout(1_500.7)).toBe('1500m');
  expect(grpcTimeout(100_000_000)).toBe('100000S');
  expect(grpcTimeout(1e300)).toBe('99999999S');
});

test.each([
  ['application/grpc', true],
  ['application/grpc+proto', true],
  ['Application/gRPC;charset=utf-8', true],
  ['application/grpc-web', false],
  ['application/grpc+json', false],
  ['text/html', false],
  [undefined, false],
])('content-type %j is gRPC: %s', (contentType, yes) => {
  expect(isGrpc(contentType)).toBe(yes);
});
