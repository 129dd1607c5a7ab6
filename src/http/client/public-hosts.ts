/** Returns true for a host, with or without a port, that this gateway answers for. */
export type HostTest = (host: string) => boolean;

/** `host` and `host:port`; the host is a name, an IPv4 address, or an IPv6 address in brackets. */
const AUTHORITY = /^(\[[\da-f:.]+\]|[a-z\d._-]+?)\.?(:\d+)?$/;

/**
 * Creates the test for the hosts in `names`. A name without a port holds for all ports. `*.shop.example` holds for every
 * name below shop.example, and not for shop.example itself.
 */
export const publicHosts = (names: readonly string[]): HostTest => {
  const exact = new Set(names.map((name) => name.toLowerCase()).filter((name) => !name.startsWith('*.')));
  const suffixes = names.filter((name) => name.startsWith('*.')).map((name) => name.slice(1).toLowerCase());
  return (host) => {
    const [, name, port = ''] = AUTHORITY.exec(host.toLowerCase()) ?? [];
    if (name === undefined) return false;
    if (exact.has(name) || exact.has(name + port)) return true;
    return suffixes.some((suffix) => name.length > suffix.length && name.endsWith(suffix));
  };
};
