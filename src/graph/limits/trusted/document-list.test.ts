import { createHash } from 'node:crypto';
import { expect, test } from 'vitest';
import { type ClientManifest, DocumentList } from './document-list.ts';

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');

const manifest = (
  entries: Readonly<Record<string, string>>,
  { client = null, prefix = '' }: Partial<Omit<ClientManifest, 'manifest'>> = {},
): ClientManifest => ({ manifest: new Map(Object.entries(entries)), client, prefix });

test('a document is found by its id and by the hash of its text, by its client only', () => {
  const list = new DocumentList([
    manifest({ all: '{ a }' }),
    manifest({ web: '{ b }' }, { client: 'web' }),
    manifest({ app: '{ c }' }, { client: 'app', prefix: 'shop~1.0~' }),
  ]);
  const found = (client: string | undefined) =>
    ['all', 'web', 'app', 'shop~1.0~app', sha256('{ b }'), `sha256:${sha256('{ b }')}`].map(
      (id) => list.byId(client, id)?.text ?? null,
    );
  expect(found(undefined)).toEqual(['{ a }', null, null, null, null, null]);
  expect(found('web')).toEqual(['{ a }', '{ b }', null, null, '{ b }', '{ b }']);
  expect(found('app')).toEqual(['{ a }', null, null, '{ c }', null, null]);
  expect(['web', 'app', undefined].map((client) => list.byHash(client, sha256('{ b }'))?.hash ?? null)).toEqual([
    sha256('{ b }'),
    null,
    null,
  ]);
  // The id of a document is no hash.
  expect(list.byHash('web', 'web')).toBeNull();
  expect(list.size).toBe(3);
});

test('the ids of two manifests for one client may be equal only for equal documents', () => {
  const entry = manifest({ a: '{ a }' }, { client: 'web' });
  expect(new DocumentList([entry, entry]).size).toBe(1);
  expect(new DocumentList([entry, manifest({ a: '{ b }' }, { client: 'app' })]).size).toBe(2);
  expect(() => new DocumentList([entry, manifest({ a: '{ b }' }, { client: 'web' })])).toThrow(
    new Error('two manifests for one client have different documents with the id a'),
  );
});
