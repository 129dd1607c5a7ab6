/** Headers by name in lower case. */
type Headers = Readonly<Record<string, string>>;

/** Headers of every response. They forbid it to load or run anything, and to be framed; pages set their own policy. */
export const SECURITY_HEADERS: Headers = {
  'x-content-type-options': 'nosniff',
  'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
  'cross-origin-resource-policy': 'same-origin',
  'referrer-policy': 'no-referrer',
  'x-frame-options': 'DENY',
};

/** The security headers with changes, by names in lower case: another value, or null for none. */
export const changedSecurityHeaders = (changes: Readonly<Record<string, string | null>>): Headers =>
  Object.fromEntries(
    Object.entries({ ...SECURITY_HEADERS, ...changes }).flatMap(([name, value]) =>
      value === null ? [] : [[name, value] as const],
    ),
  );
