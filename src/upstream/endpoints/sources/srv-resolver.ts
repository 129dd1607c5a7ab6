import { randomInt } from 'node:crypto';
import { createSocket } from 'node:dgram';
import { getServers } from 'node:dns';
import { createConnection, isIPv6 } from 'node:net';
import * as packet from 'dns-packet';
import { type Clock, systemClock } from '../../../core/clock.ts';

export interface SrvRecord {
  /** Records of the lowest number are used first. */
  readonly priority: number;
  /** Share relative to the other records of this priority. */
  readonly weight: number;
  readonly port: number;
  /** Host name of the target. */
  readonly target: string;
}

/** Rejects if the name has no SRV record or no server answers in time. */
export type ResolveSrv = (name: string) => Promise<{ readonly records: readonly SrvRecord[]; readonly ttlMs: number }>;

export interface SrvResolverOptions {
  /** Addresses and ports of the DNS servers. Default: those of the system. */
  readonly servers?: readonly string[] | undefined;
  /** Timeout of one query to one server in milliseconds. Default 1,000. */
  readonly timeoutMs?: number;
  readonly clock?: Clock;
}

const DNS_PORT = 53;
/** UDP payload that passes every network unfragmented (DNS flag day 2020). */
const UDP_BYTES = 1_232;
/** Longest answer over TCP: its length has two bytes. */
const MAX_TCP_BYTES = 65_535 + 2;
/** Each server is queried this often. */
const TRIES = 2;

/** A failure with the code that Node's own resolver uses. */
const dnsError = (code: string): Error => Object.assign(new Error(code), { code });

interface ServerAddress {
  readonly host: string;
  readonly port: number;
}

/** Reads `10.0.0.2`, `10.0.0.2:53`, `fd00::2` or `[fd00::2]:53`. */
const serverOf = (text: string): ServerAddress => {
  const [, v6, v4, port] = /^(?:\[([^\]]+)\]|([^:]+)):(\d+)$/.exec(text) ?? [];
  return { host: v6 ?? v4 ?? text, port: port === undefined ? DNS_PORT : Number(port) };
};

const queryFor = (name: string): packet.Packet => ({
  type: 'query',
  id: randomInt(65_536),
  flags: packet.RECURSION_DESIRED,
  questions: [{ type: 'SRV', name }],
  additionals: [
    {
      type: 'OPT',
      name: '.',
      udpPayloadSize: UDP_BYTES,
      extendedRcode: 0,
      ednsVersion: 0,
      flags: 0,
      flag_do: false,
      options: [],
    },
  ],
});

/** Sends `start`'s query until it settles or the time is over, and releases its socket in any case. */
const within = <T>(
  { timeoutMs, clock }: { readonly timeoutMs: number; readonly clock: Clock },
  start: (resolve: (value: T) => void, reject: (error: Error) => void) => () => void,
): Promise<T> => {
  const { promise, resolve, reject } = Promise.withResolvers<T>();
  const release = start(resolve, reject);
  const timer = clock.after(timeoutMs, () => reject(dnsError('ETIMEOUT')));
  return promise.finally(() => {
    timer.cancel();
    release();
  });
};

type Limits = { readonly timeoutMs: number; readonly clock: Clock };

/** True for the answer to this query. Others on the socket are late or forged. */
const answers = (answer: packet.DecodedPacket, query: packet.Packet): boolean =>
  answer.type === 'response' &&
  answer.id === query.id &&
  answer.questions?.[0]?.type === 'SRV' &&
  answer.questions[0].name.toLowerCase() === query.questions?.[0]?.name.toLowerCase();

const overUdp = (query: packet.Packet, { host, port }: ServerAddress, limits: Limits): Promise<packet.DecodedPacket> =>
  within(limits, (resolve, reject) => {
    const socket = createSocket(isIPv6(host) ? 'udp6' : 'udp4');
    socket.on('error', reject);
    socket.on('message', (bytes) => {
      try {
        const answer = packet.decode(bytes);
        if (answers(answer, query)) resolve(answer);
      } catch {
        // Not a DNS message: wait for the answer.
      }
    });
    // A connected socket receives from this server only, and reports a closed port as an error.
    socket.connect(port, host, () => socket.send(packet.encode(query)));
    return () => socket.close();
  });

/** Queries over TCP, for answers that are too long for UDP (RFC 7766). */
const overTcp = (query: packet.Packet, { host, port }: ServerAddress, limits: Limits): Promise<packet.DecodedPacket> =>
  within(limits, (resolve, reject) => {
    const socket = createConnection({ host, port });
    let received = Buffer.alloc(0);
    socket.on('error', reject);
    socket.on('end', () => reject(dnsError('EBADRESP')));
    socket.on('data', (bytes: Buffer) => {
      received = Buffer.concat([received, bytes]);
      if (received.length > MAX_TCP_BYTES) return reject(dnsError('EBADRESP'));
      if (received.length < 2 || received.length < 2 + received.readUInt16BE(0)) return;
      try {
        const answer = packet.decode(received.subarray(2));
        if (answers(answer, query)) resolve(answer);
        else reject(dnsError('EBADRESP'));
      } catch {
        reject(dnsError('EBADRESP'));
      }
    });
    socket.on('connect', () => socket.write(packet.streamEncode(query)));
    return () => socket.destroy();
  });

const RCODES: Readonly<Record<string, string>> = { NXDOMAIN: 'ENOTFOUND', SERVFAIL: 'ESERVFAIL', REFUSED: 'EREFUSED' };

const rcodeOf = (answer: packet.DecodedPacket): string =>
  'rcode' in answer && typeof answer.rcode === 'string' ? answer.rcode : 'NOERROR';

const recordsIn = (answer: packet.DecodedPacket) => {
  const rcode = rcodeOf(answer);
  if (rcode !== 'NOERROR') throw dnsError(RCODES[rcode] ?? `E${rcode}`);
  const found = (answer.answers ?? []).flatMap((one) => (one.type === 'SRV' ? [one] : []));
  // A target "." states that the service does not exist at this name.
  const records = found
    .map(({ data: { priority = 0, weight = 0, port, target } }) => ({ priority, weight, port, target }))
    .filter(({ target, port }) => target !== '.' && target !== '' && port > 0);
  if (records.length === 0) throw dnsError('ENODATA');
  return { records, ttlMs: Math.min(...found.map(({ ttl = 0 }) => ttl)) * 1_000 };
};

/** True if another server may know more. */
const isFinal = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && (error.code === 'ENOTFOUND' || error.code === 'ENODATA');

/**
 * Queries DNS for SRV records and their time to live, which Node's resolver does not return. The servers are queried in
 * turn, each twice, over UDP and, for long answers, over TCP.
 */
export const srvResolver =
  ({ servers, timeoutMs = 1_000, clock = systemClock }: SrvResolverOptions = {}): ResolveSrv =>
  async (name) => {
    const limits = { timeoutMs, clock };
    let last: unknown = dnsError('ENOSERVER');
    const inTurn = (servers ?? getServers()).map(serverOf);
    for (const server of Array.from({ length: TRIES }, () => inTurn).flat()) {
      const query = queryFor(name);
      try {
        const answer = await overUdp(query, server, limits);
        return recordsIn(answer.flag_tc === true ? await overTcp(query, server, limits) : answer);
      } catch (error) {
        if (isFinal(error)) throw error;
        last = error;
      }
    }
    throw last;
  };
