import { defineBackend, enumeration, graphql, remote, remoteBatch, sdl } from 'tributary/backend';
import type { Schema } from './schema.generated.ts';

/** Tickets of customers, from the GraphQL service of the help desk. */
export default defineBackend<Schema<{ readonly TicketState: 'open' | 'waiting' | 'closed' }>>()({
  name: 'support',
  typeDefs: sdl(import.meta.url),
  upstreams: {
    desk: graphql({
      schema: './helpdesk.graphql',
      serviceCodes: { CASE_CLOSED: 'CONFLICT', NO_SUCH_ACCOUNT: 'BAD_USER_INPUT' },
      types: {
        Ticket: { from: 'Case', fields: { subject: 'title', state: 'status', customer: 'account' } },
        OpenTicketInput: { from: 'NewCase', fields: { customer: 'account', subject: 'title' } },
        TicketState: { from: 'CaseState' },
        Customer: { from: 'Account', fields: { tickets: 'cases' } },
      },
    }),
  },
  loaders: () => ({ customerById: remoteBatch('desk', { field: 'accountsByIds', argument: 'ids' }) }),
  merge: { Customer: { key: 'id', load: 'customerById' } },
  resolvers: {
    Query: { ticket: remote('desk', 'case'), tickets: remote('desk', 'cases'), searchSupport: remote('desk', 'find') },
    Mutation: {
      openTicket: remote('desk', 'openCase', { idempotencyKey: 'input.key' }),
      closeTicket: remote('desk', 'closeCase'),
    },
    TicketState: enumeration({ OPEN: 'open', WAITING: 'waiting', CLOSED: 'closed' }),
  },
});
