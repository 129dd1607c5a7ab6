// Written by `npm run codegen` from schema.graphql and ../pages.graphql. Do not edit.
import type { Source } from 'tributary/backend';

export type ChargeStatus = 'SUCCEEDED' | 'PENDING' | 'FAILED';

export interface CreateCustomerInput {
  readonly name?: string | null;
  readonly email?: string | null;
  readonly metadata?: unknown;
  /** The same key again returns the result of the first call. */
  readonly idempotencyKey: string;
}

export interface CreateChargeInput {
  /** In minor units of the currency. */
  readonly amount: number;
  readonly currency: string;
  readonly customer?: string | null;
  /** A token of a card, from the payment form of the page. */
  readonly source?: string | null;
  readonly metadata?: unknown;
  readonly idempotencyKey: string;
}

export interface RefundChargeInput {
  readonly charge: string;
  /** In minor units of the currency. Default: the rest of the charge. */
  readonly amount?: number | null;
  readonly idempotencyKey: string;
}

export interface UploadEvidenceInput {
  readonly filename: string;
  readonly type: string;
  readonly content: Uint8Array;
  readonly idempotencyKey: string;
}

/** Row of a Customer: fields with a resolver of their own may be missing. */
export interface CustomerSource {
  readonly id?: string;
  readonly name?: string | null;
  readonly email?: string | null;
  /** Up to 50 texts by name. */
  readonly metadata?: unknown;
}

/** Row of a Charge: fields with a resolver of their own may be missing. */
export interface ChargeSource<Rows = {}> {
  readonly id?: string;
  /** In minor units of the currency: 1099 is 10.99 EUR, and 1099 JPY. */
  readonly amount?: number;
  /** In minor units of the currency. */
  readonly amountRefunded?: number;
  /** ISO 4217, in lower case. */
  readonly currency?: string;
  readonly status?: Source<Rows, 'ChargeStatus', ChargeStatus>;
  readonly created?: Date | string;
  /** Null for a charge without a customer. */
  readonly customer?: Source<Rows, 'Customer', CustomerSource> | null;
  /** Up to 50 texts by name. */
  readonly metadata?: unknown;
}

/** Row of a Refund: fields with a resolver of their own may be missing. */
export interface RefundSource<Rows = {}> {
  readonly id?: string;
  /** In minor units of the currency. */
  readonly amount?: number;
  readonly currency?: string;
  readonly charge?: Source<Rows, 'Charge', ChargeSource<Rows>> | null;
}

/** Row of an Evidence: fields with a resolver of their own may be missing. */
export interface EvidenceSource {
  readonly id?: string;
  readonly filename?: string | null;
  readonly size?: number;
}

/** Row of a ChargeConnection: fields with a resolver of their own may be missing. */
export interface ChargeConnectionSource<Rows = {}> {
  readonly nodes?: readonly Source<Rows, 'Charge', ChargeSource<Rows>>[];
  readonly edges?: readonly Source<Rows, 'ChargeEdge', ChargeEdgeSource<Rows>>[];
  readonly pageInfo?: Source<Rows, 'PageInfo', PageInfoSource>;
}

/** Row of a ChargeEdge: fields with a resolver of their own may be missing. */
export interface ChargeEdgeSource<Rows = {}> {
  readonly cursor?: string;
  readonly node?: Source<Rows, 'Charge', ChargeSource<Rows>>;
}

/** Row of a PageInfo: fields with a resolver of their own may be missing. */
export interface PageInfoSource {
  readonly hasNextPage?: boolean;
  readonly hasPreviousPage?: boolean;
  readonly startCursor?: string | null;
  readonly endCursor?: string | null;
}

