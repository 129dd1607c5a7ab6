import { setImmediate } from 'node:timers/promises';
import { rest } from 'tributary/backend';
import { scripted, testBackend } from 'tributary/testing';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { EXECUTIONS, executedBy } from '../support/gateway/executed.ts';
import { define, pathsAndCodes, plain, typeDefs } from '../support/modules/small-modules.ts';

const merge = { Reports: { key: [] }, SalesReports: { key: [] } };

const sales = plain(
  'sales',
  'type Query { reports: Reports!  noReports: Reports } type Reports { sales: SalesReports! } type SalesReports { total(year: Int!): Int }',
  {
    merge,
    resolvers: {
      Query: { reports: () => ({}), noReports: () => null },
      Reports: { sales: () => ({}) },
      SalesReports: { total: ((_row: unknown, { year }: { year: number }) => year * 2) as never },
    },
  },
);

const stock = plain('stock', 'type Reports { stock: Int!  broken: Int } type SalesReports { returned: Int }', {
  merge,
  resolvers: {
    Reports: {
      stock: async () => {
        await setImmediate();
        return 7;
      },
      broken: () => {
        throw new Error('broken');
      },
    },
    SalesReports: { returned: () => 3 },
  },
});

for (const execution of EXECUTIONS) {
  const runQuery = executedBy(execution, [sales, stock]);

  test(`${execution}: a type without a key has the fields of all modules, at any depth`, async () => {
    const document = `{
      reports { stock sales { total(year: 5) returned } }
      again: reports { ...R __typename }
      none: noReports { stock }
    } fragment R on Reports { count: stock }`;
    expect(await runQuery(document)).toEqual({
      data: {
        reports: { stock: 7, sales: { total: 10, returned: 3 } },
        again: { count: 7, __typename: 'Reports' },
        none: null,
      },
      errors: undefined,
    });
  });

  test(`${execution}: an error of one module leaves the fields of the others`, async () => {
    const { data, errors } = await runQuery('{ reports { broken sales { returned } } }');
    expect(data).toEqual({ reports: { broken: null, sales: { returned: 3 } } });
    expect(pathsAndCodes(errors)).toEqual(['reports.broken INTERNAL_SERVER_ERROR']);
  });
}

test('a namespace costs only the calls of the fields that are selected', async () => {
  const visits = define({
    name: 'visits',
    typeDefs: typeDefs('type Reports { visits: Int }'),
    upstreams: { api: rest() },
    merge: { Reports: { key: [] } },
    resolvers: {
      // biome-ignore lint/suspicious/noExplicitAny: a module without generated types
      Reports: {
        visits: (_row: any, _args: any, { clients }: any) => clients.api.get('/visits', { response: z.int() }),
      },
    },
  });
  const gateway = testBackend(visits, { api: scripted().get('/visits', 9) }, { beside: [sales, stock] });
  expect((await gateway.query('{ reports { stock } }')).data).toEqual({ reports: { stock: 7 } });
  expect(gateway.calls).toEqual([]);
  expect((await gateway.query('{ reports { visits } }')).data).toEqual({ reports: { visits: 9 } });
  expect(gateway.calls).toEqual(['visits.api GET /visits']);
});

test.each(EXECUTIONS)(
  '%s: each module has the namespace as parent, and several of its fields may be lists',
  async (by) => {
    const notes = plain('notes', 'type Reports { notes: [[String]!]  keys: [String!]  count: Int }', {
      merge: { Reports: { key: [] } },
      resolvers: {
        Reports: {
          notes: () => [['a', null], []],
          keys: (reports) => Object.keys(reports as object), // the row of a namespace
          count: () => 2,
        },
      },
    });
    expect(await executedBy(by, [sales, notes])('{ reports { notes keys count } }')).toEqual({
      data: { reports: { notes: [['a', null], []], keys: [], count: 2 } },
      errors: undefined,
    });
  },
);
