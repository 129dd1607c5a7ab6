import { isIP } from 'node:net';
import { networkTest, readCidr } from '../ip-address.ts';

/** Returns true for a host and port that are called without a proxy. */
export type BypassTest = (host: string, port: number) => boolean;

const ENTRY = /^(?<host>.*?)(?::(?<port>\d{1,5}))?$/;

/** Returns the entries of `NO_PROXY`, which are separated by commas or spaces. */
export const noProxyEntries = (text: string): readonly string[] => text.split(/[\s,]+/).filter((entry) => entry !== '');

const NAME = /^(?:\*?\.)?(?:[a-z\d_](?:[a-z\d_-]{0,62})\.)*[a-z\d_](?:[a-z\d_-]{0,62})(?::\d{1,5})?$/i;

/** Returns the fault of one entry of `NO_PROXY`; null for a valid one. */
export const noProxyFault = (entry: string): string | null =>
  entry === '*' || readCidr(entry.replace(/^\[([^\]]*)\](?::\d{1,5})?$/, '$1')) !== null || NAME.test(entry)
    ? null
    : 'must be hosts such as .svc or example.com:8080, addresses or CIDRs, separated by commas, or *';

const entryTest = (entry: string): BypassTest => {
  if (entry === '*') return () => true;
  if (readCidr(entry) !== null) {
    const isWithin = networkTest([entry]);
    return (host) => isIP(host) !== 0 && isWithin(host);
  }
  const { host = '', port } = ENTRY.exec(entry)?.groups ?? {};
  const name = host
    .toLowerCase()
    .replace(/^\*?\./, '')
    .replace(/^\[|\]$/g, '');
  return (called, calledPort) =>
    (port === undefined || Number(port) === calledPort) && (called === name || called.endsWith(`.${name}`));
};

/**
 * Returns the test of `NO_PROXY`, as curl and Go read it: `example.com` and `.example.com` with all subdomains, a host
 * with a port, an address, a CIDR, or `*` for all.
 */
export const bypassTest = (entries: readonly string[]): BypassTest => {
  const tests = entries.map(entryTest);
  return (host, port) => {
    const called = host
      .toLowerCase()
      .replace(/^\[|\]$/g, '')
      .replace(/\.$/, '');
    return tests.some((matches) => matches(called, port));
  };
};
