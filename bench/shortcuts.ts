/** `node bench/shortcuts.ts`: CPU of the errors of many rows (P12 of docs/performance.md), and of parsing a document (P13). */
import { GraphQLError, parse } from 'graphql';
import { repeatedAt } from '../src/execution/run/repeated-error.ts';
import { printIsolated } from './report/isolated.ts';
import { askForPage } from './workloads/order-page.ts';

const ROWS = 50;
const CALLS = 100;

const { query } = askForPage(20, '', true);
/** A document of about as many tokens as the limit allows. */
const long = `{ ${Array.from({ length: 3_900 }, (_, at) => `a${at}: __typename`).join(' ')} }`;

const { definitions } = parse(query);
const originalError = new Error('down');
const pathOf = (row: number) => ['orders', row, 'stock'];
const errorAt = (row: number) => new GraphQLError('down', { nodes: definitions, path: pathOf(row), originalError });
const ROW_NUMBERS = Array.from({ length: ROWS }, (_, row) => row);

const CONTENDERS: Readonly<Record<string, () => unknown>> = {
  [`an error for ${ROWS} rows, each from the first`]: () => {
    const first = errorAt(0);
    return ROW_NUMBERS.map((row) => repeatedAt(first, pathOf(row)));
  },
  [`an error for ${ROWS} rows, each a GraphQLError`]: () => ROW_NUMBERS.map(errorAt),
  'parse of OrderPage': () => parse(query, { noLocation: true }),
  'parse of 3,900 fields': () => parse(long, { noLocation: true }),
};

printIsolated(CONTENDERS, CALLS);
