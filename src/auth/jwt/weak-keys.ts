import type { JWK } from 'jose';

const MIN_RSA_BITS = 2_048;
/** Longest modulus that OpenSSL accepts for verification. */
const MAX_RSA_BITS = 16_384;
/**
 * FIPS 186-5, 5.4 (e): 2^16 < e < 2^256, odd. Signatures have been forged for smaller exponents; larger ones cost time.
 */
const MIN_EXPONENT = 65_537n;
const MAX_EXPONENT_BITS = 256;

const GENERATOR = 65_537n;

const PRIMES: readonly bigint[] = [
  ...[3n, 5n, 7n, 11n, 13n, 17n, 19n, 23n, 29n, 31n, 37n, 41n, 43n, 47n, 53n, 59n, 61n, 67n, 71n, 73n, 79n, 83n],
  ...[89n, 97n, 101n, 103n, 107n, 109n, 113n, 127n, 131n, 137n, 139n, 149n, 151n, 157n, 163n, 167n],
];

/** Returns the powers of 65537 modulo a prime. */
const powersModulo = (prime: bigint): ReadonlySet<bigint> => {
  const powers = new Set<bigint>();
  for (let power = 1n; !powers.has(power); power = (power * GENERATOR) % prime) powers.add(power);
  return powers;
};

const POWERS: readonly (readonly [prime: bigint, powers: ReadonlySet<bigint>])[] = PRIMES.map((prime) => [
  prime,
  powersModulo(prime),
]);

/**
 * True for the moduli of CVE-2017-15361 ("ROCA", Nemec et al., "The Return of Coppersmith's Attack", 2017). Infineon's
 * library made primes `k * M + (65537 ** a mod M)`, with M a product of the first primes. Such a modulus is a power of
 * 65537 modulo each of these primes; any other modulus matches with a probability below 2^-27.
 */
export const hasRocaFingerprint = (modulus: bigint): boolean =>
  POWERS.every(([prime, powers]) => powers.has(modulus % prime));

const numberIn = (text: unknown): bigint | null => {
  const bytes = typeof text === 'string' ? Buffer.from(text, 'base64url') : Buffer.alloc(0);
  return bytes.length === 0 ? null : BigInt(`0x${bytes.toString('hex')}`);
};

const bitsOf = (number: bigint): number => number.toString(2).length;

const rsaFault = ({ n, e }: JWK): string | null => {
  const [modulus, exponent] = [numberIn(n), numberIn(e)];
  if (modulus === null || exponent === null) return 'an RSA key without modulus or exponent';
  const bits = bitsOf(modulus);
  if (bits < MIN_RSA_BITS || bits > MAX_RSA_BITS) return `an RSA modulus of ${bits} bits`;
  if (exponent < MIN_EXPONENT || exponent % 2n === 0n || bitsOf(exponent) > MAX_EXPONENT_BITS)
    return 'an RSA exponent that is even, below 65537 or above 256 bits';
  if (modulus % 2n === 0n || PRIMES.some((prime) => modulus % prime === 0n))
    return 'an RSA modulus with a small factor';
  return hasRocaFingerprint(modulus) ? 'an RSA key with the fingerprint of CVE-2017-15361 (ROCA)' : null;
};

/**
 * The points of Ed25519 with an order of 1, 2, 4 or 8, without the sign bit of x. Signatures for them can be forged.
 */
const SMALL_ORDER: ReadonlySet<string> = new Set([
  `${'00'.repeat(32)}`,
  `01${'00'.repeat(31)}`,
  '26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05',
  'c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a',
  `ec${'ff'.repeat(30)}7f`,
  `ed${'ff'.repeat(30)}7f`,
  `ee${'ff'.repeat(30)}7f`,
]);

const ed25519Fault = ({ x = '' }: JWK): string | null => {
  const point = Buffer.from(x, 'base64url');
  point[31] = (point[31] ?? 0) & 0x7f;
  return SMALL_ORDER.has(point.toString('hex')) ? 'an Ed25519 key of small order' : null;
};

/** Returns the weakness by which signatures of a public key can be forged; null for a key without a known one. */
export const weaknessOf = (key: JWK): string | null => {
  if (key.kty === 'RSA') return rsaFault(key);
  return key.kty === 'OKP' ? ed25519Fault(key) : null;
};
