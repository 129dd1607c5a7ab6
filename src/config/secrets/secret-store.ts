import type { Clock, Timer } from '../../core/clock.ts';
import { type FoundSecret, fileFault, readSecretFile } from './read-secrets.ts';
import { SecretText } from './secret.ts';

/** A text that may change while the gateway runs. */
export interface CurrentText {
  /** Returns the present value. */
  current(): string;
  /** Reads the value again. Returns true if it has changed. */
  reload(): boolean;
}

/** A text that never changes. */
export const constantText = (text: string): CurrentText => ({ current: () => text, reload: () => false });

/** A change of a secret's file, for operators. */
export type SecretEvent =
  | { readonly is: 'reloaded'; readonly variable: string }
  /** The last valid value stays in use. Reported once, until the file is valid again. */
  | { readonly is: 'invalid'; readonly variable: string; readonly reason: string };

/** Interval of the checks of files. Kubernetes updates a mounted secret within a minute or two. */
const POLL_MS = 10_000;

export interface SecretStore {
  /** @throws Error for a secret that was not read at the start */
  text(variable: string): CurrentText;
  /** Ends the checks of files. */
  close(): void;
}

interface Kept extends Omit<FoundSecret, 'text'> {
  text: SecretText;
  isInvalid: boolean;
}

/**
 * Keeps the values of secrets. Files are read every ten seconds; a file that cannot be read, or with an invalid value,
 * keeps the last value.
 */
export const secretStore = (
  found: ReadonlyMap<string, FoundSecret>,
  clock: Clock,
  report: (event: SecretEvent) => void = () => {},
): SecretStore => {
  const kept = new Map<string, Kept>([...found].map(([variable, one]) => [variable, { ...one, isInvalid: false }]));

  const reload = (variable: string, one: Kept): boolean => {
    if (one.file === null) return false;
    try {
      // Synchronous: the file is local, and has 16 KiB at most.
      const text = readSecretFile(one.file);
      const fault = one.faultOf(text);
      if (fault !== null) throw new Error(fault);
      one.isInvalid = false;
      if (text === one.text.reveal()) return false;
      one.text = new SecretText(text);
      report({ is: 'reloaded', variable });
      return true;
    } catch (error) {
      if (!one.isInvalid) report({ is: 'invalid', variable, reason: fileFault(error) });
      one.isInvalid = true;
      return false;
    }
  };

  let timer: Timer | null = null;
  const poll = (): void => {
    timer = clock.after(POLL_MS, () => {
      for (const [variable, one] of kept) reload(variable, one);
      poll();
    });
  };
  if ([...kept.values()].some(({ file }) => file !== null)) poll();

  return {
    text: (variable) => {
      const one = kept.get(variable);
      if (one === undefined) throw new Error(`the secret ${variable} was not read at the start`);
      return { current: () => one.text.reveal(), reload: () => reload(variable, one) };
    },
    close: () => timer?.cancel(),
  };
};
