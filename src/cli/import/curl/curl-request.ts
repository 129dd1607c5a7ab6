import { basename } from 'node:path';
import { UsageError } from '../../command/exit-code.ts';
import { localBytes, shownPath } from '../read-source.ts';
import { type CurlCommand, type CurlData, curlCommand } from './curl-command.ts';

/** A field of a multipart body; `file` is its content as a file. */
export interface CurlField {
  readonly name: string;
  readonly value: string;
  readonly file: { readonly path: string; readonly type: string; readonly name: string } | null;
}

/** The body of a request. `type` is its media type. */
export type CurlBody =
  | { readonly kind: 'whole'; readonly type: string; readonly bytes: Buffer }
  | { readonly kind: 'fields'; readonly fields: readonly CurlField[] };

/** The request that a curl command sends. */
export interface CurlRequest {
  readonly method: 'get' | 'post' | 'put' | 'patch' | 'delete';
  readonly url: URL;
  /** Names in lower case. */
  readonly headers: ReadonlyMap<string, string>;
  readonly body: CurlBody | null;
  readonly follows: boolean;
}

const METHODS = ['get', 'post', 'put', 'patch', 'delete'] as const;

const methodOf = ({ method, data, form, isQuery }: CurlCommand): CurlRequest['method'] => {
  const named = method ?? (form.length > 0 || (data.length > 0 && !isQuery) ? 'POST' : 'GET');
  const found = METHODS.find((one) => one === named.toLowerCase());
  if (found === undefined)
    throw new UsageError(`The method ${named} cannot be imported: use GET, POST, PUT, PATCH or DELETE.`);
  return found;
};

/** The commands that an import writes have … and {name} in place of values. */
const placeholder = (place: string, found: string): UsageError =>
  new UsageError(`${place} of the curl command has ${found}: replace it with the value.`);

const urlOf = (text: string): URL => {
  const [found] = /…|\{[\w.-]*\}/.exec(text) ?? [];
  if (found !== undefined) throw placeholder('The URL', found);
  const url = URL.canParse(text) ? new URL(text) : null;
  if (url === null || !/^https?:$/.test(url.protocol))
    throw new UsageError('The URL of the curl command is not valid: it begins with http:// or https://.');
  return url;
};

const headersOf = (lines: readonly string[]): Map<string, string> => {
  const headers = new Map<string, string>();
  for (const line of lines) {
    const [, name = '', value = ''] = /^([\w!#$%&'*+.^`|~-]+)\s*:\s*(.*?)\s*$/s.exec(line) ?? [];
    if (name === '' && /^[\w-]+;$/.test(line)) continue;
    if (name === '') throw new UsageError("A -H of the curl command is not valid: use 'name: value'.");
    if (value.includes('…')) throw placeholder(`The header ${name}`, '…');
    if (!/^[\x20-\x7e]*$/.test(value))
      throw new UsageError(`The header ${name} of the curl command is not printable ASCII.`);
    const key = name.toLowerCase();
    const known = headers.get(key);
    if (value !== '') headers.set(key, known === undefined ? value : `${known}, ${value}`);
  }
  return headers;
};

const fileAt = (path: string): Promise<Buffer> => localBytes(path, shownPath(path));

/** The bytes of one part of the data. */
const bytesOf = async ({ option, value }: CurlData): Promise<Buffer> => {
  if (value === '…') throw placeholder('The data', '…');
  if (option === 'data-urlencode') {
    const [, name = '', sign, content = ''] = /^([^=@]*)([=@])(.*)$/s.exec(value) ?? [];
    if (sign === undefined) return Buffer.from(encodeURIComponent(value));
    const plain = sign === '@' ? (await fileAt(content)).toString('utf8') : content;
    return Buffer.from(`${name === '' ? '' : `${name}=`}${encodeURIComponent(plain)}`);
  }
  if (option === 'data-raw' || !value.startsWith('@')) return Buffer.from(value);
  const bytes = await fileAt(value.slice(1));
  // As curl does: only --data-binary and --json keep the line ends of a file.
  return option === 'data' ? Buffer.from(bytes.toString('utf8').replaceAll(/[\r\n]/g, '')) : bytes;
};

const joined = async (data: readonly CurlData[]): Promise<Buffer> => {
  const parts = await Promise.all(data.map(bytesOf));
  const sign = data.some(({ option }) => option === 'json') ? '' : '&';
  return Buffer.concat(parts.flatMap((part, at) => (at === 0 ? [part] : [Buffer.from(sign), part])));
};

const fieldOf = async (text: string): Promise<CurlField> => {
  const [, name = '', value = ''] = /^([^=]+)=(.*)$/s.exec(text) ?? [];
  if (name === '') throw new UsageError('A -F of the curl command is not valid: use name=value or name=@file.');
  const [path = '', ...parameters] = value.slice(1).split(';');
  const parameter = (key: string) => parameters.find((one) => one.startsWith(`${key}=`))?.slice(key.length + 1);
  if (value.startsWith('<')) return { name, value: (await fileAt(path)).toString('utf8'), file: null };
  if (!value.startsWith('@')) return { name, value, file: null };
  const file = {
    path,
    type: parameter('type') ?? 'application/octet-stream',
    name: parameter('filename') ?? basename(path),
  };
  return { name, value: '', file };
};

const bodyOf = async (command: CurlCommand, headers: ReadonlyMap<string, string>): Promise<CurlBody | null> => {
  const { data, form, isQuery } = command;
  if (form.length > 0) return { kind: 'fields', fields: await Promise.all(form.map(fieldOf)) };
  if (data.length === 0 || isQuery) return null;
  const isJson = data.some(({ option }) => option === 'json');
  const byDefault = isJson ? 'application/json' : 'application/x-www-form-urlencoded';
  return { kind: 'whole', type: headers.get('content-type') ?? byDefault, bytes: await joined(data) };
};

/**
 * Reads the request of a curl command, and the files that its data names.
 *
 * @throws UsageError and CommandFailure, without any value of the command
 */
export const curlRequest = async (line: string): Promise<CurlRequest> => {
  const command = curlCommand(line);
  const url = urlOf(command.url);
  const user = url.username === '' ? [] : [`${decodeURIComponent(url.username)}:${decodeURIComponent(url.password)}`];
  const headers = headersOf([
    ...user.map((one) => `authorization: Basic ${Buffer.from(one).toString('base64')}`),
    ...command.headers,
  ]);
  [url.username, url.password, url.hash] = ['', '', ''];
  if (command.isQuery && command.data.length > 0) {
    const query = (await joined(command.data)).toString('utf8');
    url.search = url.search === '' ? query : `${url.search}&${query}`;
  }
  return { method: methodOf(command), url, headers, body: await bodyOf(command, headers), follows: command.follows };
};
