import { once } from 'node:events';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';

interface PetRow {
  /** Digits of a 64-bit number. */
  readonly id: string;
  readonly name: string;
  readonly status?: string;
  readonly photoUrls: readonly string[];
}

const FIRST = 9_223_372_036_854_775_000n;

/** JSON in which ids are numbers, as the service writes them. */
const json = (value: unknown): string => JSON.stringify(value).replaceAll(/"(id|petId)":"(\d+)"/g, '"$1":$2');

/** JSON in which ids are text, so that they keep all digits. */
const parsed = (body: Buffer) => JSON.parse(body.toString().replaceAll(/"(id|petId)":(\d+)/g, '"$1":"$2"'));

interface Reply {
  readonly status: number;
  readonly value: unknown;
}

const good = (value: unknown): Reply => ({ status: 200, value });
const bad = (status: number, message: string): Reply => ({ status, value: { code: status, message } });

const storeOf = (pets: Map<string, PetRow>) => {
  const saved = (pet: PetRow): Reply => {
    pets.set(pet.id, pet);
    return good(pet);
  };
  const updated = (pet: PetRow, form: URLSearchParams): Reply =>
    saved({ ...pet, name: form.get('name') ?? pet.name, status: form.get('status') ?? pet.status ?? 'available' });
  return (method: string, { pathname, searchParams }: URL, body: Buffer): Reply => {
    const [, id = '', action] = /^\/pet\/(\d+)(?:\/(\w+))?$/.exec(pathname) ?? [];
    const pet = pets.get(id);
    if (pathname === '/pet/findByStatus') {
      const statuses = searchParams.getAll('status');
      return good([...pets.values()].filter(({ status = '' }) => statuses.includes(status)));
    }
    if (method === 'POST' && pathname === '/pet')
      return saved({ ...parsed(body), id: String(FIRST + BigInt(pets.size)) });
    if (method === 'POST' && pathname === '/store/order')
      return good({ id: '1', complete: false, status: 'placed', ...parsed(body) });
    if (pet === undefined) return bad(404, `Pet ${id} not found`);
    if (method === 'GET') return good(pet);
    if (action !== 'uploadImage') return updated(pet, new URLSearchParams(body.toString()));
    return good({
      code: 200,
      type: 'unknown',
      message: `${searchParams.get('additionalMetadata')}: ${body.length} bytes`,
    });
  };
};

/** The running service. */
export interface PetstoreMock extends AsyncDisposable {
  readonly url: string;
  /** Method and target of the requests so far, with the media type of a body. */
  readonly requests: readonly string[];
}

const shown = ({ method, url, headers }: IncomingMessage): string =>
  [method, url, headers['content-type']].filter((part) => part !== undefined).join(' ');

/** Starts the service on a free port, with one pet. It accepts this key only. */
export const startPetstore = async (key: string): Promise<PetstoreMock> => {
  const requests: string[] = [];
  const answer = storeOf(new Map([[String(FIRST), { id: String(FIRST), name: 'Rex', status: 'sold', photoUrls: [] }]]));
  const server = createServer(async (request, response) => {
    requests.push(shown(request));
    const { method = 'GET', url = '/', headers } = request;
    const body = await buffer(request);
    const isKnown = headers.api_key === key;
    const { status, value } = isKnown ? answer(method, new URL(url, 'http://mock'), body) : bad(401, 'Unknown key');
    response.writeHead(status, { 'content-type': 'application/json' }).end(json(value));
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
  return { url: `http://127.0.0.1:${port}`, requests, [Symbol.asyncDispose]: stop };
};
