import { enumeration } from 'tributary/backend';
import type { SchemaModule } from '../../../src/backend/define/module.ts';
import { testModule } from '../../support/modules/test-module.ts';

const SCOPE = (name: string) => `@requiresScopes(scopes: [["${name}"]])`;

/** A module with guarded arguments, input fields and enums. `calls` has the executed fields with their arguments. */
export const inputsModule = (calls: string[]): SchemaModule => {
  const echo =
    (name: string) =>
    (_parent: unknown, args: unknown): string => {
      calls.push(`${name} ${JSON.stringify(args)}`);
      return name;
    };
  return testModule(
    'shop',
    `
    type Query {
      find(text: String, hidden: Boolean = true ${SCOPE('hidden')}, mode: Mode): String
      list(where: Where = { deep: { hidden: true } }): String
      lists(where: [[Where!]], all: All): String
      level: Level
      levels: [[Level!]!]
      owner(by: Int @policy(policies: [["even"]])): String
      thing: Thing
      things: [Thing!]
      named: [Named!]
    }
    type Mutation { save(input: Where!, all: All): Saved }
    type Saved { where: String }
    extend type Query { extended(where: Where): String }
    input Where { text: String  secret: String ${SCOPE('secret')}  deep: Where  many: [Where!]  hidden: Boolean }
    extend input Where { late: Int = 5 @authenticated }
    "A second path to the same input object."
    input All { where: Where  tags: [String!] }
    enum Mode { PLAIN WILD }
    extend enum Mode @authenticated
    enum Level ${SCOPE('level')} { LOW HIGH }
    interface Named { name(style: String ${SCOPE('style')}): String  level: Level }
    type Thing implements Named { id: ID!  name(style: String): String  level: Level  parts(of: Where): [Thing!] }
    type Other implements Named { name(style: String): String  level: Level }
    union Any = Thing | Other
    extend type Query { any: [Any!] }
    `,
    {
      merge: { Thing: { key: 'id' } },
      policies: { even: (_principal, { by }) => Number(by) % 2 === 0 },
      resolvers: {
        Level: enumeration({ LOW: 1, HIGH: 2 }),
        Query: {
          find: echo('find'),
          list: echo('list'),
          lists: echo('lists'),
          extended: echo('extended'),
          owner: echo('owner'),
          level: () => 2,
          levels: () => [[1], [2]],
          thing: () => ({ id: 't1' }),
          things: () => Array.from({ length: 3 }, (_, at) => ({ id: `t${at}` })),
          named: () => [{ __typename: 'Thing', id: 't1' }, { __typename: 'Other' }],
          any: () => [{ __typename: 'Thing', id: 't1' }, { __typename: 'Other' }],
        },
        Mutation: { save: (parent: unknown, args: unknown) => ({ where: echo('save')(parent, args) }) },
        Thing: { name: echo('Thing.name'), level: () => 1, parts: () => [{ id: 'p1' }] },
        Other: { name: echo('Other.name'), level: () => 1 },
      },
    },
  );
};

/** Another module with fields of a type of the first. */
export const joinedModule = (calls: string[]): SchemaModule =>
  testModule(
    'labels',
    `
    type Query { labelled: Thing }
    type Thing { id: ID!  label(text: String ${SCOPE('label')}): String  stamped: String }
    `,
    {
      merge: { Thing: { key: 'id', needs: { stamped: ['name(style: "bold")'] } } },
      resolvers: {
        Query: { labelled: () => ({ id: 't1' }) },
        Thing: {
          label: (_parent: unknown, args: unknown) => {
            calls.push(`label ${JSON.stringify(args)}`);
            return 'label';
          },
          stamped: (parent: unknown) => `stamped ${Reflect.get(Object(parent), 'name')}`,
        },
      },
    },
  );
