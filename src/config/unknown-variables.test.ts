import fc from 'fast-check';
import { expect, test } from 'vitest';
import { ConfigurationError } from '../core/errors.ts';
import { editDistance } from '../core/suggest.ts';
import { type RequiredVariable, readConfig } from './settings.ts';

const REQUIRED: readonly RequiredVariable<string>[] = ['CATALOG_PRODUCTS_ENDPOINTS', 'ORDERS_ORDERS_ENDPOINTS'].map(
  (variable) => ({
    variable,
    parse: (text) => text,
    fix: 'set it to an address',
  }),
);

const SET = { CATALOG_PRODUCTS_ENDPOINTS: 'http://a', ORDERS_ORDERS_ENDPOINTS: 'http://b' };

const warningsFor = (...names: readonly string[]) =>
  readConfig({ ...SET, ...Object.fromEntries(names.map((name) => [name, '5'])) }, REQUIRED).warnings;

test.each([
  ['MAX_DEPHT', 'MAX_DEPTH'],
  ['MAX_DETPH', 'MAX_DEPTH'],
  ['MAXDEPTH', 'MAX_DEPTH'],
  ['MAX_TOKEN', 'MAX_TOKENS'],
  ['CORS_ORIGIN', 'CORS_ORIGINS'],
  ['JWT_ISSUER', 'JWT_ISSUERS'],
  ['INTROPSECTION', 'INTROSPECTION'],
  ['REQUEST_TIMEOUT', null],
  ['REQUEST_TIMEOUT_S', 'REQUEST_TIMEOUT_MS'],
  ['REDIS_URI', 'REDIS_URL'],
  ['SHCEMA_DIR', 'SCHEMA_DIR'],
  ['ADMIN_PROT', 'ADMIN_PORT'],
  ['PROT', 'PORT'],
  ['HSOT', 'HOST'],
  ['OTEL_EXPORTER_OTLP_ENDPONT', 'OTEL_EXPORTER_OTLP_ENDPOINT'],
  ['CATALOG_PRODUCT_ENDPOINTS', 'CATALOG_PRODUCTS_ENDPOINTS'],
  ['CATALOG_PRODUCTS_ENDPOINT', 'CATALOG_PRODUCTS_ENDPOINTS'],
])('unknown variable %s: the suggestion is %s', (name, suggestion) => {
  expect(warningsFor(name)).toEqual(
    suggestion === null ? [] : [`${name} is not a variable of this gateway; did you mean ${suggestion}?`],
  );
});

test('endpoints of an unknown upstream are reported', () => {
  expect(warningsFor('REVIEWS_REVIEWS_ENDPOINTS')).toEqual([
    'REVIEWS_REVIEWS_ENDPOINTS is not a variable of this gateway: no schema module has such an upstream.',
  ]);
});

const USUAL = `
  PATH HOME HOSTNAME HOSTTYPE SHELL SHLVL USER LOGNAME LANG LANGUAGE LC_ALL TERM COLORTERM PWD OLDPWD TMPDIR TEMP TMP TZ
  EDITOR VISUAL PAGER LESS DISPLAY MAIL _ CI DEBUG POST PORTS HOSTS SPORT REPORT GHOST PORTAL HOSTED EXPLORER_THEME
  NODE_ENV NODE_OPTIONS NODE_VERSION NODE_PATH NODE_EXTRA_CA_CERTS YARN_VERSION INIT_CWD NO_COLOR FORCE_COLOR
  npm_config_port npm_lifecycle_event npm_package_name npm_execpath
  FTP_PROXY ALL_PROXY all_proxy SSL_CERT_FILE SSL_CERT_DIR
  XDG_RUNTIME_DIR XDG_SESSION_ID DBUS_SESSION_BUS_ADDRESS SSH_AUTH_SOCK SSH_CONNECTION GPG_TTY LS_COLORS
  KUBERNETES_PORT KUBERNETES_SERVICE_HOST KUBERNETES_SERVICE_PORT POD_NAME POD_IP NODE_NAME
  GITHUB_ACTIONS GITHUB_TOKEN RUNNER_TEMP AWS_REGION AWS_ACCESS_KEY_ID GOOGLE_CLOUD_PROJECT
  REDIS_HOST REDIS_PORT REDIS_PASSWORD DATABASE_URL POSTGRES_HOST DEMO_MOCK_PORT_BASE
  OTEL_EXPORTER_OTLP_PROTOCOL
  OTEL_EXPORTER_OTLP_TRACES_ENDPOINT OTEL_TRACES_EXPORTER OTEL_LOGS_EXPORTER OTEL_LOG_LEVEL OTEL_PROPAGATORS
`
  .trim()
  .split(/\s+/);

test.each(USUAL)('%s is not reported', (name) => {
  expect(warningsFor(name)).toEqual([]);
});

test('own variables and empty ones are not reported', () => {
  const { settings } = readConfig({}, []);
  const own = Object.fromEntries(Object.keys(settings).map((name) => [name, undefined]));
  expect(readConfig({ ...own, SCHEMA_DIR: './schema', MAX_DEPHT: '' }, []).warnings).toEqual([]);
});

test('unknown variables are reported with the other problems of a failed start', () => {
  const mistakesOf = (env: Record<string, string>): readonly string[] => {
    try {
      readConfig(env, REQUIRED);
      return [];
    } catch (error) {
      if (error instanceof ConfigurationError) return error.problems;
      throw error;
    }
  };
  const { CATALOG_PRODUCTS_ENDPOINTS: address, ...rest } = SET;
  // REVIEWS_REVIEWS_ENDPOINTS is not reported here: its module may have failed to load.
  expect(mistakesOf({ ...rest, CATALOG_PRODUCT_ENDPOINTS: address, REVIEWS_REVIEWS_ENDPOINTS: 'http://c' })).toEqual([
    'CATALOG_PRODUCTS_ENDPOINTS is not set: set it to an address',
    'CATALOG_PRODUCT_ENDPOINTS is not a variable of this gateway; did you mean CATALOG_PRODUCTS_ENDPOINTS?',
  ]);
});

const word = fc.string({ unit: fc.constantFrom('A', 'B', '_'), maxLength: 8 });

test('an edit distance is symmetric, zero for equal texts only, and one for swapped neighbours', () => {
  fc.assert(
    fc.property(word, word, (one, other) => {
      const distance = editDistance(one, other, 20);
      expect(distance).toBe(editDistance(other, one, 20));
      expect(distance === 0).toBe(one === other);
      expect(distance).toBeGreaterThanOrEqual(Math.abs(one.length - other.length));
      expect(distance).toBeLessThanOrEqual(Math.max(one.length, other.length));
    }),
  );
  fc.assert(
    fc.property(word, word, (one, other) => {
      expect(editDistance(`${one}XY${other}`, `${one}YX${other}`, 2)).toBe(1);
      expect(editDistance(`${one}X${other}`, `${one}${other}`, 2)).toBe(1);
    }),
  );
});
