import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { buildSchema, GraphQLError, graphql } from 'graphql';

const schema = buildSchema(readFileSync(new URL('helpdesk.graphql', import.meta.url), 'utf8'));

interface CaseRow {
  readonly id: string;
  readonly title: string;
  readonly account: string;
  status: string;
}

const PLANS: Readonly<Record<string, string>> = { c1: 'gold', c2: 'free' };
const AT = '2026-01-02T08:00:00Z';

const failure = (message: string, code: string) => new GraphQLError(message, { extensions: { code } });

/** Root fields of the service, with rows as graphql-js reads them. */
const rootOf = (rows: CaseRow[]) => {
  const madeBy = new Map<string, CaseRow>();
  const caseOf = ({ account, ...row }: CaseRow): object => ({
    __typename: 'Case',
    ...row,
    account: () => accountOf(account),
    entries: ({ last = 10 }: { readonly last?: number }) =>
      [
        { __typename: 'Comment', at: AT, author: account, text: row.title },
        { __typename: 'StateChange', at: AT, author: 'desk', to: row.status },
      ].slice(-last),
  });
  const casesOf = ({ state, limit }: { readonly state?: string; readonly limit: number }, account?: string) =>
    rows
      .filter((row) => (account ?? row.account) === row.account && (state ?? row.status) === row.status)
      .slice(0, limit)
      .map(caseOf);
  const accountOf = (id: string) => {
    if (PLANS[id] === undefined) return null;
    return { id, plan: PLANS[id], cases: (args: { readonly limit: number }) => casesOf(args, id) };
  };
  const known = (id: string): CaseRow => {
    const row = rows.find((candidate) => candidate.id === id);
    if (row === undefined) throw failure(`Case ${id} does not exist in table cases`, 'NOT_FOUND');
    return row;
  };
  const opened = ({
    account,
    title,
    key,
  }: {
    readonly account: string;
    readonly title: string;
    readonly key?: string;
  }) => {
    const before = key === undefined ? undefined : madeBy.get(key);
    if (before !== undefined) return caseOf(before);
    if (PLANS[account] === undefined) throw failure(`No account ${account}`, 'NO_SUCH_ACCOUNT');
    const same = rows.find((row) => row.account === account && row.title === title && row.status !== 'closed');
    if (same !== undefined) return { __typename: 'Duplicate', of: caseOf(same) };
    const row = { id: `t${rows.length + 1}`, title, account, status: 'open' };
    rows.push(row);
    if (key !== undefined) madeBy.set(key, row);
    return caseOf(row);
  };
  return {
    case: ({ id }: { readonly id: string }) => caseOf(known(id)),
    cases: casesOf,
    find: (args: { readonly text: string }) => [
      ...rows.filter(({ title }) => title.includes(args.text)).map(caseOf),
      { __typename: 'Article', id: 'a1', headline: `All about ${args.text}` },
    ],
    // In another order than the keys.
    accountsByIds: ({ ids }: { readonly ids: readonly string[] }) => ids.map(accountOf).toReversed(),
    openCase: ({ input }: { readonly input: Parameters<typeof opened>[0] }) => opened(input),
    closeCase: ({ id }: { readonly id: string }) => {
      const row = known(id);
      if (row.status === 'closed') throw failure(`Case ${id} is closed since ${AT}`, 'CASE_CLOSED');
      row.status = 'closed';
      return caseOf(row);
    },
  };
};

/** The running service. */
export interface HelpdeskMock extends AsyncDisposable {
  readonly url: string;
  /** Operations so far, as sent. */
  readonly operations: readonly string[];
}

/** Starts the service on a free port, with two cases of the account c1. Like most services it answers errors with 200. */
export const startHelpdesk = async (): Promise<HelpdeskMock> => {
  const operations: string[] = [];
  const rootValue = rootOf([
    { id: 't1', title: 'No light', account: 'c1', status: 'waiting' },
    { id: 't2', title: 'Too bright', account: 'c1', status: 'open' },
  ]);
  const server = createServer(async (request, response) => {
    const { query, variables, operationName } = JSON.parse(await text(request));
    operations.push(query);
    const result = await graphql({ schema, source: query, rootValue, variableValues: variables, operationName });
    response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(result));
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  // A server that listens on a port has an address of this form.
  const { port } = server.address() as AddressInfo;
  const stop = async () => {
    const closed = once(server, 'close');
    server.close();
    server.closeAllConnections();
    await closed;
  };
  return { url: `http://127.0.0.1:${port}`, operations, [Symbol.asyncDispose]: stop };
};
