import { closeSync, openSync, readSync } from 'node:fs';
import { type Env, printableText, trimmed } from '../text.ts';
import { VARIABLE_NAMES } from '../variables.ts';
import { SecretText } from './secret.ts';

/** A secret that an upstream needs. */
export interface RequiredSecret {
  readonly variable: string;
  /** Place of the use, for problems: `auth.bearer of upstream "stripe" of payments`. */
  readonly use: string;
  /** Returns the fault of a value, without a part of it; null for a valid one. */
  readonly faultOf: (text: string) => string | null;
}

/** A secret with its value at the start. */
export interface FoundSecret {
  readonly text: SecretText;
  /** File of the value; null for a value of the environment. */
  readonly file: string | null;
  readonly faultOf: (text: string) => string | null;
}

export interface SecretsRead {
  readonly found: ReadonlyMap<string, FoundSecret>;
  readonly problems: readonly string[];
  readonly warnings: readonly string[];
}

const VARIABLE = /^[A-Z][A-Z0-9_]{0,99}$/;
/** Maximum size of a secret's file in bytes: more than servers accept in a header. */
const MAX_BYTES = 16_384;
const FILE = '_FILE';

/** Reads a file of a secret. @throws Error with the reason, without content */
export const readSecretFile = (file: string): string => {
  const descriptor = openSync(file, 'r');
  try {
    const bytes = Buffer.alloc(MAX_BYTES + 1);
    const size = readSync(descriptor, bytes, 0, bytes.length, 0);
    if (size > MAX_BYTES) throw new Error(`has more than ${MAX_BYTES} bytes`);
    const text = bytes.toString('utf8', 0, size).trim();
    if (text === '') throw new Error('is empty');
    return text;
  } finally {
    closeSync(descriptor);
  }
};

/** Reason of a file error, without the path, which the message already has. */
export const fileFault = (error: unknown): string => {
  if (!(error instanceof Error)) return 'cannot be read';
  return 'code' in error && typeof error.code === 'string' ? `cannot be read (${error.code})` : error.message;
};

const nameFault = (variable: string): string | null => {
  if (!VARIABLE.test(variable)) return 'is no name of a variable: use capitals, digits and _, as in STRIPE_KEY';
  if (variable.endsWith(FILE)) return `ends in ${FILE}: leave it out; it is added for the file of the value`;
  return VARIABLE_NAMES.includes(variable) || variable.endsWith('_ENDPOINTS')
    ? 'is a variable of the gateway: use another name'
    : null;
};

type Value = { readonly text: string; readonly file: string | null } | { readonly problem: string };

const presentValue = (variable: string, use: string, present: Readonly<Record<string, string>>): Value | null => {
  const [text, file] = [present[variable], present[variable + FILE]];
  if (text !== undefined && file !== undefined)
    return { problem: `${variable}: ${variable + FILE} is set, too: remove one of them` };
  if (text !== undefined) return { text, file: null };
  if (file === undefined) return null;
  try {
    return { text: readSecretFile(file), file };
  } catch (error) {
    const fix = `set it to a file with the secret for ${use}`;
    return { problem: `${variable + FILE}: ${printableText(file)} ${fileFault(error)}: ${fix}` };
  }
};

/** Value of a secret in tests, and of a missing one where that is allowed. */
export const PLACEHOLDER_SECRET = 'placeholder';

interface ReadSecretsOptions {
  /** Reports a missing secret as a warning, and uses a placeholder. Default false. */
  readonly mayBeMissing?: boolean;
}

/** Reads the secrets of upstreams. No problem contains a value. */
export const readSecrets = (
  env: Env,
  required: readonly RequiredSecret[],
  { mayBeMissing = false }: ReadSecretsOptions = {},
): SecretsRead => {
  const present = trimmed(env);
  const found = new Map<string, FoundSecret>();
  const problems = new Set<string>();
  const warnings: string[] = [];
  const faults = new Map<string, (text: string) => string | null>();
  for (const { variable, use, faultOf } of required) {
    const wrongName = nameFault(variable);
    if (wrongName !== null) {
      problems.add(`secret ${JSON.stringify(printableText(variable))} for ${use} ${wrongName}`);
      continue;
    }
    const value = presentValue(variable, use, present);
    const missing = `${variable} is not set: set it, or ${variable + FILE} to the path of a file, for ${use}`;
    if (value === null && !mayBeMissing) problems.add(missing);
    else if (value === null) warnings.push(`${missing}. A placeholder is sent.`);
    else if ('problem' in value) problems.add(value.problem);
    const earlier = faults.get(variable);
    const all = (text: string): string | null => earlier?.(text) ?? faultOf(text);
    faults.set(variable, all);
    const { text, file } = value !== null && 'text' in value ? value : { text: PLACEHOLDER_SECRET, file: null };
    const fault = value !== null && 'text' in value ? faultOf(text) : null;
    if (fault !== null) problems.add(`${file === null ? variable : variable + FILE}: the secret for ${use} ${fault}`);
    found.set(variable, { text: new SecretText(text), file, faultOf: all });
  }
  return { found, problems: [...problems], warnings };
};
