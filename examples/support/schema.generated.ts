// Written by `npm run codegen` from schema.graphql. Do not edit.
import type { Source } from 'tributary/backend';

export type TicketState = 'OPEN' | 'WAITING' | 'CLOSED';

export interface OpenTicketInput {
  readonly customer: string;
  readonly subject: string;
  /** Makes repetitions harmless. */
  readonly key?: string | null;
}

/** Row of a Ticket: fields with a resolver of their own may be missing. */
export interface TicketSource<Rows = {}> {
  readonly id?: string;
  readonly subject?: string;
  readonly state?: Source<Rows, 'TicketState', TicketState>;
  readonly customer?: Source<Rows, 'Customer', CustomerSource<Rows>>;
  readonly entries?: readonly EntrySource<Rows>[];
}

/** Row of a Comment: fields with a resolver of their own may be missing. */
export interface CommentSource {
  readonly at?: Date | string;
  readonly author?: string;
  readonly text?: string;
}

/** Row of a StateChange: fields with a resolver of their own may be missing. */
export interface StateChangeSource<Rows = {}> {
  readonly at?: Date | string;
  readonly author?: string;
  readonly to?: Source<Rows, 'TicketState', TicketState>;
}

/** Row of an Article: fields with a resolver of their own may be missing. */
export interface ArticleSource {
  readonly id?: string;
  readonly headline?: string;
}

/**
 * The customer has an open ticket with this subject.
 *
 * Row of a Duplicate: fields with a resolver of their own may be missing.
 */
export interface DuplicateSource<Rows = {}> {
  readonly of?: Source<Rows, 'Ticket', TicketSource<Rows>>;
}

/** Row of a Customer: fields with a resolver of their own may be missing. */
export interface CustomerSource<Rows = {}> {
  readonly id?: string;
  /** Null for a customer without an account at the help desk. */
  readonly plan?: string | null;
  readonly tickets?: readonly Source<Rows, 'Ticket', TicketSource<Rows>>[] | null;
}

/** Row of an Entry: `__typename` names its type. */
export type EntrySource<Rows = {}> =
  | (Source<Rows, 'Comment', CommentSource> & { readonly __typename: 'Comment' })
  | (Source<Rows, 'StateChange', StateChangeSource<Rows>> & { readonly __typename: 'StateChange' });

/** Row of a SearchHit: `__typename` names its type. */
export type SearchHitSource<Rows = {}> =
  | (Source<Rows, 'Ticket', TicketSource<Rows>> & { readonly __typename: 'Ticket' })
  | (Source<Rows, 'Article', ArticleSource> & { readonly __typename: 'Article' });

/** Row of an OpenResult: `__typename` names its type. */
export type OpenResultSource<Rows = {}> =
  | (Source<Rows, 'Ticket', TicketSource<Rows>> & { readonly __typename: 'Ticket' })
  | (Source<Rows, 'Duplicate', DuplicateSource<Rows>> & { readonly __typename: 'Duplicate' });

/** Everything that this module declares, for `defineBackend<Schema>()`. */
export interface Schema<Rows = {}> {
  readonly objects: {
    readonly Query: {
      readonly source: unknown;
      readonly fields: {
        readonly ticket: {
          readonly args: { readonly id: string };
          readonly result: Source<Rows, 'Ticket', TicketSource<Rows>> | null;
        };
        readonly tickets: {
          readonly args: { readonly state?: Source<Rows, 'TicketState', TicketState> | null; readonly limit: number };
          readonly result: readonly Source<Rows, 'Ticket', TicketSource<Rows>>[];
        };
        readonly searchSupport: {
          readonly args: { readonly text: string };
          readonly result: readonly SearchHitSource<Rows>[];
        };
      };
    };
    readonly Mutation: {
      readonly source: unknown;
      readonly fields: {
        readonly openTicket: {
          readonly args: { readonly input: OpenTicketInput };
          readonly result: OpenResultSource<Rows>;
        };
        readonly closeTicket: {
          readonly args: { readonly id: string };
          readonly result: Source<Rows, 'Ticket', TicketSource<Rows>> | null;
        };
      };
    };
    readonly Ticket: {
      readonly source: Source<Rows, 'Ticket', TicketSource<Rows>>;
      readonly fields: {
        readonly id: { readonly args: {}; readonly result: string };
        readonly subject: { readonly args: {}; readonly result: string };
        readonly state: { readonly args: {}; readonly result: Source<Rows, 'TicketState', TicketState> };
        readonly customer: { readonly args: {}; readonly result: Source<Rows, 'Customer', CustomerSource<Rows>> };
        readonly entries: {
          readonly args: { readonly last?: number | null };
          readonly result: readonly EntrySource<Rows>[];
        };
      };
    };
    readonly Comment: {
      readonly source: Source<Rows, 'Comment', CommentSource>;
      readonly fields: {
        readonly at: { readonly args: {}; readonly result: Date | string };
        readonly author: { readonly args: {}; readonly result: string };
        readonly text: { readonly args: {}; readonly result: string };
      };
    };
    readonly StateChange: {
      readonly source: Source<Rows, 'StateChange', StateChangeSource<Rows>>;
      readonly fields: {
        readonly at: { readonly args: {}; readonly result: Date | string };
        readonly author: { readonly args: {}; readonly result: string };
        readonly to: { readonly args: {}; readonly result: Source<Rows, 'TicketState', TicketState> };
      };
    };
    readonly Article: {
      readonly source: Source<Rows, 'Article', ArticleSource>;
      readonly fields: {
        readonly id: { readonly args: {}; readonly result: string };
        readonly headline: { readonly args: {}; readonly result: string };
      };
    };
    readonly Duplicate: {
      readonly source: Source<Rows, 'Duplicate', DuplicateSource<Rows>>;
      readonly fields: {
        readonly of: { readonly args: {}; readonly result: Source<Rows, 'Ticket', TicketSource<Rows>> };
      };
    };
    readonly Customer: {
      readonly source: Source<Rows, 'Customer', CustomerSource<Rows>>;
      readonly fields: {
        readonly id: { readonly args: {}; readonly result: string };
        readonly plan: { readonly args: {}; readonly result: string | null };
        readonly tickets: {
          readonly args: { readonly state?: Source<Rows, 'TicketState', TicketState> | null; readonly limit: number };
          readonly result: readonly Source<Rows, 'Ticket', TicketSource<Rows>>[] | null;
        };
      };
    };
  };
  readonly abstracts: {
    readonly Entry: 'Comment' | 'StateChange';
    readonly SearchHit: 'Ticket' | 'Article';
    readonly OpenResult: 'Ticket' | 'Duplicate';
  };
  readonly enums: {
    readonly TicketState: { readonly name: TicketState; readonly internal: Source<Rows, 'TicketState', TicketState> };
  };
  readonly scalars: never;
  readonly needs: {};
  readonly services: {};
}
