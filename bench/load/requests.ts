import type { Contender } from '../harness/contenders.ts';
import type { Asked } from '../workloads/workload.ts';
import { bare } from './clients.ts';

const HOST = 'host: 127.0.0.1\r\n';

const get = (path: string, headers: string): Buffer => Buffer.from(`GET ${path} HTTP/1.1\r\n${HOST}${headers}\r\n`);

const post = (query: string, variables: object, headers: string): Buffer => {
  const body = JSON.stringify({ query, variables });
  const content = `content-type: application/json\r\ncontent-length: ${Buffer.byteLength(body)}\r\n`;
  return Buffer.from(`POST /graphql HTTP/1.1\r\n${HOST}${headers}${content}\r\n${body}`);
};

/** The bytes of the nth request, for this contender and its kind of client. */
export const requestFor = (contender: Contender, { query, variables, path }: Asked, at: number): Buffer => {
  const headers = (contender.client ?? bare).headers(at);
  if (contender.speaks === 'graphql') return post(query, variables, headers);
  if (path === null) throw new Error(`${contender.title} has no page for this.`);
  return get(path, headers);
};
