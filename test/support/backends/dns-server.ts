import { createSocket } from 'node:dgram';
import { once } from 'node:events';

/** Records of a name, or the failure of its query. */
export type Zone =
  | {
      readonly is: 'addresses';
      readonly a?: readonly string[];
      readonly aaaa?: readonly string[];
      readonly ttlS: number;
    }
  | { readonly is: 'nxdomain' }
  | { readonly is: 'servfail' }
  | { readonly is: 'silent' };

export interface DnsServer extends AsyncDisposable {
  /** `127.0.0.1:<port>` */
  readonly address: string;
  /** Number of queries, for any name. */
  readonly asked: number;
  set(name: string, zone: Zone): void;
}

const TYPE_A = 1;
const TYPE_AAAA = 28;
const HEADER_BYTES = 12;
/** A pointer to the name in the question (RFC 1035, 4.1.4). */
const SAME_NAME = 0xc00c;

const questionOf = (query: Buffer) => {
  const labels: string[] = [];
  let at = HEADER_BYTES;
  for (let length = query[at] ?? 0; length > 0; length = query[at] ?? 0) {
    labels.push(query.toString('latin1', at + 1, at + 1 + length));
    at += 1 + length;
  }
  const type = query.readUInt16BE(at + 1);
  return { name: labels.join('.').toLowerCase(), type, bytes: query.subarray(HEADER_BYTES, at + 5) };
};

const v6 = (address: string): Buffer => {
  const [head = '', tail = ''] = address.split('::');
  const left = head === '' ? [] : head.split(':');
  const right = tail === '' ? [] : tail.split(':');
  const middle = Array.from({ length: 8 - left.length - right.length }, () => '0');
  const bytes = Buffer.alloc(16);
  [...left, ...middle, ...right].forEach((part, index) => {
    bytes.writeUInt16BE(Number.parseInt(part, 16), index * 2);
  });
  return bytes;
};

const record = (type: number, ttlS: number, data: Buffer): Buffer => {
  const head = Buffer.alloc(12);
  head.writeUInt16BE(SAME_NAME, 0);
  head.writeUInt16BE(type, 2);
  head.writeUInt16BE(1, 4);
  head.writeUInt32BE(ttlS, 6);
  head.writeUInt16BE(data.length, 10);
  return Buffer.concat([head, data]);
};

const recordsOf = (zone: Zone, type: number): readonly Buffer[] => {
  if (zone.is !== 'addresses') return [];
  if (type === TYPE_A)
    return (zone.a ?? []).map((address) => record(type, zone.ttlS, Buffer.from(address.split('.').map(Number))));
  return type === TYPE_AAAA ? (zone.aaaa ?? []).map((address) => record(type, zone.ttlS, v6(address))) : [];
};

const RCODES = { addresses: 0, servfail: 2, nxdomain: 3 } as const;

/** A DNS server over UDP with records that a test sets (RFC 1035). Other names do not exist. */
export const dnsServer = async (): Promise<DnsServer> => {
  const zones = new Map<string, Zone>();
  const socket = createSocket('udp4');
  let asked = 0;
  socket.on('message', (query, from) => {
    asked += 1;
    const { name, type, bytes } = questionOf(query);
    const zone = zones.get(name) ?? { is: 'nxdomain' };
    if (zone.is === 'silent') return;
    const records = recordsOf(zone, type);
    const head = Buffer.alloc(HEADER_BYTES);
    head.writeUInt16BE(query.readUInt16BE(0), 0);
    head.writeUInt16BE(0x8180 | RCODES[zone.is], 2);
    head.writeUInt16BE(1, 4);
    head.writeUInt16BE(records.length, 6);
    socket.send(Buffer.concat([head, bytes, ...records]), from.port, from.address);
  });
  socket.bind(0, '127.0.0.1');
  await once(socket, 'listening');
  return {
    address: `127.0.0.1:${socket.address().port}`,
    get asked() {
      return asked;
    },
    set: (name, zone) => void zones.set(name, zone),
    [Symbol.asyncDispose]: async () => {
      socket.close();
      await once(socket, 'close');
    },
  };
};
