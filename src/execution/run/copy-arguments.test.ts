import { expect, test } from 'vitest';
import { ownArguments } from './copy-arguments.ts';

test('a resolver that changes its arguments does not change those of other rows', () => {
  const shared = { ids: ['a'], filter: { tags: [{ name: 'red' }] }, first: 1 };
  const own = ownArguments(shared);
  expect(own).toEqual(shared);
  expect(own).not.toBe(shared);
  expect(own.ids).not.toBe(shared.ids);
  expect(Reflect.get(Object(own.filter), 'tags')[0]).not.toBe(shared.filter.tags[0]);
});

test('values of scalars that are class instances are passed on', () => {
  const date = new Date(0);
  expect(ownArguments({ date, list: [date] })).toEqual({ date, list: [date] });
  expect(ownArguments({ date }).date).toBe(date);
});

test('variables of the request are not copied', () => {
  const ids = ['a', 'b'];
  expect(ownArguments({ ids, filter: { ids } }, new Set([ids]))).toEqual({ ids, filter: { ids } });
  expect(ownArguments({ ids }, new Set([ids])).ids).toBe(ids);
});

test('a key __proto__ of a client’s object stays a plain key', () => {
  const { input } = ownArguments({ input: JSON.parse('{ "__proto__": { "isAdmin": true } }') });
  expect(Object.keys(Object(input))).toEqual(['__proto__']);
  expect(Reflect.get(Object(input), 'isAdmin')).toBeUndefined();
});

test('an object without a prototype stays one', () => {
  const { input } = ownArguments({ input: Object.assign(Object.create(null), { a: 1 }) });
  expect(Object.getPrototypeOf(input)).toBeNull();
});
