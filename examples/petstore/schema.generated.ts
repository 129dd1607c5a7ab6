// Written by `npm run codegen` from schema.graphql. Do not edit.
import type { Source } from 'tributary/backend';

/** Values as the contract has them. */
export type PetStatus = 'available' | 'pending' | 'sold';

export interface AddPetInput<Rows = {}> {
  readonly name: string;
  readonly status: Source<Rows, 'PetStatus', PetStatus>;
  readonly photoUrls: readonly string[];
}

export interface EditPetForm<Rows = {}> {
  readonly name?: string | null;
  readonly status?: Source<Rows, 'PetStatus', PetStatus> | null;
}

/** Row of a Pet: fields with a resolver of their own may be missing. */
export interface PetSource<Rows = {}> {
  /** 64 bits. */
  readonly id?: string;
  readonly name?: string;
  readonly status?: Source<Rows, 'PetStatus', PetStatus> | null;
  readonly photoUrls?: readonly string[];
}

/** Row of an UploadResult: fields with a resolver of their own may be missing. */
export interface UploadResultSource {
  readonly message?: string;
}

/** Row of an Order: fields with a resolver of their own may be missing. */
export interface OrderSource<Rows = {}> {
  readonly id?: string;
  readonly pet?: Source<Rows, 'Pet', PetSource<Rows>> | null;
  readonly quantity?: number;
  readonly complete?: boolean;
}

/** Everything that this module declares, for `defineBackend<Schema>()`. */
export interface Schema<Rows = {}> {
  readonly objects: {
    readonly Query: {
      readonly source: unknown;
      readonly fields: {
        readonly pet: {
          readonly args: { readonly id: string };
          readonly result: Source<Rows, 'Pet', PetSource<Rows>> | null;
        };
        readonly pets: {
          readonly args: { readonly status: readonly Source<Rows, 'PetStatus', PetStatus>[] };
          readonly result: readonly Source<Rows, 'Pet', PetSource<Rows>>[];
        };
      };
    };
    readonly Mutation: {
      readonly source: unknown;
      readonly fields: {
        readonly addPet: {
          readonly args: { readonly input: AddPetInput<Rows> };
          readonly result: Source<Rows, 'Pet', PetSource<Rows>> | null;
        };
        readonly setPet: {
          readonly args: { readonly id: string; readonly form: EditPetForm<Rows> };
          readonly result: Source<Rows, 'Pet', PetSource<Rows>> | null;
        };
        readonly uploadPhoto: {
          readonly args: {
            readonly id: string;
            readonly additionalMetadata?: string | null;
            readonly content: Uint8Array;
          };
          readonly result: Source<Rows, 'UploadResult', UploadResultSource> | null;
        };
        readonly placeOrder: {
          readonly args: { readonly petId: bigint | number; readonly quantity: number };
          readonly result: Source<Rows, 'Order', OrderSource<Rows>> | null;
        };
      };
    };
    readonly Pet: {
      readonly source: Source<Rows, 'Pet', PetSource<Rows>>;
      readonly fields: {
        readonly id: { readonly args: {}; readonly result: string };
        readonly name: { readonly args: {}; readonly result: string };
        readonly status: { readonly args: {}; readonly result: Source<Rows, 'PetStatus', PetStatus> | null };
        readonly photoUrls: { readonly args: {}; readonly result: readonly string[] };
      };
    };
    readonly UploadResult: {
      readonly source: Source<Rows, 'UploadResult', UploadResultSource>;
      readonly fields: {
        readonly message: { readonly args: {}; readonly result: string };
      };
    };
    readonly Order: {
      readonly source: Source<Rows, 'Order', OrderSource<Rows>>;
      readonly fields: {
        readonly id: { readonly args: {}; readonly result: string };
        readonly pet: { readonly args: {}; readonly result: Source<Rows, 'Pet', PetSource<Rows>> | null };
        readonly quantity: { readonly args: {}; readonly result: number };
        readonly complete: { readonly args: {}; readonly result: boolean };
      };
    };
  };
  readonly abstracts: {};
  readonly enums: {
    readonly PetStatus: { readonly name: PetStatus; readonly internal: Source<Rows, 'PetStatus', PetStatus> };
  };
  readonly scalars: never;
  readonly needs: {};
  readonly services: {};
}
