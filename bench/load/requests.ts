import type { Contender } from '../harness/contenders.ts';
import type { Asked } from '../workloads/workload.ts';

const HEADERS = 'host: 127.0.0.1\r\naccept: application/json\r\n';

const get = (path: string): Buffer => Buffer.from(`GET ${path} HTTP/1.1\r\n${HEADERS}\r\n`);

/** An operation as clients send it. */
export const post = (query: string, variables: object): Buffer => {
  const body = JSON.stringify({ query, variables });
  const head = `POST /graphql HTTP/1.1\r\n${HEADERS}content-type: application/json\r\ncontent-length: ${Buffer.byteLength(body)}`;
  return Buffer.from(`${head}\r\n\r\n${body}`);
};

/** The bytes of a request, for this contender. */
export const requestFor = ({ speaks, title }: Contender, { query, variables, path }: Asked): Buffer => {
  if (speaks === 'graphql') return post(query, variables);
  if (path === null) throw new Error(`${title} has no page for this.`);
  return get(path);
};
