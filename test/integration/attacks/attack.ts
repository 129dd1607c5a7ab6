import type { ErrorCode } from '../../../src/errors.ts';
import type { Asked } from '../../support/served-gateway.ts';
import type { Rig, Told } from './rig.ts';

/** What an attacker sends. */
export type Sent =
  /** As they are, on a connection of their own. */
  | { readonly as: 'bytes'; readonly bytes: string | Buffer }
  /** By POST twice, and by GET where a GET may carry it: what was once refused must not be let in by a cache. */
  | (Asked & { readonly as: 'document'; readonly query: string })
  /** What takes more than one request, or a connection that goes on. */
  | { readonly as: 'scenario'; readonly play: (rig: Rig) => Promise<void> };

/** What must come back. */
export type Back =
  /** One error for the request as a whole, as JSON, with its id; nothing reaches an upstream. */
  | {
      readonly is: 'refused';
      readonly status: number;
      readonly code: ErrorCode;
      readonly headers?: Readonly<Record<string, string>>;
      /** The connection is closed behind it. */
      readonly closes?: true;
      /** Of a document, which may have several mistakes. Default 10. */
      readonly mostErrors?: number;
    }
  /** 200, exactly these data, and no error; a look at what upstreams were told. */
  | { readonly is: 'answered'; readonly data: unknown; readonly upstream?: (told: readonly Told[]) => void }
  /** 200, and exactly these errors, as `<path> <code>`, sorted; nothing reaches an upstream. */
  | { readonly is: 'failed'; readonly errors: readonly string[] }
  /** What the scenario itself expects. */
  | { readonly is: 'as played' };

/** One way to attack the gateway, and the right answer. */
export interface Attack {
  /** Of the catalogue of known attacks; `next` for what an attacker would think of after those. */
  readonly number: number | 'next';
  readonly title: string;
  readonly sent: Sent;
  readonly back: Back;
}

type Number = Attack['number'];
type Refused = Extract<Back, { is: 'refused' }>;
type More = Partial<Omit<Refused, 'is'>>;
type Upstream = Extract<Back, { is: 'answered' }>['upstream'];

/** Bytes that are refused: as BAD_REQUEST, unless told otherwise. */
export const refused = (number: Number, title: string, bytes: string | Buffer, more: More = {}): Attack => ({
  number,
  title,
  sent: { as: 'bytes', bytes },
  back: { is: 'refused', status: 400, code: 'BAD_REQUEST', ...more },
});

/** Bytes that do no harm. */
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

/** Bytes of which some fields fail. */
export const failed = (number: Number, title: string, bytes: string, errors: readonly string[]): Attack => ({
  number,
  title,
  sent: { as: 'bytes', bytes },
  back: { is: 'failed', errors },
});

/** A document that is refused with 400. */
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

/** A document that does no harm. */
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
