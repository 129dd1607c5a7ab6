import { rest, type SchemaModule } from 'tributary/backend';
import { z } from 'zod';
import {
  type EgressGuard,
  egressGuard,
  type RefusedConnection,
  type ResolveName,
} from '../../../src/config/egress/egress-guard.ts';
import { egressRules } from '../../../src/config/egress/egress-rules.ts';
import { define, typeDefs } from '../../support/modules/small-modules.ts';

/** Spellings of addresses that hold credentials of the machine, as the endpoint of an upstream. */
export const SPELLINGS = [
  'http://169.254.169.254',
  'http://2852039166',
  'http://0xa9fea9fe',
  'http://0251.0376.0251.0376',
  'http://169.254.43518',
  'http://[::ffff:169.254.169.254]',
  'http://[::ffff:a9fe:a9fe]',
  'http://[64:ff9b::a9fe:a9fe]',
  'http://[fe80::1]',
  'http://[fd00:ec2::254]',
  'https://169.254.169.254',
  'http://100.100.100.200',
] as const;

/** A name that turns to the metadata address once it has been resolved. */
export const REBOUND = 'rebound.example';
/** A name of the metadata address from the start. */
export const RESOLVED = 'metadata.example';

const TEXT = { response: z.string().nullable() };
const nameOf = (at: number): string => `s${at}`;

/** A module that is configured, or led by a backend or by DNS, to call addresses within the machine. */
export const FORGERY: SchemaModule = define({
  name: 'forgery',
  typeDefs: typeDefs('type Query { spelled(at: Int!): String  resolved: String  rebound: String  moved: String }'),
  upstreams: {
    ...Object.fromEntries(SPELLINGS.map((_, at) => [nameOf(at), rest({ retry: false })])),
    resolved: rest({ retry: false }),
    rebound: rest({ retry: false }),
    moved: rest({ retry: false, redirects: { origins: ['http://169.254.169.254'] } }),
  },
  resolvers: {
    Query: {
      spelled: (_root, { at }, { clients }) => {
        const client: typeof clients.resolved = Reflect.get(clients, nameOf(at));
        return client.get('/latest/meta-data', TEXT);
      },
      resolved: (_root, _args, { clients }) => clients.resolved.get('/latest/meta-data', TEXT),
      rebound: (_root, _args, { clients }) => clients.rebound.get('/closed', TEXT),
      moved: (_root, _args, { clients }) => clients.moved.get('/away', TEXT),
    },
  },
});

/** Endpoints of the module; `url` is that of the backend. */
export const forgeryEndpoints = (url: string): Readonly<Record<string, string>> => ({
  ...Object.fromEntries(SPELLINGS.map((spelling, at) => [`FORGERY_S${at}_ENDPOINTS`, spelling])),
  FORGERY_RESOLVED_ENDPOINTS: `http://${RESOLVED}`,
  FORGERY_REBOUND_ENDPOINTS: `http://${REBOUND}:${new URL(url).port}`,
  FORGERY_MOVED_ENDPOINTS: url,
});

/** The guard of the gateway, with a resolver under the control of the attacker. */
export const attackedGuard = (onRefused: (refused: RefusedConnection) => void): EgressGuard => {
  let asked = 0;
  const resolve: ResolveName = (name, _options, found) => {
    if (name === REBOUND) asked += 1;
    const address = name === RESOLVED || asked > 1 ? '169.254.169.254' : '127.0.0.1';
    found(null, [{ address, family: 4 }]);
  };
  return egressGuard(egressRules([]), { resolve, onRefused });
};
