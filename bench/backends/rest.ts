import { createServer, type Socket } from 'node:net';
import { customersOf, ordersPage, productsOf } from './data.ts';
import { kept } from './kept.ts';
import type { Kind, Traffic } from './traffic.ts';

const END_OF_HEAD = '\r\n\r\n';

const message = (status: string, body: string): Buffer => {
  const head = `HTTP/1.1 ${status}\r\ncontent-type: application/json\r\ncontent-length: ${Buffer.byteLength(body)}`;
  return Buffer.from(head + END_OF_HEAD + body);
};

const FAILURE = message('503 Service Unavailable', '{"title":"out of order"}');
const WELL = message('200 OK', '{}');

const idsOf = (query: URLSearchParams): readonly string[] => (query.get('ids') ?? '').split(',');

const bodyOf = (kind: Kind, query: URLSearchParams): unknown => {
  switch (kind) {
    case 'orders':
      return ordersPage(Number(query.get('limit')), query.get('after'));
    case 'customers':
      return customersOf(idsOf(query));
    default:
      return productsOf(idsOf(query));
  }
};

const respond = (socket: Socket, bytes: Buffer): void => {
  if (socket.writable) socket.write(bytes);
};

/**
 * A REST backend on bare sockets: GET requests on kept-alive connections, and nothing else of HTTP. Whole answers are kept
 * by the request's target, since its price is paid on the core of the load. Resolves with its port.
 */
export const serveRest = (kind: Kind, traffic: Traffic): Promise<number> => {
  const answerTo = kept((target) =>
    message('200 OK', JSON.stringify(bodyOf(kind, new URL(target, 'http://bench').searchParams))),
  );
  const answer = (socket: Socket, target: string): void => {
    if (target === '/health') respond(socket, WELL);
    else traffic.answer(kind, (failing) => respond(socket, failing ? FAILURE : answerTo(target)));
  };
  const server = createServer({ noDelay: true }, (socket) => {
    let heard = '';
    socket.setEncoding('latin1').on('data', (text: string) => {
      heard += text;
      for (let end = heard.indexOf(END_OF_HEAD); end !== -1; end = heard.indexOf(END_OF_HEAD)) {
        answer(socket, heard.slice(heard.indexOf(' ') + 1, heard.indexOf(' HTTP/1.1')));
        heard = heard.slice(end + END_OF_HEAD.length);
      }
    });
    socket.on('error', () => socket.destroy());
  });
  return new Promise((resolve) => {
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      resolve(address !== null && typeof address === 'object' ? address.port : 0);
    });
  });
};
