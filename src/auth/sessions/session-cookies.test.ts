import { expect, test } from 'vitest';
import { cookieIn, SESSION_COOKIE, setsOwnCookie, withoutOwnCookies } from './session-cookies.ts';

test.each([
  [undefined, null],
  ['theme=dark', null],
  [`a=1; ${SESSION_COOKIE}=x; b=2`, 'x'],
  [`${SESSION_COOKIE}=x; ${SESSION_COOKIE}=y`, 'invalid'],
  [`other${SESSION_COOKIE}=x`, null],
  [`${SESSION_COOKIE}2=x`, null],
  [`a=1;\t ${SESSION_COOKIE}\t= x \t;b=2`, 'x'],
  // Other names to a browser: any page of the site may set them.
  ...['\u00a0', '\ufeff', '\v', '\f', '\u2003'].map((space): [string, null] => [`${space}${SESSION_COOKIE}=x`, null]),
  [`${SESSION_COOKIE}\u00a0=x`, null],
  [`${SESSION_COOKIE}=x; \u00a0${SESSION_COOKIE}=y`, 'x'],
])('the session in the cookies %s is %s', (header, expected) => {
  expect(cookieIn(header, SESSION_COOKIE)).toBe(expected);
});

test.each([
  ['theme=dark; a=1', 'theme=dark; a=1'],
  [`theme=dark; ${SESSION_COOKIE}=x; a=1`, 'theme=dark; a=1'],
  [`${SESSION_COOKIE}=x`, null],
  [`${SESSION_COOKIE}=x; __Host-tributary-login-0123456789abcdef=y`, null],
])('backends receive of the cookies %s only %s', (header, expected) => {
  expect(withoutOwnCookies(header)).toBe(expected);
});

test('a backend cannot set a cookie of the gateway', () => {
  expect(setsOwnCookie(`${SESSION_COOKIE}=x; Path=/`)).toBe(true);
  expect(setsOwnCookie(` ${SESSION_COOKIE} =x`)).toBe(true);
  // A cookie without a name, which is sent as its value.
  expect(setsOwnCookie(`=${SESSION_COOKIE}=x; Path=/`)).toBe(true);
  expect(setsOwnCookie(` = ${SESSION_COOKIE}=x`)).toBe(true);
  expect(setsOwnCookie('theme=dark')).toBe(false);
});
