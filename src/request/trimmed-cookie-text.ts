/**
 * Removes SP and HTAB around the name or the value of a cookie, as browsers do (RFC 6265bis, 5.6), and nothing else: to a
 * browser, a name after U+00A0 is another one, without the rules of `__Host-`.
 */
export const trimmedCookieText = (text: string): string => text.replace(/^[ \t]+|[ \t]+$/g, '');
