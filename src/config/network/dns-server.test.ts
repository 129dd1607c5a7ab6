import { expect, test } from 'vitest';
import { isDnsServer } from './dns-server.ts';

test.each(['10.0.0.2', '10.0.0.2:53', 'fd00::2', '[fd00::2]:5353', '::1'])(
  '%s is the address of a DNS server',
  (text) => {
    expect(isDnsServer(text)).toBe(true);
  },
);

test.each(['nonsense', 'dns.example', '10.0.0.2:', '10.0.0.2:0', '10.0.0.2:70000', '[fd00::2', 'fd00::2:x', ''])(
  '%j is not the address of a DNS server',
  (text) => {
    expect(isDnsServer(text)).toBe(false);
  },
);
