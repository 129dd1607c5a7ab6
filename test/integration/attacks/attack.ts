import type { ErrorCode } from '../../../src/core/errors.ts';
import type { Asked } from '../../support/gateway/served-gateway.ts';
import type { ReceivedCall, Rig } from './rig.ts';

/** The request of an attack. */
export type Sent =
  /** Raw bytes, on a separate connection. */
  | { readonly as: 'bytes'; readonly bytes: string | Buffer }
  /**
   * Sent twice by POST, and by GET if GET can carry it: a cache must not accept a document that was rejected before.
   */
  | (Asked & { readonly as: 'document'; readonly query: string })
  /** An attack with several requests or a long-lived connection. */
  | { readonly as: 'scenario'; readonly play: (rig: Rig) => Promise<void> };

/** The expected response. */
export type Back =
  /** Rejected: one error for the whole request, as JSON, with the request id; no call reaches an upstream. */
  | {
      readonly is: 'refused';
      readonly status: number;
      readonly code: ErrorCode;
      readonly headers?: Readonly<Record<string, string>>;
      /** The gateway closes the connection after the response. */
      readonly closes?: true;
      /** Maximum number of errors: an invalid document may have several. Default 10. */
      readonly mostErrors?: number;
    }
  /** Answered: 200, exactly this data and no errors. `upstream` checks the calls that upstreams received. */
  | { readonly is: 'answered'; readonly data: unknown; readonly upstream?: (received: readonly ReceivedCall[]) => void }
  /** Failed: 200, and exactly these errors, as `<path> <code>`, sorted; no call reaches an upstream. */
  | { readonly is: 'failed'; readonly errors: readonly string[] }
  /** The scenario contains its own expectations. */
  | { readonly is: 'as played' };

/** One attack on the gateway, and the expected response. */
export interface Attack {
  /** Number in the catalogue of known attacks; `next` for attacks that the catalogue does not have. */
  readonly number: number | 'next';
  readonly title: string;
  readonly sent: Sent;
  readonly back: Back;
}

type Number = Attack['number'];
type Refused = Extract<Back, { is: 'refused' }>;
type More = Partial<Omit<Refused, 'is'>>;
type Upstream = Extract<Back, { is: 'answered' }>['upstream'];

/** Raw bytes that are rejected. Default: 400 BAD_REQUEST. */
export const refused = (number: Number, title: string, bytes: string | Buffer, more: More = {}): Attack => ({
  number,
  title,
  sent: { as: 'bytes', bytes },
  back: { is: 'refused', status: 400, code: 'BAD_REQUEST', ...more },
});

/** Raw bytes that are answered normally. */
export const answered = (
  number: Number,
  title: string,
  bytes: string | Buffer,
  data: unknown,
  upstream?: Upstream,
): Attack => ({
  number,
  title,
  sent: { as: 'bytes', bytes },
  back: { is: 'answered', data, ...(upstream && { upstream }) },
});

/** Raw bytes of an operation with failing fields. */
export const failed = (number: Number, title: string, bytes: string, errors: readonly string[]): Attack => ({
  number,
  title,
  sent: { as: 'bytes', bytes },
  back: { is: 'failed', errors },
});

/** A document that is rejected with 400. */
export const document = (
  number: Number,
  title: string,
  query: string,
  code: ErrorCode,
  asked: Asked & { readonly mostErrors?: number } = {},
): Attack => {
  const { mostErrors = 10, ...more } = asked;
  return {
    number,
    title,
    sent: { as: 'document', query, ...more },
    back: { is: 'refused', status: 400, code, mostErrors },
  };
};

/** A document that is answered normally. */
export const harmless = (
  number: Number,
  title: string,
  query: string,
  data: unknown,
  asked: Asked = {},
  upstream?: Upstream,
): Attack => ({
  number,
  title,
  sent: { as: 'document', query, ...asked },
  back: { is: 'answered', data, ...(upstream && { upstream }) },
});

export const scenario = (number: Number, title: string, play: (rig: Rig) => Promise<void>): Attack => ({
  number,
  title,
  sent: { as: 'scenario', play },
  back: { is: 'as played' },
});
