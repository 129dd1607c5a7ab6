import type { KeyRecord } from '../auth/api-keys/key-record.ts';
import { wallTime } from '../core/clock.ts';
import { type CommandContext, defineCommand, unknownWord } from './command/define-command.ts';
import { CommandFailure, EXIT_CODES, UsageError } from './command/exit-code.ts';
import { keepAlive } from './command/keep-alive.ts';
import { openCommandAudit, userName } from './keys/audit-command.ts';
import { createKey, type NewKeyOptions } from './keys/create-key.ts';
import { findKey } from './keys/find-key.ts';
import { type KeySettings, keySettings } from './keys/key-settings.ts';
import { keyListJson, keyListTable } from './keys/list-keys.ts';
import { withKeyStore } from './keys/open-key-store.ts';

interface Options extends NewKeyOptions {
  readonly json: boolean;
}

const ACTIONS = ['create', 'list', 'revoke'] as const;

/** Facts of a key for the audit log. */
const targetOf = ({ hash: _hash, createdAt: _at, createdBy: _by, ...facts }: KeyRecord) => facts;

const create = async (settings: KeySettings, options: Options, context: CommandContext): Promise<void> => {
  const audit = openCommandAudit(settings, context);
  const { key, record } = await withKeyStore(settings, (store) => createKey(store, options, userName(), wallTime()));
  const { hash: _, ...facts } = record;
  context.print(options.json ? JSON.stringify({ key: key.text, ...facts }, null, 2) : key.text);
  const until = record.expiresAt === undefined ? 'does not expire' : `expires at ${record.expiresAt}`;
  context.printError(
    `Key ${record.id} of ${record.owner} ${until}. Store it now: it is not shown again, and cannot be read from the store.`,
  );
  await audit({ event: 'key.created', target: targetOf(record) });
};

const list = async (settings: KeySettings, { json }: Options, { print }: CommandContext): Promise<void> => {
  const records = await withKeyStore(settings, (store) => store.list());
  print((json ? keyListJson : keyListTable)(records, wallTime()));
};

const revoke = async (
  settings: KeySettings,
  { json }: Options,
  argument: string | undefined,
  context: CommandContext,
): Promise<void> => {
  const audit = openCommandAudit(settings, context);
  const revokedAt = new Date(wallTime()).toISOString().replace(/\.\d{3}Z$/, 'Z');
  const { record, isChanged } = await withKeyStore(settings, async (store) => {
    const found = findKey(await store.list(), argument);
    const revocation = await store.revoke(found.id, { revokedAt, revokedBy: userName() });
    if (revocation === null) throw new CommandFailure(`The key ${found.id} was removed meanwhile.`);
    return revocation;
  });
  context.print(
    json
      ? keyListJson([record], wallTime())
      : `Key ${record.id} of ${record.owner} was revoked at ${record.revokedAt}.`,
  );
  if (!isChanged) return;
  await audit({ event: 'key.revoked', target: { id: record.id, owner: record.owner } });
};

export const keysCommand = defineCommand({
  name: 'keys',
  summary: 'Creates, lists and revokes API keys of clients.',
  arguments: 'create | list | revoke <id>',
  details:
    'The store is that of API_KEYS: a file, or Redis (REDIS_URL). Gateways use changes without a restart. `create` needs --owner and prints the key, once only.',
  options: {
    store: { type: 'string', value: 'store', description: 'file:/path or redis, in place of API_KEYS' },
    owner: { type: 'string', value: 'owner', description: 'person, team or customer that gets the key' },
    name: { type: 'string', value: 'name', description: 'purpose of the key, for the list' },
    scope: { type: 'string', value: 'scopes', multiple: true, description: 'scopes, separated by spaces' },
    role: { type: 'string', value: 'role', multiple: true, description: 'a role' },
    plan: { type: 'string', value: 'plan', description: 'plan of the owner' },
    'expires-in': {
      type: 'string',
      value: 'time',
      default: '365d',
      description: 'validity: days, hours or minutes such as 90d, 12h or 30m; or never',
    },
    'not-before': { type: 'string', value: 'time', description: 'start of the validity, such as 2026-12-01T00:00:00Z' },
    json: { type: 'boolean', default: false, description: 'prints JSON' },
  },
  run: async ({ values, positionals: [action, argument, unexpected] }, context) => {
    if (action === undefined) throw new UsageError(`The action is missing: use ${ACTIONS.join(', ')}`);
    if (unexpected !== undefined || (argument !== undefined && action !== 'revoke'))
      throw new UsageError(`Unexpected argument ${unexpected ?? argument}.`);
    const { store, owner, name, plan, scope = [], role = [], 'not-before': notBefore, ...others } = values;
    const options: Options = { ...others, owner, name, plan, scope, role, 'not-before': notBefore };
    const run = {
      create: () => create(keySettings(context.env, store), options, context),
      list: () => list(keySettings(context.env, store), options, context),
      revoke: () => revoke(keySettings(context.env, store), options, argument, context),
    };
    const known = ACTIONS.find((one) => one === action);
    if (known === undefined) throw unknownWord('action', action, ACTIONS);
    await keepAlive(run[known]);
    return EXIT_CODES.success;
  },
});
