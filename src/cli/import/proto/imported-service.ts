/* What the importer of .proto files reads from a contract, and what its writers write. */

import type { EnumType, FieldType, MessageType, ServiceType } from '../../../protobuf/type-model.ts';
import type { GraphArgument, GraphField, ImportedField, ImportedGraph, ImportedType } from '../imported-graph.ts';

/** A member of a oneof. */
export interface OneofMember {
  readonly field: FieldType;
  /** Type of the value of the member. */
  readonly type: ImportedType;
  /** Object type of the union; null in an input. */
  readonly object: string | null;
  /** Field of `object` that has the value; null if `object` is the message itself. */
  readonly valueField: string | null;
}

/** What a field of the graph is read from or sent as. */
export type MessagePart =
  | { readonly kind: 'field'; readonly field: FieldType }
  | { readonly kind: 'oneof'; readonly members: readonly OneofMember[] };

export interface MessageField extends ImportedField {
  readonly part: MessagePart;
}

/** An object or input type of a message; without a message, the type of an entry of a map or of a member of a oneof. */
export interface MessageObject {
  readonly name: string;
  readonly side: 'output' | 'input';
  readonly message: MessageType | null;
  readonly fields: readonly MessageField[];
}

export interface ProtoEnum {
  readonly name: string;
  readonly type: EnumType;
  /** Value for unspecified, which is null in the graph; null if there is none. */
  readonly unspecified: string | null;
}

export interface ProtoArgument extends GraphArgument {
  readonly part: MessagePart;
}

/** Pages of a list (AIP-158), by JSON names of fields. */
export interface ProtoPages {
  readonly connection: string;
  readonly size: string;
  readonly token: string;
  readonly rows: MessageField;
  readonly next: string;
  readonly total: { readonly name: string; readonly isText: boolean } | null;
}

/** A root field: one method of a service. */
export interface ProtoRootField extends GraphField {
  readonly upstream: string;
  /** `library.v1.Library/GetBook` */
  readonly route: string;
  /** Function of the client: `getBook`. */
  readonly call: string;
  readonly request: MessageType;
  readonly response: MessageType;
  readonly args: readonly ProtoArgument[];
  readonly pages: ProtoPages | null;
  /** Field of the response that is the result; null: the response itself. */
  readonly unwrapped: MessageField | null;
  /** Field of the request with the mask of the selected fields; null for none. */
  readonly mask: string | null;
  readonly isRead: boolean;
  readonly notes: readonly string[];
}

export interface ProtoLoader {
  readonly name: string;
  readonly kind: 'each' | 'batch';
  readonly upstream: string;
  readonly route: string;
  readonly call: string;
  /** Field of the request with the key or the keys. */
  readonly parameter: string;
  readonly keyType: 'string' | 'number';
  /** Type of the rows. */
  readonly type: string;
  /** Field of the row with the key. */
  readonly key: string;
  /** Name of the key in the message of the row. */
  readonly keyProperty: string;
  /** Field of the response with the row or the rows; null: the response is the row. */
  readonly rows: string | null;
  /** The root field that loads one row; null for none. */
  readonly field: string | null;
}

export interface ProtoUpstream {
  readonly name: string;
  /** With its package. */
  readonly service: string;
  readonly reads: readonly string[];
}

export interface ImportedService extends ImportedGraph {
  readonly name: string;
  readonly title: string;
  /** Path of the .proto file in the module's folder. */
  readonly proto: string;
  /** Folder of the .proto files in the module's folder. */
  readonly root: string;
  /** The services of the upstreams, in their order. */
  readonly services: readonly ServiceType[];
  readonly upstreams: readonly ProtoUpstream[];
  readonly fields: readonly ProtoRootField[];
  readonly loaders: readonly ProtoLoader[];
  readonly objects: readonly MessageObject[];
  readonly enums: readonly ProtoEnum[];
  readonly skipped: readonly { readonly operation: string; readonly reason: string }[];
}
