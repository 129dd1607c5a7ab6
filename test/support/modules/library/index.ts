import { defineBackend, entries, fieldMask, grpc, oneofRow, sdl } from 'tributary/backend';
import type { MessageRows, Schema } from './schema.generated.ts';

/** What the resolvers of a book read. */
const BOOK_MASK = { paths: { 'Book.medium': ['paper', 'file', 'audio'], 'Book.pages': ['pages'] } };

/** Books of a service whose .proto file belongs to another team. */
// biome-ignore lint/style/noDefaultExport: this is how a schema module is found.
export default defineBackend<Schema<MessageRows>>()({
  name: 'library',
  typeDefs: sdl(import.meta.url),

  upstreams: {
    books: grpc({ proto: '../library.proto', service: 'library.v1.Library', reads: ['Get*', 'List*'] }),
  },

  resolvers: {
    Query: {
      book: (_root, { name }, { clients }, info) =>
        clients.books.getBook({ name, readMask: fieldMask(info, BOOK_MASK) }),
    },
    Mutation: {
      returnBooks: async (_root, { names }, { clients }) => {
        const returned = async function* () {
          for (const name of names) yield { name };
        };
        return (await clients.books.returnBooks(returned())).count;
      },
      ask: async (_root, { questions }, { clients }) => {
        const answers: string[] = [];
        for await (const { text } of clients.books.chat(questions.map((text) => ({ text })))) answers.push(text);
        return answers;
      },
      setMedium: (_root, { name, medium }, { clients }) => clients.books.updateBook({ book: { name, ...medium } }),
    },
    Book: {
      pages: ({ pages }) => entries(pages),
      medium: (book) => oneofRow(book, { paper: 'Paper', file: 'File', audio: ['Audio', 'url'] }),
    },
  },
});
