import { z } from 'zod';
import { hasInvisible, partsOf } from './text.ts';

/** Paths of a certificate of a listener, with its key. */
export interface ListenerCertificate {
  /** PEM file with the certificate, followed by the intermediate ones. */
  readonly certificate: string;
  readonly key: string;
  /** File with the passphrase of the key; null for a key without one. */
  readonly passphrase: string | null;
}

const FORM = 'must be <certificate>;key=<key>, each the path of a PEM file, separated by commas';
const OPTIONS: readonly string[] = ['key', 'passphrase'];

const readOne = (part: string): ListenerCertificate | null => {
  const [certificate = '', ...options] = part.split(';').map((text) => text.trim());
  const found = new Map<string, string>();
  for (const option of options) {
    const equals = option.indexOf('=');
    const [name, value] = [option.slice(0, equals).trim(), option.slice(equals + 1).trim()];
    if (equals < 0 || value === '' || !OPTIONS.includes(name) || found.has(name)) return null;
    found.set(name, value);
  }
  const key = found.get('key');
  return certificate === '' || key === undefined
    ? null
    : { certificate, key, passphrase: found.get('passphrase') ?? null };
};

/** Certificates of a listener, in order. Default none. */
export const listenerCertificates = z
  .string()
  .transform((text, context): readonly ListenerCertificate[] =>
    partsOf(text).flatMap((part) => {
      const one = hasInvisible(part) ? null : readOne(part);
      if (one === null) context.addIssue(FORM);
      return one ?? [];
    }),
  )
  .default([]);
