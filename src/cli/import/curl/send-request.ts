import { CommandFailure } from '../../command/exit-code.ts';
import type { ImportDependencies } from '../import-source.ts';
import { answerTo, localBytes, type SourceAnswer, shownPath } from '../read-source.ts';
import type { CurlBody, CurlRequest } from './curl-request.ts';
import { isSecretName } from './request-credentials.ts';

/** The answer to a curl command, or a recorded one. `type` is its media type. */
export interface CurlAnswer {
  readonly type: string;
  readonly bytes: Buffer;
}

/** More would be data instead of an example of it. */
export const MAX_ANSWER_BYTES = 8 * 1024 * 1024;
const MAX_REDIRECTS = 5;
/** fetch sets these itself. */
const OF_CONNECTION = new Set(['accept-encoding', 'connection', 'content-length', 'host', 'transfer-encoding']);

const formOf = async (fields: (CurlBody & { readonly kind: 'fields' })['fields']): Promise<FormData> => {
  const form = new FormData();
  for (const { name, value, file } of fields) {
    if (file === null) form.append(name, value);
    else {
      const bytes = await localBytes(file.path, shownPath(file.path));
      form.append(name, new File([new Uint8Array(bytes)], file.name, { type: file.type }));
    }
  }
  return form;
};

/** The URL without the values of secrets. */
const shownUrl = (url: URL): string => {
  const query = [...url.searchParams].map(([name, value]) => `${name}=${isSecretName(name) ? '…' : value}`);
  return `${url.origin}${url.pathname}${query.length === 0 ? '' : `?${query.join('&')}`}`;
};

const shownBody = (body: CurlBody | null): string[] => {
  if (body === null) return [];
  if (body.kind === 'whole') return [`  body: ${body.bytes.length} bytes of ${body.type}`];
  return [`  body: fields ${body.fields.map(({ name }) => name).join(', ')} of multipart/form-data`];
};

/** What is sent, without the values of headers and secrets. */
const announcement = ({ method, url, headers, body }: CurlRequest): string =>
  [
    `Sends once: ${method.toUpperCase()} ${shownUrl(url)}`,
    ...(headers.size === 0 ? [] : [`  headers: ${[...headers.keys()].join(', ')}`]),
    ...shownBody(body),
  ].join('\n');

/**
 * Sends the request of a curl command once, after it has been announced.
 *
 * @throws CommandFailure for a status other than 2xx, for a redirect without -L or to another origin, and after 30 seconds
 */
export const sendRequest = async (request: CurlRequest, dependencies: ImportDependencies): Promise<CurlAnswer> => {
  const { method, headers, body, follows } = request;
  const { clock, announce } = dependencies;
  announce(announcement(request));
  const sent = new Headers([...headers].filter(([name]) => !OF_CONNECTION.has(name)));
  if (body?.kind === 'whole') sent.set('content-type', body.type);
  // The boundary of the parts belongs to the type, which fetch sets.
  if (body?.kind === 'fields') sent.delete('content-type');
  if (!sent.has('accept')) sent.set('accept', '*/*');
  const content = body === null ? null : body.kind === 'whole' ? new Uint8Array(body.bytes) : await formOf(body.fields);
  const deadline = clock.now();
  let { url } = request;
  for (let redirects = 0; ; redirects += 1) {
    const answer: SourceAnswer = await answerTo({
      url,
      name: `${url.origin}${url.pathname}`,
      options: { method: method.toUpperCase(), headers: sent, body: content, redirect: 'manual' },
      fix: 'Correct the command until curl has a good answer, or pass one with --answer FILE.',
      clock,
      maxBytes: MAX_ANSWER_BYTES,
      spentMs: clock.now() - deadline,
    });
    const location = answer.headers.get('location');
    if (answer.status < 300) return { type: answer.headers.get('content-type') ?? '', bytes: answer.bytes };
    const next = location !== null && URL.canParse(location, url) ? new URL(location, url) : null;
    const refused = (reason: string) => new CommandFailure(`${url.origin}${url.pathname} redirects: ${reason}.`);
    if (!follows || method !== 'get') throw refused('use the address of the redirect, or -L for a GET');
    if (next === null || next.origin !== url.origin)
      throw refused('another host would receive the headers, so use its address');
    if (redirects >= MAX_REDIRECTS) throw refused(`more than ${MAX_REDIRECTS} times`);
    url = next;
  }
};
