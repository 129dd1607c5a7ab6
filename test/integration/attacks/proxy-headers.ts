import { expect } from 'vitest';
import { publicRig } from '../../support/http/public-rig.ts';
import { exchange, post } from '../../support/http/raw-http.ts';
import { type Attack, refused, scenario } from './attack.ts';
import { HELLO } from './http.ts';

const V1 = 'PROXY TCP4 10.0.0.1 10.0.0.2 1 2\r\n';
const SIGNATURE = '0d0a0d0a000d0a515549540a';
const v2 = (rest: string): Buffer => Buffer.from(SIGNATURE + rest.replaceAll(' ', ''), 'hex');
const followed = (header: string | Buffer): Buffer => Buffer.concat([Buffer.from(header), Buffer.from(post(HELLO))]);

const closes = { closes: true } as const;

/** PROXY headers of a client, on a listener that expects none. */
const uninvited: readonly Attack[] = [
  refused('next', 'a PROXY header of version 1 from a client', followed(V1), closes),
  refused(
    'next',
    'a PROXY header of version 2 from a client',
    followed(v2('21 11 000c 0a000001 0a000002 0001 0002')),
    closes,
  ),
];

/** Beginnings of connections from a trusted proxy that are closed without a response. */
const INVALID: Readonly<Record<string, string | Buffer>> = {
  'no header': '',
  'TLS instead of a header': Buffer.from('16030100ff', 'hex'),
  'an address that is no address': 'PROXY TCP4 evil.test 10.0.0.2 1 2\r\n',
  'an address with a request in it': 'PROXY TCP4 10.0.0.1\r\nGET / HTTP/1.1 10.0.0.2 1 2\r\n',
  'a bare line feed': V1.replace('\r\n', '\n'),
  'a header of 300 bytes': `PROXY UNKNOWN ${'x'.repeat(300)}\r\n`,
  'a header of version 2 with 64 KiB': v2('21 11 ffff 0a000001 0a000002 0001 0002'),
  'a header of version 2 without its addresses': v2('21 11 0000'),
  'a header of version 2 for UDP': v2('21 12 000c 0a000001 0a000002 0001 0002'),
  'a header of version 3': v2('31 11 000c 0a000001 0a000002 0001 0002'),
};

const invalid = Object.entries(INVALID).map(([title, header]) =>
  scenario('next', `a trusted proxy sends ${title}`, async () => {
    await using rig = await publicRig({ proxyProtocol: ['127.0.0.1'] });
    expect(await exchange(rig.port, followed(header))).toEqual({ answer: undefined, closes: true });
    expect([rig.clients, rig.errors, rig.warnings.length]).toEqual([[], [], 1]);
  }),
);

/** Attacks with the header of the PROXY protocol. */
export const proxyHeaders: readonly Attack[] = [...uninvited, ...invalid];
