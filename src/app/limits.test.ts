import { expect, test } from 'vitest';
import { type Env, readConfig } from '../config/settings.ts';
import { DEFAULT_DOCUMENT_LIMITS } from '../graph/limits/document-limits.ts';
import { limitsOf } from './limits.ts';

const limits = (env: Env = {}) => limitsOf(readConfig(env, []).settings, null);

test('the limits of documents are the defaults, unless configured', () => {
  expect(limits().documents).toEqual(DEFAULT_DOCUMENT_LIMITS);
  const env = {
    MAX_TOKENS: '1',
    MAX_DIRECTIVES: '2',
    MAX_ROOT_FIELDS: '3',
    MAX_DEPTH: '4',
    MAX_ALIASES: '5',
    MAX_SELECTIONS: '6',
  };
  expect(Object.values(limits(env).documents).sort()).toEqual([1, 2, 3, 4, 5, 6]);
  expect(limits(env).documents).toMatchObject({ maxTokens: 1, maxRootFields: 3, maxDepth: 4, maxAliases: 5 });
});

test.each(['0/60', '10', '10/0', '10/60s', '-1/60', '1e3/60', '10/100000'])(
  'CLIENT_RATE_LIMIT=%s is no quota',
  (text) => {
    expect(() => limits({ CLIENT_RATE_LIMIT: text })).toThrow(
      /CLIENT_RATE_LIMIT: must be off, or <requests>\/<seconds>/,
    );
  },
);
