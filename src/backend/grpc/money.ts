import { GatewayError } from '../../core/errors.ts';

/** An amount as google.type.Money has it, from gRPC or JSON. An absent number is 0. */
export interface MoneyMessage {
  /** Whole units: an int64, as text of its digits or as a number. */
  readonly units?: string | number | bigint | null | undefined;
  /** Billionths of a unit, with the sign of `units`. */
  readonly nanos?: number | null | undefined;
}

const NANOS = 1_000_000_000n;
const AMOUNT = /^(-?)(\d{1,18})(?:\.(\d{1,9}))?$/;

const nanosIn = ({ units, nanos }: MoneyMessage): bigint => {
  const whole = BigInt(units ?? 0);
  const part = BigInt(nanos ?? 0);
  const isOneSign = whole === 0n || part === 0n || whole < 0n === part < 0n;
  if (!isOneSign || part <= -NANOS || part >= NANOS) throw new RangeError('units and nanos do not fit');
  return whole * NANOS + part;
};

/**
 * The exact amount of a google.type.Money as decimal text with 2 to 9 decimals: `{ units: '1', nanos: 750_000_000 }` is
 * `1.75`.
 *
 * @throws GatewayError UPSTREAM_BAD_RESPONSE for units and nanos that are no amount
 */
export const moneyAmount = (money: MoneyMessage): string => {
  let total: bigint;
  try {
    total = nanosIn(money);
  } catch (cause) {
    throw new GatewayError('UPSTREAM_BAD_RESPONSE', 'google.type.Money has units and nanos of no amount.', { cause });
  }
  const size = total < 0n ? -total : total;
  const decimals = `${size % NANOS}`.padStart(9, '0').replace(/0{1,7}$/, '');
  return `${total < 0n ? '-' : ''}${size / NANOS}.${decimals}`;
};

/**
 * The google.type.Money of a decimal text: `moneyOf('1.75', 'EUR')` is `{ currencyCode: 'EUR', units: '1', nanos:
 * 750_000_000 }`.
 *
 * @throws GatewayError BAD_USER_INPUT for other text than digits with up to 9 decimals
 */
export const moneyOf = (amount: string, currencyCode: string) => {
  const [, sign = '', units = '', decimals = ''] = AMOUNT.exec(amount) ?? [];
  if (units === '') throw new GatewayError('BAD_USER_INPUT', 'An amount is digits with up to 9 decimals, as in 1.75.');
  const nanos = Number(decimals.padEnd(9, '0'));
  return {
    currencyCode,
    units: `${sign === '' ? '' : '-'}${BigInt(units)}`,
    nanos: sign === '' || nanos === 0 ? nanos : -nanos,
  };
};
