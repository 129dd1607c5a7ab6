import { expect, test } from 'vitest';
import { oneofRow } from './oneof-row.ts';

interface Message {
  readonly paper?: { readonly weight: number };
  readonly audio?: string;
  readonly other: number;
}

const rowOf = (message: Message) => oneofRow(message, { paper: 'Paper', audio: ['Audio', 'url'] });

test.each<[Message, unknown]>([
  [
    { other: 1, paper: { weight: 0 } },
    { weight: 0, __typename: 'Paper' },
  ],
  [
    { other: 1, audio: '' },
    { url: '', __typename: 'Audio' },
  ],
  [{ other: 1 }, null],
])('the member that is set is the row: %j', (message, row) => {
  expect(rowOf(message)).toEqual(row);
});

test('a member of another name does not compile', () => {
  // @ts-expect-error the message has no such member
  expect(oneofRow({ paper: {} }, { papier: 'Paper' })).toBe(null);
});
