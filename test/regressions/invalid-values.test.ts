import { scalar } from 'tributary/backend';
import { expect, test } from 'vitest';
import { EXECUTIONS } from '../support/gateway/executed.ts';
import { servedGateway } from '../support/gateway/served-gateway.ts';
import { pathsAndCodes, plain } from '../support/modules/small-modules.ts';

/** A row of a backend with types that differ from the schema. */
const ROW = {
  at: 'someday',
  day: '2024-13-45',
  big: 'many',
  int: 1e12,
  float: 'x',
  flag: 'yes',
  text: { a: 1 },
  id: { a: 1 },
  mood: 'ODD',
  odd: 'odd',
  silent: 'x',
  ats: ['2024-01-01T00:00:00.000Z', 'never'],
};

const strict = () =>
  scalar<unknown>({
    parse: (value) => {
      if (value === 'odd') throw new Error('This is odd.');
      return value;
    },
    serialize: (value) => {
      if (value === 'odd') throw new Error('This is odd.');
      return value;
    },
  });

const loose = () => scalar<unknown>({ parse: (value) => value, serialize: (value) => value });

const people = () =>
  plain(
    'people',
    `type Query { person: Person  fine: Int  thrown: DateTime  stamped: Stamped }
     type Person {
       at: DateTime, day: Date, big: BigInt, int: Int, float: Float, flag: Boolean, text: String, id: ID, mood: Mood
       odd: Odd, silent: Silent, ats: [DateTime]
     }
     type Stamped { key: Key }
     enum Mood { GOOD }
     scalar Odd
     scalar Silent
     scalar Key`,
    {
      merge: { Stamped: { key: 'key' } },
      resolvers: {
        Odd: strict(),
        Silent: scalar<unknown>({ parse: (value) => value, serialize: () => null }),
        Key: loose(),
        Query: {
          person: () => ROW,
          fine: () => 1,
          thrown: () => {
            throw new TypeError('a defect of the module');
          },
          stamped: () => ({ key: 'odd' }),
        },
      },
    },
  );

const beside = () =>
  plain('beside', 'type Query { other: Int }  type Stamped { key: Key  more: Int }  scalar Key', {
    merge: { Stamped: { key: 'key' } },
    resolvers: { Key: strict(), Stamped: { more: () => 1 } },
  });

const FIELDS = Object.keys(ROW);

for (const execution of EXECUTIONS)
  test(`a backend’s value that does not fit its scalar is UPSTREAM_BAD_RESPONSE (${execution})`, async () => {
    const logged: string[] = [];
    const log =
      (level: string) =>
      (message: string, fields: Readonly<Record<string, unknown>> = {}) =>
        void logged.push(`${level} ${fields.path} ${fields.reason}: ${message}`);
    const { runQuery } = await servedGateway({
      modules: [people(), beside()],
      execution,
      log: { warn: log('warn'), error: log('error') },
    });
    const { body, text } = await runQuery(`{ person { ${FIELDS.join(' ')} } stamped { more } fine }`);
    expect(body.data.fine).toBe(1);
    expect(body.data.person.ats).toEqual(['2024-01-01T00:00:00.000Z', null]);
    const places = [
      ...FIELDS.filter((name) => name !== 'ats').map((name) => `person.${name}`),
      'person.ats.1',
      'stamped.more',
    ];
    expect(pathsAndCodes(body.errors)).toEqual(places.map((path) => `${path} UPSTREAM_BAD_RESPONSE`).sort());
    expect(text).not.toMatch(/someday|many|This is/);

    expect(logged.filter((line) => !line.startsWith('warn '))).toEqual([]);
    expect(logged).toContain('warn person.at A value does not fit DateTime.: A module returned an invalid value.');
    expect(logged.join()).not.toContain('someday');

    const thrown = await runQuery('{ thrown }');
    expect(pathsAndCodes(thrown.body.errors)).toEqual(['thrown INTERNAL_SERVER_ERROR']);
  });
