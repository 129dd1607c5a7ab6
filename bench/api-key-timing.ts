/**
 * `node bench/api-key-timing.ts`: whether the times of right and wrong API keys can be told apart, by 10,000 verifications
 * of each kind. Exits with 1 if they can. It needs a machine without other work.
 */

import { keyWith, newKey } from '../src/auth/api-keys/key-text.ts';
import { verifyKey } from '../src/auth/api-keys/verify-key.ts';
import { fixedKeys, type IssuedKey, issuedKey } from '../test/support/auth/api-keys.ts';
import { seeded } from '../test/support/random/seeded.ts';

const SAMPLES = 10_000;
/** Verifications of one sample: a single one is close to the resolution of the clock. */
const IN_A_SAMPLE = 4;
const NOW = Date.parse('2026-11-30T12:00:00Z');

const issued: readonly IssuedKey[] = Array.from({ length: 1_000 }, () => issuedKey());
const keys = fixedKeys(issued);
const secretOf = ({ text }: IssuedKey): string => text.slice(17, 60);

/** Keys of one kind, each used once, so that no cache of the processor knows one kind better. */
const KINDS = {
  right: ({ text }: IssuedKey) => text,
  'wrong in its first digit': (key: IssuedKey) =>
    keyWith(key.record.id, (secretOf(key).startsWith('0') ? '1' : '0') + secretOf(key).slice(1)),
  'wrong in its last digit': (key: IssuedKey) =>
    keyWith(key.record.id, secretOf(key).slice(0, -1) + (secretOf(key).endsWith('0') ? '1' : '0')),
  'with another secret': (key: IssuedKey) => keyWith(key.record.id, newKey().text.slice(17, 60)),
  'of an unknown id': () => newKey().text,
} as const;

type Kind = keyof typeof KINDS;

const NAMES = Object.keys(KINDS) as readonly Kind[];

/** Probability that a value of `one` is larger than one of `other`; 0.5 for equal distributions (Mann-Whitney). */
const shareLarger = (one: readonly number[], other: readonly number[]): number => {
  const all = [...one.map((value) => ({ value, mine: true })), ...other.map((value) => ({ value, mine: false }))];
  all.sort((a, b) => a.value - b.value);
  let rankSum = 0;
  for (let at = 0; at < all.length; ) {
    let end = at;
    while (end < all.length && all[end]?.value === all[at]?.value) end += 1;
    // Equal values share the mean of their ranks.
    for (let i = at; i < end; i += 1) if (all[i]?.mine) rankSum += (at + 1 + end) / 2;
    at = end;
  }
  return (rankSum - (one.length * (one.length + 1)) / 2) / (one.length * other.length);
};

/** A flat copy, as a header is: a joined text would be copied during the measurement. */
const asReceived = (text: string): string => Buffer.from(text).toString('latin1');

interface Measured {
  readonly name: Kind;
  readonly texts: string[];
  /** Times of the samples in nanoseconds. */
  readonly times: number[];
}

/**
 * Measures all kinds. Their keys are made in turn, so that they lie next to one another in memory, and the samples take
 * turns in random order, so that load and warming concern all kinds alike.
 */
const measured = (): readonly Measured[] => {
  const random = seeded(16);
  const kinds = NAMES.map((name): Measured => ({ name, texts: [], times: [] }));
  for (let at = 0; at < IN_A_SAMPLE * SAMPLES; at += 1)
    for (const { name, texts } of kinds) {
      const key = issued[Math.floor(random() * issued.length)] ?? issuedKey();
      texts.push(asReceived(KINDS[name](key)));
    }
  for (let sample = 0; sample < SAMPLES; sample += 1) {
    const order = kinds.map((kind) => ({ kind, at: random() })).sort((one, other) => one.at - other.at);
    for (const { kind } of order) {
      const from = sample * IN_A_SAMPLE;
      const before = process.hrtime.bigint();
      for (let at = from; at < from + IN_A_SAMPLE; at += 1) verifyKey(kind.texts[at] ?? '', keys, NOW);
      kind.times.push(Number(process.hrtime.bigint() - before));
    }
  }
  return kinds;
};

// A disturbance of one run concerns no other: one run without a difference shows that there is none.
const shares = [1, 2, 3].map(() => {
  const kinds = measured();
  return kinds.flatMap((one, at) =>
    kinds.slice(at + 1).map((other) => ({
      pair: `${one.name} / ${other.name}`,
      share: shareLarger(one.times, other.times),
    })),
  );
});
const pairs = shares[0]?.map(({ pair }) => pair) ?? [];
const closest = pairs.map((pair) => {
  const found = shares.flatMap((run) => run.filter((one) => one.pair === pair).map(({ share }) => share));
  return { pair, share: found.toSorted((a, b) => Math.abs(a - 0.5) - Math.abs(b - 0.5))[0] ?? 0 };
});
console.info(closest.map(({ pair, share }) => `${share.toFixed(3)}  ${pair}`).join('\n'));
// 0.5 is a coin. With 0.55, comparing two single responses without a network is right 11 times of 20.
const distinguishable = closest.filter(({ share }) => Math.abs(share - 0.5) >= 0.05);
if (distinguishable.length > 0) process.exitCode = 1;
