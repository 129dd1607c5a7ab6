import { expect, test } from 'vitest';
import { alternativeNamesIn } from './alternative-names.ts';

test('a name that contains another one is not read as two', () => {
  expect(alternativeNamesIn('DNS:"x, URI:a://b"')).toEqual([{ kind: 'DNS', value: 'x, URI:a://b' }]);
  expect(alternativeNamesIn('IP Address:10.0.0.1, DNS:a, URI:b://c')).toHaveLength(3);
});

test.each(['DNS:a" , URI:b', 'DNS:"a', 'a', 'DNS:a,URI:b', 'DNS:"\\x", URI:b', 'x:UPN:"a, URI:b://c, d"'])(
  'the text %s has no names',
  (odd) => {
    expect(alternativeNamesIn(odd)).toBeNull();
  },
);

test('the value of a kind that is not read cannot add a URI', () => {
  // As Node prints a certificate of openssl with `otherName:msUPN;UTF8:a, URI:spiffe://evil/x, b`.
  const text = 'othername:"UPN:a\\u002c URI:spiffe://evil/x\\u002c b", URI:spiffe://shop/a';
  expect(alternativeNamesIn(text)?.filter(({ kind }) => kind === 'URI')).toEqual([
    { kind: 'URI', value: 'spiffe://shop/a' },
  ]);
});
