import type { KeyPart } from './rule.ts';

const WORDS = ['caller', 'owner', 'plan', 'role', 'client', 'route', 'operation', 'field'] as const;
const MAX_BITS = { v4: 32, v6: 128 };
const DEFAULT_BITS = { v4: 32, v6: 64 };

export const KEY_FORM = `must be one of ${WORDS.join(', ')}, address, address/<bits>, address/<bits>/<bits of IPv6>, claim:<name> and argument:<field>.<argument>`;

const readAddress = (text: string): KeyPart | null => {
  const [, v4 = String(DEFAULT_BITS.v4), v6 = String(DEFAULT_BITS.v6)] =
    /^address(?:\/(\d{1,3})(?:\/(\d{1,3}))?)?$/.exec(text) ?? [];
  const isValid = Number(v4) <= MAX_BITS.v4 && Number(v6) <= MAX_BITS.v6;
  return text.startsWith('address') && /^address(?:\/\d{1,3}){0,2}$/.test(text) && isValid
    ? { by: 'address', v4: Number(v4), v6: Number(v6) }
    : null;
};

/** Reads a part of a key. Returns null for another text. */
export const readKeyPart = (text: string): KeyPart | null => {
  const word = WORDS.find((known) => known === text);
  if (word !== undefined) return { by: word };
  const [, kind, name = ''] = /^(claim|argument):(.{1,200})$/.exec(text) ?? [];
  if (kind === 'claim') return { by: 'claim', name };
  if (kind === 'argument') return /^\w+(?:\.\w+)+$/.test(name) ? { by: 'argument', path: name } : null;
  return readAddress(text);
};
