/** Returns the fault of a URL that the gateway requests; null for a valid one. */
export const requestUrlFault = (text: string): string | null => {
  if (!URL.canParse(text) || /\s/.test(text)) return 'is not a URL';
  const { protocol, username, password } = new URL(text);
  if (protocol !== 'https:' && protocol !== 'http:') return 'must start with https:// or http://';
  return username === '' && password === '' ? null : 'must not contain a user or a password';
};
