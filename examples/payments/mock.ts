import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/* A payment service with the habits of Stripe: forms with brackets, idempotency keys, cursors, expansions. */

type Json = Record<string, unknown>;
type Fields = Readonly<Record<string, string>>;

/** An error response. `param` is the field that it concerns. */
class Refusal extends Error {
  readonly status: number;
  readonly body: Json;

  constructor(status: number, error: { readonly type: string; readonly code?: string; readonly param?: string }) {
    super(error.code ?? error.type);
    this.status = status;
    this.body = { error: { message: 'A text with data of the account.', ...error } };
  }
}

interface Request {
  readonly id: string;
  readonly fields: Fields;
  /** `expand[]` of the query or the form. */
  readonly expand: readonly string[];
  readonly file: File | null;
}

/** `{ metadata: { a: '1' } }` of `metadata[a]=1`. */
const metadataOf = (fields: Fields): Json =>
  Object.fromEntries(
    Object.entries(fields).flatMap(([name, value]) => {
      const key = /^metadata\[(.+)\]$/.exec(name)?.[1];
      return key === undefined ? [] : [[key, value]];
    }),
  );

const wholeNumber = (fields: Fields, param: string): number => {
  const value = Number(fields[param]);
  if (!Number.isInteger(value) || value < 1)
    throw new Refusal(400, { type: 'invalid_request_error', code: 'parameter_invalid_integer', param });
  return value;
};

const paymentService = () => {
  const charges = new Map<string, Json>();
  const customers = new Map<string, Json>();

  const existing = (rows: ReadonlyMap<string, Json>, id: string | undefined, param = 'id'): Json => {
    const row = rows.get(id ?? '');
    if (row === undefined) throw new Refusal(404, { type: 'invalid_request_error', code: 'resource_missing', param });
    return row;
  };

  const expanded = (charge: Json, isExpanded: boolean): Json =>
    isExpanded && charge.customer !== null
      ? { ...charge, customer: customers.get(String(charge.customer)) ?? { id: charge.customer, deleted: true } }
      : charge;

  const routes: Readonly<Record<string, (request: Request) => Json>> = {
    'POST /v1/customers': ({ fields }) => {
      const id = `cus_${customers.size + 1}`;
      const { name = null, email = null } = fields;
      customers.set(id, { id, object: 'customer', name, email, metadata: metadataOf(fields) });
      return existing(customers, id);
    },

    'POST /v1/charges': ({ fields, expand }) => {
      const amount = wholeNumber(fields, 'amount');
      if (fields.source === 'tok_expired')
        throw new Refusal(402, { type: 'card_error', code: 'expired_card', param: 'exp_month' });
      const id = `ch_${charges.size + 1}`;
      const customer = fields.customer ?? null;
      if (customer !== null) existing(customers, customer, 'customer');
      const created = 1_790_000_000 + charges.size;
      const { currency } = fields;
      const charge = { id, object: 'charge', amount, amount_refunded: 0, currency, status: 'succeeded', created };
      charges.set(id, { ...charge, customer, metadata: metadataOf(fields) });
      return expanded(existing(charges, id), expand.includes('customer'));
    },

    'GET /v1/charges': ({ fields, expand }) => {
      const all = [...charges.values()].reverse();
      const found = all.filter(({ customer }) => fields.customer === undefined || customer === fields.customer);
      const start = found.findIndex(({ id }) => id === fields.starting_after) + 1;
      const end = start + Number(fields.limit ?? 10);
      const data = found.slice(start, end).map((charge) => expanded(charge, expand.includes('data.customer')));
      return { object: 'list', url: '/v1/charges', has_more: end < found.length, data };
    },

    'GET /v1/charges/{id}': ({ id, expand }) => expanded(existing(charges, id), expand.includes('customer')),

    'POST /v1/refunds': ({ fields }) => {
      const charge = existing(charges, fields.charge, 'charge');
      const rest = Number(charge.amount) - Number(charge.amount_refunded);
      const amount = fields.amount === undefined ? rest : wholeNumber(fields, 'amount');
      if (amount > rest || rest === 0)
        throw new Refusal(400, { type: 'invalid_request_error', code: 'charge_already_refunded', param: 'amount' });
      charge.amount_refunded = Number(charge.amount_refunded) + amount;
      return { id: `re_${String(charge.id)}`, object: 'refund', amount, currency: charge.currency, charge: charge.id };
    },

    'POST /v1/files': ({ fields, file }) => {
      if (file === null || fields.purpose !== 'dispute_evidence')
        throw new Refusal(400, { type: 'invalid_request_error', code: 'parameter_missing', param: 'file' });
      return { id: 'file_1', object: 'file', filename: file.name, size: file.size, type: file.type };
    },
  };
  return routes;
};

const bytesOf = async (request: IncomingMessage): Promise<Buffer> => {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk);
  return Buffer.concat(chunks);
};

const read = async ({ query, type, body, id }: { query: URLSearchParams; type: string; body: Buffer; id: string }) => {
  const form = type === '' ? [] : [...(await new Response(body, { headers: { 'content-type': type } }).formData())];
  const values = [...query, ...form];
  const texts = values.filter((value): value is [string, string] => typeof value[1] === 'string');
  return {
    id,
    fields: Object.fromEntries(texts),
    expand: texts.filter(([name]) => name === 'expand[]').map(([, value]) => value),
    file: values.map(([, value]) => value).find((value) => value instanceof File) ?? null,
  };
};

/** A running mock. */
export interface PaymentMock extends AsyncDisposable {
  readonly url: string;
  /** Method and path of every request, in order. */
  readonly calls: readonly string[];
}

/** Starts the mock on a free port. It accepts one key. */
export const startPayments = async (key: string): Promise<PaymentMock> => {
  const routes = paymentService();
  const calls: string[] = [];
  const answers = new Map<string, { readonly fingerprint: string; readonly answer: Json }>();

  const answerTo = async (request: IncomingMessage): Promise<Json> => {
    const { method = '', url = '', headers } = request;
    calls.push(`${method} ${url}`);
    if (headers.authorization !== `Bearer ${key}`) throw new Refusal(401, { type: 'invalid_request_error' });
    const { pathname, searchParams: query } = new URL(url, 'http://mock');
    const [, list = '', id = ''] = /^(\/v1\/\w+)(?:\/(\w+))?$/.exec(pathname) ?? [];
    const route = routes[`${method} ${list}${id === '' ? '' : '/{id}'}`];
    if (route === undefined) throw new Refusal(404, { type: 'invalid_request_error' });

    const asked = await read({ query, type: headers['content-type'] ?? '', body: await bytesOf(request), id });
    const repeated = String(headers['idempotency-key'] ?? '');
    if (repeated === '') return route(asked);
    const fingerprint = JSON.stringify([method, pathname, asked.fields]);
    const earlier = answers.get(repeated);
    if (earlier !== undefined && earlier.fingerprint !== fingerprint)
      throw new Refusal(400, { type: 'idempotency_error' });
    const answer = earlier?.answer ?? route(asked);
    answers.set(repeated, { fingerprint, answer });
    return answer;
  };

  const send = (response: ServerResponse, status: number, body: Json): void => {
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
  };
  const server = createServer((request, response) => {
    answerTo(request).then(
      (body) => send(response, 200, body),
      (error: unknown) =>
        error instanceof Refusal ? send(response, error.status, error.body) : response.destroy(error as Error),
    );
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    calls,
    [Symbol.asyncDispose]: () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
};
