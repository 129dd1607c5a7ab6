import { readOptionEntry } from './options.ts';

/** The gateway as a protected resource (RFC 9728). */
export interface ProtectedResource {
  /** Resource identifier: an `https:` URL. */
  readonly resource: string;
  /** Scopes that clients may request for it. */
  readonly scopes: readonly string[];
}

const FORM = 'it is written as https://api.example[;scopes=<scopes, separated by spaces>]';

const LOOPBACK = /^(localhost|127\.\d+\.\d+\.\d+|\[::1\])$/;

// RFC 6749, 3.3
const SCOPE = /^[\x21\x23-\x5b\x5d-\x7e]+$/;

/** Returns the fault of a resource identifier (RFC 9728, 1.2); null for a valid one. */
const resourceFault = (text: string): string | null => {
  if (!URL.canParse(text) || /[\s?#"\\]/.test(text)) return 'must be a URL without query and fragment';
  const { protocol, hostname, username, password } = new URL(text);
  if (username !== '' || password !== '') return 'must not contain a user or a password';
  const isLocal = protocol === 'http:' && LOOPBACK.test(hostname);
  return protocol === 'https:' || isLocal ? null : 'must start with https://, except for this machine';
};

/** Reads `PROTECTED_RESOURCE`. Every fault is reported; null for a text with faults. */
export const readProtectedResource = (text: string, report: (fault: string) => void): ProtectedResource | null => {
  const { first: resource, options, faults } = readOptionEntry(text, ['scopes'], FORM);
  const scopes = (options.scopes ?? '').split(' ').filter((scope) => scope !== '');
  const fault = resourceFault(resource);
  const problems = [
    ...(fault === null ? [] : [fault]),
    ...faults,
    ...(scopes.every((scope) => SCOPE.test(scope)) ? [] : ['scopes have characters that no scope has']),
  ];
  for (const problem of problems) report(problem);
  return problems.length === 0 ? { resource, scopes } : null;
};
