import { checkPrimeSync, createHash, createPrivateKey, createPublicKey, type KeyObject, sign } from 'node:crypto';

const text = (number: bigint): string => {
  const hex = number.toString(16);
  return Buffer.from(hex.padStart(hex.length + (hex.length % 2), '0'), 'hex').toString('base64url');
};

const powerModulo = (base: bigint, exponent: bigint, modulus: bigint): bigint => {
  let [result, square, left] = [1n, base % modulus, exponent];
  for (; left > 0n; left >>= 1n) {
    if (left % 2n === 1n) result = (result * square) % modulus;
    square = (square * square) % modulus;
  }
  return result;
};

const inverse = (number: bigint, modulus: bigint): bigint => {
  let [a, b, x, y] = [number % modulus, modulus, 1n, 0n];
  while (b > 0n) [a, b, x, y] = [b, a % b, y, x - (a / b) * y];
  return ((x % modulus) + modulus) % modulus;
};

const firstPrimes = (count: number): bigint => {
  const primes: number[] = [];
  for (let number = 2; primes.length < count; number += 1)
    if (primes.every((prime) => number % prime !== 0)) primes.push(number);
  return primes.reduce((product, prime) => product * BigInt(prime), 1n);
};

/** Product of the first 126 primes, which Infineon's library used for keys of 1,984 to 3,936 bits. */
const PRIMORIAL = firstPrimes(126);

/** Returns a prime of 1,024 bits with the structure `k * M + (65537 ** a mod M)`. */
const rocaPrime = (a: bigint): bigint => {
  const residue = powerModulo(65_537n, a, PRIMORIAL);
  const smallest = (3n << 1_022n) / PRIMORIAL + 1n;
  for (let k = smallest; ; k += 1n) {
    const candidate = k * PRIMORIAL + residue;
    if (checkPrimeSync(candidate)) return candidate;
  }
};

/** Returns an RSA key pair of 2,048 bits with the structure of CVE-2017-15361. */
export const rocaKey = (): KeyObject => {
  const [p, q, e] = [rocaPrime(9_001n), rocaPrime(4_711n), 65_537n];
  const d = inverse(e, (p - 1n) * (q - 1n));
  const parts = { n: p * q, e, d, p, q, dp: d % (p - 1n), dq: d % (q - 1n), qi: inverse(q, p) };
  const fields = Object.fromEntries(Object.entries(parts).map(([name, value]) => [name, text(value)]));
  return createPrivateKey({ format: 'jwk', key: { kty: 'RSA', ...fields } });
};

export const modulusOf = (key: KeyObject): bigint => {
  const { n = '' } = createPublicKey(key.export({ type: 'pkcs8', format: 'pem' })).export({ format: 'jwk' });
  return BigInt(`0x${Buffer.from(n, 'base64url').toString('hex')}`);
};

const SHA_256_INFO = Buffer.from('3031300d060960864801650304020105000420', 'hex');

/** Padded digest of RS256 for a modulus of 2,048 bits. With an exponent of 1 it is a valid signature of its text. */
const paddedDigest = (data: string): Buffer => {
  const digest = createHash('sha256').update(data).digest();
  const padding = Buffer.alloc(256 - 3 - SHA_256_INFO.length - digest.length, 0xff);
  return Buffer.concat([Buffer.from([0, 1]), padding, Buffer.from([0]), SHA_256_INFO, digest]);
};

/**
 * Signers of tokens: with a private key, without one for an exponent of 1, and without one for the point of order 1.
 */
export const signers = {
  withKey: (key: KeyObject) => (data: string) => sign('sha256', Buffer.from(data), key),
  exponentOne: paddedDigest,
  // R is the point of order 1, S is 0.
  pointOfOrderOne: () => Buffer.concat([Buffer.from([1]), Buffer.alloc(63)]),
};
