import { once } from 'node:events';
import { createServer } from 'node:http';
import { Server, ServerCredentials, type ServerUnaryCall, type sendUnaryData } from '@grpc/grpc-js';
import { loadSync } from '@grpc/proto-loader';
import { portOf } from '../processes/ports.ts';

export interface ReviewServices extends AsyncDisposable {
  /** Endpoints of the services, by name of the upstream. */
  readonly addresses: { readonly reviews: string; readonly ratings: string };
  /** Requests to both so far. */
  readonly calls: readonly string[];
}

const REVIEWS = [
  { id: 'r1', productId: 'p1', stars: 5, text: 'Solid.' },
  { id: 'r2', productId: 'p3', stars: 2, text: 'Wobbles.' },
];

const answerTo = (target: string): unknown => {
  const url = new URL(target, 'http://reviews.invalid');
  const [, id] = /^\/reviews\/([^/]+)$/.exec(url.pathname) ?? [];
  if (id !== undefined) return REVIEWS.find((review) => review.id === id);
  const products = url.searchParams.get('products')?.split(',') ?? [];
  return url.pathname === '/reviews' ? REVIEWS.filter(({ productId }) => products.includes(productId)) : undefined;
};

type BatchGet = ServerUnaryCall<{ readonly productIds: readonly string[] }, unknown>;

const startRatings = async (proto: string, calls: string[]): Promise<{ server: Server; port: number }> => {
  const definition = loadSync(proto, { defaults: true })['ratings.v1.Ratings'];
  if (definition === undefined || 'format' in definition) throw new Error('the ratings are not declared');
  const server = new Server();
  server.addService(definition, {
    BatchGet: ({ request }: BatchGet, reply: sendUnaryData<unknown>) => {
      calls.push(`BatchGet ${request.productIds.join(',')}`);
      const ratings = request.productIds
        .filter((id) => id === 'p1')
        .map((productId) => ({ productId, average: 4.5, count: 2 }));
      reply(null, { ratings });
    },
  });
  const port = await new Promise<number>((resolve, reject) =>
    server.bindAsync('127.0.0.1:0', ServerCredentials.createInsecure(), (error, bound) =>
      error === null ? resolve(bound) : reject(error),
    ),
  );
  return { server, port };
};

/** The two services of docs/add-a-backend.md, on free ports. `proto` is the contract it shows. */
export const startReviewServices = async (proto: string): Promise<ReviewServices> => {
  const calls: string[] = [];
  const reviews = createServer((request, response) => {
    const language = request.headers['accept-language'];
    calls.push(`${request.method} ${request.url}${language === undefined ? '' : ` in ${language}`}`);
    const answer = answerTo(request.url ?? '/');
    response.writeHead(answer === undefined ? 404 : 200, { 'content-type': 'application/json' });
    response.end(answer === undefined ? undefined : JSON.stringify(answer));
  }).listen(0, '127.0.0.1');
  await once(reviews, 'listening');
  const ratings = await startRatings(proto, calls);
  return {
    addresses: { reviews: `http://127.0.0.1:${portOf(reviews)}`, ratings: `grpc://127.0.0.1:${ratings.port}` },
    calls,
    [Symbol.asyncDispose]: async () => {
      ratings.server.forceShutdown();
      reviews.closeAllConnections();
      await once(reviews.close(), 'close');
    },
  };
};
