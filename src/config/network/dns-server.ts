import { isIP } from 'node:net';

const WITH_PORT = /^(?:\[([^\]]+)\]|([^:]+)):(\d{1,5})$/;

/** True for the address of a DNS server: `10.0.0.2`, `fd00::2`, `10.0.0.2:53`, `[fd00::2]:53`. */
export const isDnsServer = (text: string): boolean => {
  const [, v6, v4 = v6 ?? text, port = '53'] = WITH_PORT.exec(text) ?? [];
  return isIP(v4) !== 0 && Number(port) >= 1 && Number(port) <= 65_535;
};
