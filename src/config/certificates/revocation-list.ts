import { createHash } from 'node:crypto';
import { printableText } from '../text.ts';
import { shownTime, type Validity, validityOf } from './validity.ts';

/** A certificate revocation list (RFC 5280, 5). */
export interface RevocationList {
  readonly pem: string;
  /** Common name of its authority. */
  readonly authority: string;
  /** Distinguished name of its authority in DER, as hexadecimal digits. */
  readonly authorityKey: string;
  /** SHA-256 of the list, as hexadecimal digits. */
  readonly fingerprint: string;
  /** `thisUpdate`. */
  readonly validFromDate: Date;
  /** `nextUpdate`; null for a list without one, which OpenSSL uses without an end. */
  readonly validToDate: Date | null;
}

/** An element of DER (X.690). */
interface Element {
  readonly tag: number;
  readonly bytes: Buffer;
  readonly content: Buffer;
}

const TAG = { integer: 0x02, oid: 0x06, utcTime: 0x17, generalizedTime: 0x18, bmpString: 0x1e };
/** 2.5.4.3 in DER. */
const COMMON_NAME = '550403';

/** Returns the elements of a content. @throws RangeError for a content that ends within an element */
const elementsIn = (der: Buffer): readonly Element[] => {
  const elements: Element[] = [];
  for (let at = 0; at < der.length; ) {
    const tag = der.readUInt8(at);
    const short = der.readUInt8(at + 1);
    // A length above 127 has its own length in the first byte.
    const sizeBytes = short < 0x80 ? 0 : short - 0x80;
    const length = sizeBytes === 0 ? short : der.readUIntBE(at + 2, sizeBytes);
    const from = at + 2 + sizeBytes;
    if (from + length > der.length) throw new RangeError('the element is longer than its content');
    elements.push({ tag, bytes: der.subarray(at, from + length), content: der.subarray(from, from + length) });
    at = from + length;
  }
  return elements;
};

const textOf = ({ tag, content }: Element): string =>
  tag === TAG.bmpString ? Buffer.from(content).swap16().toString('utf16le') : content.toString('utf8');

/** The common name of a distinguished name; its last one, as Node shows certificates. */
const commonNameIn = (name: Element): string | null => {
  const attributes = elementsIn(name.content).flatMap((set) =>
    elementsIn(set.content).map((one) => elementsIn(one.content)),
  );
  const found = attributes.find(([type]) => type?.tag === TAG.oid && type.content.toString('hex') === COMMON_NAME)?.[1];
  return found === undefined ? null : printableText(textOf(found));
};

/** RFC 5280, 4.1.2.5: to the second, in UTC. Years of two digits are those from 1950 to 2049. */
const TIME = /^(\d\d|\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)Z$/;

const timeOf = ({ tag, content }: Element): Date => {
  const [, year = '', ...parts] = TIME.exec(content.toString('latin1')) ?? [];
  const [month = Number.NaN, day = 0, hour = 0, minute = 0, second = 0] = parts.map(Number);
  const century = tag === TAG.utcTime ? (Number(year) < 50 ? 2_000 : 1_900) : 0;
  const time = new Date(Date.UTC(century + Number(year), month - 1, day, hour, minute, second));
  if (Number.isNaN(time.getTime())) throw new RangeError('the time cannot be read');
  return time;
};

const isTime = (element: Element | undefined): element is Element =>
  element?.tag === TAG.utcTime || element?.tag === TAG.generalizedTime;

/** Reads a revocation list in PEM. @throws RangeError for one that cannot be read */
export const parseRevocationList = (pem: string): RevocationList => {
  const der = Buffer.from(pem.replaceAll(/-----[^-]+-----|\s/g, ''), 'base64');
  const [list] = elementsIn(der);
  const [signed] = list === undefined ? [] : elementsIn(list.content);
  const fields = signed === undefined ? [] : elementsIn(signed.content);
  // The version is optional. The algorithm of the signature follows.
  const [, authority, from, to] = fields[0]?.tag === TAG.integer ? fields.slice(1) : fields;
  if (authority === undefined || !isTime(from)) throw new RangeError('the list has no authority or no time');
  return {
    pem,
    authority: commonNameIn(authority) ?? 'without a name',
    authorityKey: authority.bytes.toString('hex'),
    fingerprint: createHash('sha256').update(der).digest('hex'),
    validFromDate: timeOf(from),
    validToDate: isTime(to) ? timeOf(to) : null,
  };
};

/** Returns the state of a list at `now`, in milliseconds since 1970. */
export const listValidity = ({ validFromDate, validToDate }: RevocationList, now: number): Validity => {
  if (validToDate !== null) return validityOf({ validFromDate, validToDate }, now);
  return validFromDate.getTime() > now ? 'not-yet-valid' : 'valid';
};

/** True for a list with which OpenSSL accepts certificates of its authority. */
const isUsable = (list: RevocationList, now: number): boolean => {
  const validity = listValidity(list, now);
  return validity === 'valid' || validity === 'expires-soon';
};

const endOf = ({ validToDate }: RevocationList): number => validToDate?.getTime() ?? Number.POSITIVE_INFINITY;

/**
 * Returns the list of each authority that OpenSSL uses at `now`: of several, one that is valid. Of several valid or
 * several invalid ones, that is the last to end.
 */
export const listsInUse = <Held extends { readonly list: RevocationList }>(
  held: readonly Held[],
  now: number,
): readonly Held[] => {
  const chosen = new Map<string, Held>();
  for (const one of held) {
    const other = chosen.get(one.list.authorityKey);
    const [isBetter, isWorse] = [isUsable(one.list, now), other !== undefined && isUsable(other.list, now)];
    if (other === undefined || (isBetter === isWorse ? endOf(one.list) > endOf(other.list) : isBetter))
      chosen.set(one.list.authorityKey, one);
  }
  return [...chosen.values()];
};

/**
 * Returns the fault of the first list that refuses the certificates of its authority, as the end of a sentence that
 * begins with the name of its file; null without one.
 */
export const unusableList = <Held extends { readonly list: RevocationList }>(
  held: readonly Held[],
  now: number,
): { readonly held: Held; readonly fault: string } | null => {
  const found = listsInUse(held, now).find(({ list }) => !isUsable(list, now));
  if (found === undefined) return null;
  const { authority, validFromDate, validToDate } = found.list;
  const fault =
    validFromDate.getTime() > now || validToDate === null
      ? `is not valid before ${shownTime(validFromDate)}`
      : `has expired (${shownTime(validToDate)})`;
  return { held: found, fault: `has a revocation list of ${authority} that ${fault}` };
};
