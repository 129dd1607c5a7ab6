import { join } from 'node:path';
import { loadProto } from '../../../src/protobuf/load-proto.ts';

export const EVERY_KIND_PROTO = join(import.meta.dirname, 'every-kind.proto');

const [method] = loadProto(EVERY_KIND_PROTO).service('all.v1.S').methods;
if (method === undefined) throw new Error('every-kind.proto has no method');

/** Receives and returns a message with a field of every kind. */
export const echo = method;

/** The message decoded from no bytes. */
export const EMPTY = {
  small: 0,
  natural: 0,
  wide: '0',
  wideNatural: '0',
  zigzag: '0',
  fixed: '0',
  ratio: 0,
  flag: false,
  text: '',
  raw: '',
  color: 'COLOR_UNKNOWN',
  leaf: null,
  colors: [],
  wides: [],
  leaves: [],
  raws: [],
  byName: {},
  byId: {},
  byFlag: {},
  byInt: {},
  maybeSmall: null,
  maybeWide: null,
  maybeColor: null,
  again: null,
  byNatural: {},
};

/** The message with a value in every field. */
export const FULL = {
  small: -5,
  natural: 4_294_967_295,
  wide: '-9223372036854775808',
  wideNatural: '18446744073709551615',
  zigzag: '-9007199254740993',
  fixed: '9007199254740993',
  ratio: 0.5,
  flag: true,
  text: 'ü€😀',
  raw: 'AP8=',
  color: 'BLUE',
  leaf: { name: 'l' },
  colors: ['RED', 'BLUE', 7],
  wides: ['1', '-1'],
  leaves: [{ name: 'a' }, { name: '' }],
  raws: ['AQ==', ''],
  byName: { x: { name: 'x' } },
  byId: { '-9007199254740993': 'RED', '0': 'COLOR_UNKNOWN' },
  byFlag: { true: '1', false: '-2' },
  byInt: { '-3': 'minus three' },
  maybeSmall: 0,
  maybeWide: '0',
  maybeColor: 'COLOR_UNKNOWN',
  byLeaf: { name: 'chosen' },
  again: null,
  byNatural: { '18446744073709551615': 'most' },
};
