import { expect, test } from 'vitest';
import { isDnsServer } from './dns-server.ts';

test.each(['10.0.0.2', '10.0.0.2:53', 'fd00::2', '[fd00::2]:5353', '::1'])(
  '%s is where a DNS server may be',
  (text) => {
    expect(isDnsServer(text)).toBe(true);
  },
);

test.each(['nonsense', 'dns.example', '10.0.0.2:', '10.0.0.2:0', '10.0.0.2:70000', '[fd00::2', 'fd00::2:x', ''])(
  '%j is not',
  (text) => {
    expect(isDnsServer(text)).toBe(false);
  },
);
