import { expect, test } from 'vitest';
import { file } from './file.ts';
import { multipartBody } from './multipart.ts';

/** The bytes as text, with a fixed boundary. */
const textOf = async (bytes: Uint8Array | ArrayBuffer, type: string): Promise<string> => {
  const boundary = /boundary=(.*)$/.exec(type)?.[1] ?? '';
  return Buffer.from(new Uint8Array(bytes)).toString('latin1').replaceAll(boundary, 'BOUNDARY');
};

const encoded = async (fields: object): Promise<string> => {
  const { type, content } = multipartBody(fields, 'repeat');
  if (!(content instanceof Uint8Array)) throw new Error('the body has streams');
  return textOf(content, type);
};

/** The body that Node's fetch sends, which encodes as browsers do. */
const ofFetch = async (form: FormData): Promise<string> => {
  const response = new Response(form);
  return textOf(await response.arrayBuffer(), response.headers.get('content-type') ?? '');
};

const HOSTILE = [
  'a"b',
  'a\r\nContent-Type: text/html\r\n\r\nx',
  'a\nb',
  'a\rb',
  'ü 日本',
  "a'b;c=d",
  'a\\"b',
  '%22',
  '"',
];

test.each(HOSTILE)('the name %j is escaped as fetch does', async (name) => {
  const form = new FormData();
  form.append(name, 'v');
  form.append('f', new File(['x'], name, { type: 'text/plain' }));
  // fetch appends a line end to the last boundary or not, by its version.
  expect((await encoded({ [name]: 'v', f: file({ content: 'x', name, type: 'text/plain' }) })).trimEnd()).toBe(
    (await ofFetch(form)).trimEnd(),
  );
});

test.each(HOSTILE)('the name %j returns unchanged from a parser, but for its line ends', async (name) => {
  const { type, content } = multipartBody({ f: file({ content: 'x', name }) }, 'repeat');
  const body = new Uint8Array(content as Uint8Array);
  const parsed = await new Response(body, { headers: { 'content-type': type } }).formData();
  const received = parsed.get('f');
  expect(received).toBeInstanceOf(File);
  expect([...parsed.keys()]).toEqual(['f']);
  expect((received as File).type).toBe('application/octet-stream');
});

test('values keep their line ends and bytes', async () => {
  const body = await encoded({ text: 'a\nb\r\nc', f: file({ content: new Uint8Array([0, 13, 10, 255]), name: 'f' }) });
  expect(body).toContain('\r\n\r\na\nb\r\nc\r\n--');
  expect(body).toContain('\r\n\r\n\0\r\n\xff\r\n--');
});

test('no fields are an empty body', async () => {
  expect(await encoded({})).toBe('--BOUNDARY--\r\n');
});

test('two bodies have different boundaries', () => {
  expect(multipartBody({}, 'repeat').type).not.toBe(multipartBody({}, 'repeat').type);
});

test.each(['text', 'a/b\r\nx: y', ''])('the file type %j is refused', (type) => {
  expect(() => file({ content: '', name: 'a', type })).toThrow('is no media type');
});

test('a file name that is not well-formed text is bad input', () => {
  expect(() => multipartBody({ f: file({ content: '', name: 'a\ud800' }) }, 'repeat')).toThrow('not well-formed');
});
