import { quotedText } from '../../config/text.ts';
import { BACKUP_PRIORITY, type Endpoint } from './endpoint.ts';

/** Options of an endpoint that are set after its address. */
export type EndpointOptions = Partial<Pick<Endpoint, 'weight' | 'max' | 'priority' | 'zone' | 'labels'>>;

interface OptionText {
  readonly value: string;
  /** The value as shown in a message. */
  readonly shown: string;
}

export const MAX_OPTION = 999_999_999;
/** A zone, and a name or value of a label. */
const NAME = /^[\w.-]{1,64}$/;
export const MAX_LABELS = 16;

const wholeNumber = ({ value, shown }: OptionText, option: string, from: number, to: number): number => {
  const number = /^(0|[1-9]\d{0,8})$/.test(value) ? Number(value) : Number.NaN;
  if (number >= from && number <= to) return number;
  const range = to === MAX_OPTION ? `from ${from}` : `from ${from} to ${to}`;
  throw new Error(`${option} must be a whole number ${range}, not ${shown}`);
};

const zoneName = ({ value, shown }: OptionText): string => {
  if (!NAME.test(value)) throw new Error(`zone must be a name such as eu-west-1a, not ${shown}`);
  return value;
};

/** Returns labels from pairs of names and values; null if there are too many, or one is invalid or repeated. */
export const labelsFrom = (pairs: readonly (readonly string[])[]): Endpoint['labels'] | null => {
  const labels = Object.fromEntries(pairs.map(([name = '', value = '']) => [name, value]));
  const isValid = pairs.every((pair) => pair.length === 2 && pair.every((text) => NAME.test(text)));
  return isValid && Object.keys(labels).length === pairs.length && pairs.length <= MAX_LABELS ? labels : null;
};

const labelList = ({ value, shown }: OptionText): Endpoint['labels'] => {
  const labels = labelsFrom(value.split('+').map((label) => label.split(':')));
  if (labels === null)
    throw new Error(
      `labels must be at most ${MAX_LABELS} pairs such as version:v2+tier:gold, each name once, not ${shown}`,
    );
  return labels;
};

/** Options of an address, each with a parser that returns the property to set. */
const OPTIONS: Readonly<Record<string, (text: OptionText) => EndpointOptions>> = {
  weight: (text) => ({ weight: wholeNumber(text, 'weight', 1, MAX_OPTION) }),
  max: (text) => ({ max: wholeNumber(text, 'max', 1, MAX_OPTION) }),
  priority: (text) => ({ priority: wholeNumber(text, 'priority', 0, BACKUP_PRIORITY - 1) }),
  zone: (text) => ({ zone: zoneName(text) }),
  labels: (text) => ({ labels: labelList(text) }),
  backup: ({ value, shown }) => {
    if (value !== '') throw new Error(`backup takes no value, not ${shown}`);
    return { priority: BACKUP_PRIORITY };
  },
};

/**
 * Parses options as written after the `;` of an address: `weight=2`, `zone=a`, `labels=version:v2+track:stable`,
 * `backup`. Messages do not repeat a value if `whole` may hold a secret.
 *
 * @throws Error with the invalid option and its fix
 */
export const parseOptions = (options: readonly string[], whole: string): EndpointOptions => {
  let read: EndpointOptions = {};
  for (const option of options) {
    const [name = '', ...rest] = option.split('=');
    const parse = Object.hasOwn(OPTIONS, name) ? OPTIONS[name] : undefined;
    if (parse === undefined)
      throw new Error(
        `${quotedText(name, whole)} is not an option of an endpoint (${Object.keys(OPTIONS).join(', ')} are)`,
      );
    const value = rest.join('=');
    const set = parse({ value, shown: quotedText(value, whole) });
    for (const property of Object.keys(set))
      if (Object.hasOwn(read, property)) throw new Error(`${name} contradicts an earlier option`);
    read = { ...read, ...set };
  }
  return read;
};
