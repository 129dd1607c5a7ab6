import { describe, expect, test } from 'vitest';
import { egressEntryFault, egressRules, literalAddress } from './egress-rules.ts';

const OPEN = egressRules([]);

describe('without a list', () => {
  test.each([
    '169.254.169.254',
    '169.254.0.1',
    '::ffff:169.254.169.254',
    '::ffff:a9fe:a9fe',
    '0:0:0:0:0:ffff:a9fe:a9fe',
    '::169.254.169.254',
    '::ffff:0:a9fe:a9fe',
    '64:ff9b::a9fe:a9fe',
    '64:ff9b:1::a9fe:a9fe',
    '2002:a9fe:a9fe::1',
    '2001:0:4136:e378:8000:63bf:5601:5601',
    'fe80::5efe:a9fe:a9fe',
    '2a00:1450::5efe:a9fe:a9fe',
    'fe80::1',
    'fe80::1%eth0',
    'febf::1',
    'fd00:ec2::254',
    'FD00:0EC2:0:0:0:0:0:254',
    'fd00:ec2::23',
    'fd20:ce::254',
    '100.100.100.200',
    '192.0.0.192',
    '168.63.129.16',
  ])('%s is refused as a reserved address, whatever the name', (address) => {
    expect(OPEN.refusalOf('api.example.com', address)).toBe('metadata');
  });

  test.each([
    '127.0.0.1',
    '::1',
    '10.0.0.1',
    '192.168.1.1',
    'fd00::1',
    '8.8.8.8',
    '2a00:1450::1',
    'fec0::1',
    '169.253.1.1',
  ])('%s is allowed', (address) => {
    expect(OPEN.refusalOf('api.example.com', address)).toBeNull();
  });

  test.each([
    '169.254.169.254',
    '2852039166',
    '0xa9fea9fe',
    '0xA9.0xFE.0xA9.0xFE',
    '0251.0376.0251.0376',
    '169.254.43518',
    '169.16689662',
    '[::ffff:169.254.169.254]',
    '::ffff:a9fe:a9fe',
    'fe80::1',
    '[fd00:ec2::254]',
    'metadata.google.internal',
    'METADATA.google.internal.',
    'instance-data',
    '１６９.254.169.254',
  ])('the name %s is refused before a proxy receives it', (name) => {
    expect(OPEN.refusalOfName(name)).toBe('metadata');
  });

  test('other names are passed to a proxy', () => {
    expect(OPEN.refusalOfName('api.example.com')).toBeNull();
    expect(OPEN.refusalOfName('169.254.169.254.example.com')).toBeNull();
  });
});

describe('with a list', () => {
  const rules = egressRules(['api.example.com', '*.partner.example', '10.0.0.0/8', 'fd00::/8']);

  test.each([
    ['api.example.com', '203.0.113.1'],
    ['API.example.com.', '203.0.113.1'],
    ['a.b.partner.example', '203.0.113.1'],
    ['anything.invalid', '10.1.2.3'],
    ['anything.invalid', '::ffff:10.1.2.3'],
    ['anything.invalid', 'fd00::1'],
  ])('%s at %s is allowed by its name or its address', (host, address) => {
    expect(rules.refusalOf(host, address)).toBeNull();
  });

  test.each([
    ['example.com', '203.0.113.1'],
    ['partner.example', '203.0.113.1'],
    ['evilpartner.example', '203.0.113.1'],
    ['api.example.com.evil.invalid', '203.0.113.1'],
    ['11.0.0.1', '11.0.0.1'],
  ])('%s at %s is refused', (host, address) => {
    expect(rules.refusalOf(host, address)).toBe('not-listed');
  });

  test('a listed name does not allow a reserved address', () => {
    expect(rules.refusalOf('api.example.com', '169.254.169.254')).toBe('metadata');
    expect(egressRules(['*']).refusalOf('api.example.com', '169.254.169.254')).toBe('metadata');
    expect(egressRules(['0.0.0.0/0', '::/0']).refusalOf('api.example.com', '169.254.169.254')).toBe('metadata');
    expect(egressRules(['168.0.0.0/7']).refusalOf('api.example.com', '169.254.169.254')).toBe('metadata');
  });

  test('an entry of reserved addresses alone allows these, and nothing else', () => {
    const own = egressRules(['169.254.170.2']);
    expect(own.refusalOf('credentials', '169.254.170.2')).toBeNull();
    expect(own.refusalOf('credentials', '169.254.169.254')).toBe('metadata');
    expect(own.refusalOf('api.example.com', '203.0.113.1')).toBe('not-listed');
    expect(egressRules(['*', '169.254.0.0/16']).refusalOf('any', '169.254.169.254')).toBeNull();
    expect(egressRules(['fe80::/10']).refusalOf('any', 'fe80::1')).toBeNull();
  });

  test('a name that a proxy resolves is allowed by its name alone', () => {
    expect(rules.refusalOfName('api.example.com')).toBeNull();
    expect(rules.refusalOfName('10.1.2.3')).toBeNull();
    expect(rules.refusalOfName('167838211')).toBeNull();
    expect(rules.refusalOfName('internal.example')).toBe('not-listed');
  });
});

test.each(['api.example.com', '*.example.com', '*', 'my_service', '10.0.0.0/8', '::1', '127.0.0.1'])(
  '%s is a valid entry',
  (entry) => {
    expect(egressEntryFault(entry)).toBeNull();
  },
);

test.each([
  'http://a',
  'a:80',
  'a/b',
  '*a.com',
  'a.*.com',
  '0x7f000001',
  '2130706433',
  '10.0.0.0/33',
  '',
  'a b',
  '127.1',
])('"%s" is no valid entry', (entry) => {
  expect(egressEntryFault(entry)).toMatch(/^must be hosts/);
});

test('names are no literal addresses', () => {
  expect(literalAddress('example.com')).toBeNull();
  expect(literalAddress('a/b')).toBeNull();
});
