import { createHash } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/* A code hosting service with the habits of GitHub: Link headers, renamed repositories, ETags, limits as 403. */

type Json = Record<string, unknown>;

interface Answer {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body: unknown;
}

interface Asked {
  readonly origin: string;
  readonly query: URLSearchParams;
  readonly headers: IncomingMessage['headers'];
  readonly body: Json;
}

const WEB = 'https://hosting.example';
const DIFF = 'application/vnd.github.diff';

const accountOf = (login: string): Json => ({
  login,
  url: `https://api.hosting.example/users/${login}`,
  html_url: `${WEB}/${login}`,
});

/** Issues and pull requests of the repository, newest first: every third one is a pull request. */
const threadsOf = (count: number): readonly Json[] =>
  Array.from({ length: count }, (_, at) => {
    const number = count - at;
    const isPull = number % 3 === 0;
    return {
      number,
      title: `${isPull ? 'Change' : 'Question'} ${number}`,
      state: number === 1 ? 'closed' : 'open',
      user: number === 2 ? null : accountOf('ada'),
      url: `https://api.hosting.example/repositories/7/issues/${number}`,
      html_url: `${WEB}/ada/engine/${isPull ? 'pull' : 'issues'}/${number}`,
      ...(isPull && { draft: number === 3, pull_request: { diff_url: `${WEB}/ada/engine/pull/${number}.diff` } }),
    };
  });

const service = () => {
  const repository: Json = {
    id: 7,
    full_name: 'ada/engine',
    description: 'Computes.',
    url: 'https://api.hosting.example/repositories/7',
    html_url: `${WEB}/ada/engine`,
    stargazers_count: 12,
  };
  const etag = () => `"${createHash('sha256').update(JSON.stringify(repository)).digest('hex').slice(0, 16)}"`;
  const current = ({ headers }: Asked): Answer =>
    headers['if-none-match'] === etag()
      ? { status: 304, headers: { etag: etag() }, body: '' }
      : { status: 200, headers: { etag: etag() }, body: repository };
  const threads = threadsOf(7);

  const page = ({ origin, query }: Asked): Answer => {
    const state = query.get('state') ?? 'open';
    const found = threads.filter((thread) => thread.state === state);
    const [at, size] = [Number(query.get('page') ?? 1), Number(query.get('per_page') ?? 30)];
    const body = found.slice((at - 1) * size, at * size);
    if (at * size >= found.length) return { status: 200, body };
    const next = `${origin}/repositories/7/issues?state=${state}&per_page=${size}&page=${at + 1}`;
    return { status: 200, headers: { link: `<${next}>; rel="next", <${origin}/last>; rel="last"` }, body };
  };

  const update = (asked: Asked): Answer => {
    const { headers, body } = asked;
    if (headers['if-match'] !== etag()) return { status: 412, body: { message: 'Precondition Failed' } };
    if (String(body.description).length > 100) {
      const errors = [{ resource: 'Repository', field: 'description', code: 'invalid' }];
      return { status: 422, body: { message: 'Validation Failed', errors } };
    }
    repository.description = body.description;
    return current(asked);
  };

  const answers: Readonly<Record<string, (asked: Asked) => Answer>> = {
    'GET /repos/ada/engine': current,
    'GET /repositories/7': current,
    'HEAD /repositories/7': current,
    'GET /repos/ada/machine': ({ origin }) => ({
      status: 301,
      headers: { location: `${origin}/repositories/7` },
      body: { message: 'Moved Permanently' },
    }),
    'GET /repositories/7/issues': page,
    'PATCH /repositories/7': update,
    'GET /repositories/7/pulls/6': ({ headers }) =>
      headers.accept === DIFF
        ? { status: 200, headers: { 'content-type': `${DIFF}; charset=utf-8` }, body: 'diff --git a/x b/x\n' }
        : { status: 200, body: threads[1] },
  };
  return answers;
};

/** A running mock. */
export interface CodeHostingMock extends AsyncDisposable {
  readonly url: string;
  /** Method and path of every request, in order. */
  readonly calls: readonly string[];
  /** Headers of the next answer, which is a 403. */
  limitOnce(headers: Readonly<Record<string, string>>): void;
}

const jsonOf = async (request: IncomingMessage): Promise<Json> => {
  let text = '';
  for await (const chunk of request) text += String(chunk);
  return text === '' ? {} : JSON.parse(text);
};

const send = (response: ServerResponse, { status, headers = {}, body }: Answer): void => {
  const isText = typeof body === 'string';
  response
    .writeHead(status, { 'content-type': 'application/json; charset=utf-8', ...headers })
    .end(isText ? body : JSON.stringify(body));
};

/** Starts the mock on a free port. It accepts one token, and requires a `user-agent`. */
export const startCodeHosting = async (token: string): Promise<CodeHostingMock> => {
  const answers = service();
  const calls: string[] = [];
  let limit: Readonly<Record<string, string>> | null = null;

  const answerTo = async (request: IncomingMessage): Promise<Answer> => {
    const { method = '', url = '', headers } = request;
    calls.push(`${method} ${url}`);
    if (headers['user-agent'] !== 'shop') return { status: 403, body: { message: 'Send a user-agent.' } };
    if (headers.authorization !== `Bearer ${token}`) return { status: 401, body: { message: 'Bad credentials' } };
    if (limit !== null) {
      const limited = { status: 403, headers: limit, body: { message: 'API rate limit exceeded' } };
      limit = null;
      return limited;
    }
    const origin = `http://${headers.host}`;
    const { pathname, searchParams: query } = new URL(url, origin);
    const answer = answers[`${method} ${pathname}`];
    if (answer === undefined) return { status: 404, body: { message: 'Not Found' } };
    return answer({ origin, query, headers, body: await jsonOf(request) });
  };

  const server = createServer((request, response) => {
    answerTo(request).then(
      (answer) => send(response, answer),
      (error: Error) => response.destroy(error),
    );
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    calls,
    limitOnce: (headers) => {
      limit = headers;
    },
    [Symbol.asyncDispose]: () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
};
