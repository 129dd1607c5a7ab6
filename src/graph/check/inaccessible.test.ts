import { expect, test } from 'vitest';
import { testModule } from '../../../test/support/modules/test-module.ts';
import { problemsInModules } from './check-modules.ts';

const nothing = () => null;

const problemsOf = (sdl: string, ...others: readonly string[]) =>
  problemsInModules([
    testModule('a', `type Query { p: P }\n${sdl}`, { resolvers: { Query: { p: nothing } } }),
    ...others.map((other, at) => testModule(`b${at}`, other)),
  ]);

test('a hidden field of an object type is no problem', () => {
  expect(problemsOf('type P { n: Int  cost: Cost @inaccessible }\ntype Cost { cents: Int @inaccessible }')).toEqual([]);
});

test.each([
  [
    'on a field of an interface',
    'type P implements I { n: Int }\ninterface I { n: Int @inaccessible }',
    '3:15: @inaccessible on I.n hides nothing: set it on the fields of the types that implement the interface',
  ],
  [
    'on a root field',
    'type P { n: Int }\nextend type Query { q: Int @inaccessible }',
    '3:21: Query.q is @inaccessible, so that nothing can read it: remove the field',
  ],
  [
    'on a field that an interface requires',
    'type P implements I { n: Int @inaccessible }\ninterface I { n: Int }',
    '2:23: P.n is @inaccessible, but I requires it: remove the directive, or I.n',
  ],
  [
    'on every field of a type that clients reach',
    'type P { n: Int @inaccessible }',
    '1:14: Query.p returns P, of which every field is @inaccessible: hide this field too, or show a field of the type',
  ],
])('@inaccessible is a problem at its line %s', (_, sdl, problem) => {
  expect(problemsOf(sdl)).toContain(`schema/a/schema.graphql:${problem}`);
});