/** Everything that this module declares, for `defineBackend<Schema>()`. */
export interface Schema<Rows = {}> {
  readonly objects: {
    readonly Query: {
      readonly source: unknown;
      readonly fields: {
        /** The charge with this id, or null. */
        readonly charge: {
          readonly args: { readonly id: string };
          readonly result: Source<Rows, 'Charge', ChargeSource<Rows>> | null;
        };
        /** Charges, newest first. */
        readonly charges: {
          readonly args: {
            readonly customer?: string | null;
            readonly first?: number | null;
            readonly after?: string | null;
          };
          readonly result: Source<Rows, 'ChargeConnection', ChargeConnectionSource<Rows>>;
        };
      };
    };
    readonly Mutation: {
      readonly source: unknown;
      readonly fields: {
        readonly createCustomer: {
          readonly args: { readonly input: CreateCustomerInput };
          readonly result: Source<Rows, 'Customer', CustomerSource>;
        };
        /** Fails with BAD_USER_INPUT and the problem `card_declined` if the bank declines the card. */
        readonly createCharge: {
          readonly args: { readonly input: CreateChargeInput };
          readonly result: Source<Rows, 'Charge', ChargeSource<Rows>>;
        };
        readonly refundCharge: {
          readonly args: { readonly input: RefundChargeInput };
          readonly result: Source<Rows, 'Refund', RefundSource<Rows>>;
        };
        /** Uploads a small document for a dispute. */
        readonly uploadEvidence: {
          readonly args: { readonly input: UploadEvidenceInput };
          readonly result: Source<Rows, 'Evidence', EvidenceSource>;
        };
      };
    };
    readonly Customer: {
      readonly source: Source<Rows, 'Customer', CustomerSource>;
      readonly fields: {
        readonly id: { readonly args: {}; readonly result: string };
        readonly name: { readonly args: {}; readonly result: string | null };
        readonly email: { readonly args: {}; readonly result: string | null };
        readonly metadata: { readonly args: {}; readonly result: unknown };
      };
    };
    readonly Charge: {
      readonly source: Source<Rows, 'Charge', ChargeSource<Rows>>;
      readonly fields: {
        readonly id: { readonly args: {}; readonly result: string };
        readonly amount: { readonly args: {}; readonly result: number };
        readonly amountRefunded: { readonly args: {}; readonly result: number };
        readonly currency: { readonly args: {}; readonly result: string };
        readonly status: { readonly args: {}; readonly result: Source<Rows, 'ChargeStatus', ChargeStatus> };
        readonly created: { readonly args: {}; readonly result: Date | string };
        readonly customer: { readonly args: {}; readonly result: Source<Rows, 'Customer', CustomerSource> | null };
        readonly metadata: { readonly args: {}; readonly result: unknown };
      };
    };
    readonly Refund: {
      readonly source: Source<Rows, 'Refund', RefundSource<Rows>>;
      readonly fields: {
        readonly id: { readonly args: {}; readonly result: string };
        readonly amount: { readonly args: {}; readonly result: number };
        readonly currency: { readonly args: {}; readonly result: string };
        readonly charge: { readonly args: {}; readonly result: Source<Rows, 'Charge', ChargeSource<Rows>> | null };
      };
    };
    readonly Evidence: {
      readonly source: Source<Rows, 'Evidence', EvidenceSource>;
      readonly fields: {
        readonly id: { readonly args: {}; readonly result: string };
        readonly filename: { readonly args: {}; readonly result: string | null };
        readonly size: { readonly args: {}; readonly result: number };
      };
    };
    readonly ChargeConnection: {
      readonly source: Source<Rows, 'ChargeConnection', ChargeConnectionSource<Rows>>;
      readonly fields: {
        readonly nodes: { readonly args: {}; readonly result: readonly Source<Rows, 'Charge', ChargeSource<Rows>>[] };
        readonly edges: {
          readonly args: {};
          readonly result: readonly Source<Rows, 'ChargeEdge', ChargeEdgeSource<Rows>>[];
        };
        readonly pageInfo: { readonly args: {}; readonly result: Source<Rows, 'PageInfo', PageInfoSource> };
      };
    };
    readonly ChargeEdge: {
      readonly source: Source<Rows, 'ChargeEdge', ChargeEdgeSource<Rows>>;
      readonly fields: {
        readonly cursor: { readonly args: {}; readonly result: string };
        readonly node: { readonly args: {}; readonly result: Source<Rows, 'Charge', ChargeSource<Rows>> };
      };
    };
    readonly PageInfo: {
      readonly source: Source<Rows, 'PageInfo', PageInfoSource>;
      readonly fields: {
        readonly hasNextPage: { readonly args: {}; readonly result: boolean };
        readonly hasPreviousPage: { readonly args: {}; readonly result: boolean };
        readonly startCursor: { readonly args: {}; readonly result: string | null };
        readonly endCursor: { readonly args: {}; readonly result: string | null };
      };
    };
  };
  readonly abstracts: {};
  readonly enums: {
    readonly ChargeStatus: {
      readonly name: ChargeStatus;
      readonly internal: Source<Rows, 'ChargeStatus', ChargeStatus>;
    };
  };
  readonly scalars: never;
  readonly needs: {};
  readonly services: {};
}
