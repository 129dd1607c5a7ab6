import { expect, test } from 'vitest';
import { LIBRARY, LIBRARY_PROTO } from '../../../test/support/modules/library.ts';
import { testModule } from '../../../test/support/modules/test-module.ts';
import { grpc } from '../../backend/define/upstream-options.ts';
import { warningsIn } from './warnings.ts';

test('a non-null field with a requirement is warned of, also if its type or another module declares the requirement', () => {
  const accounts = testModule(
    'accounts',
    'type Query { me: Customer } type Customer @authenticated { id: ID! name: String }',
  );
  const orders = testModule('orders', 'type Query { a: Int! @authenticated } type Customer { id: ID! total: Int! }');
  expect(warningsIn([accounts, orders]).map((line) => line.split(' ')[1])).toEqual([
    'Customer.id',
    'Query.a',
    'Customer.id',
    'Customer.total',
  ]);
});

test('a nullable field and a public field cause no warning', () => {
  const shop = testModule('shop', 'type Query { a: Int! b: Int @authenticated }');
  expect(warningsIn([shop])).toEqual([]);
});

const library = (reads?: readonly string[]) =>
  testModule('library', 'type Query { a: Int }', {
    upstreams: { books: grpc({ proto: LIBRARY_PROTO, service: LIBRARY, reads }) },
  });

test('methods with names of reads that nothing declares as reads cause one warning for their upstream', () => {
  const warning = (names: string) =>
    `library: methods of the upstream books have names of reads, but are not declared as reads: they are neither retried nor shared. Set idempotency_level in the .proto, or reads: [${names}] in grpc({ … }); reads: [] if they write.`;
  expect(warningsIn([library()])).toEqual([warning("'GetBook', 'ListBooks'")]);
  expect(warningsIn([library(['GetBook'])])).toEqual([warning("'ListBooks'")]);
});

test('no warning is left once every read is declared, or none is', () => {
  expect(warningsIn([library(['Get*', 'List*'])])).toEqual([]);
  expect(warningsIn([library([])])).toEqual([]);
});
