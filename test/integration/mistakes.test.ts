import { readdir } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { expect, test } from 'vitest';
import { resolveModulesIn } from '../../src/app/module-resolution.ts';
import type { SchemaModule } from '../../src/backend/define/module.ts';
import { problemsInModules } from '../../src/graph/check/check-modules.ts';

const ROOT = join(import.meta.dirname, '../..');
const FIXTURES = join(ROOT, 'test/fixtures/mistakes');

/** Problems reported for the modules in a folder. */
const problemsOf = async (folder: string): Promise<readonly string[]> => {
  const restore = resolveModulesIn(folder);
  try {
    const folders = (await readdir(folder, { withFileTypes: true })).filter((entry) => entry.isDirectory());
    const modules = folders.map(async ({ name }) => (await import(join(folder, name, 'index.ts'))).default);
    return problemsInModules(await Promise.all<SchemaModule>(modules));
  } finally {
    restore();
  }
};

/** Path of the fixtures as problems show it. */
const shown = `${relative(process.cwd(), FIXTURES)}/`;

/** Requirement, and the message for a module that breaks it: without the folder of the fixtures, sorted by line. */
const MESSAGES: Readonly<Record<string, string>> = {
  'an error code is in capitals':
    'broken/index.ts: errors has "outOfOrder", which is not a valid code: use capitals and underscores, as in OUT_OF_STOCK',
  'a timeout is positive, checked even if the SDL does not parse':
    'broken/index.ts: timeoutMs of upstream parts is 0: use a number above 0, or remove it',
  'SDL can be parsed': 'broken/schema.graphql:2:10: Syntax Error: Expected Name, found ":": correct the SDL here',
  'a public cache has no access to the principal':
    "confidants/index.ts: the cache in loader personById is public, but the identity of the caller is forwarded to upstream people: remove scope: 'public', or remove forward.identity",
  'a policy is defined in the module that names it':
    'confidants/schema.graphql:2:30: unknown policy "nobody-wrote-this": add it to policies, or correct the name',
  'a type is defined where it is used':
    'invalid/schema.graphql:2:9: Unknown type "Gone": correct the name, or define the type here; for a type of another module the key fields are enough (did you mean "Node"?)',
  'a directive is declared where it is used':
    'invalid/schema.graphql:3:14: Unknown directive "@shiny": correct the name, or declare the directive here',
  'a type is defined once': 'invalid/schema.graphql:7:6: There can be only one type named "Query": keep one of them',
  'an interface is implemented':
    'invalid/schema.graphql:15:1: Interface field Node.id expected but Leaf does not provide it: add what is missing',
  'a type is extended where it is defined':
    'invalid/schema.graphql:19:13: Cannot extend type "Branch" because it is not defined: write `type` instead of `extend type`; `merge` joins the fields of several modules',
  'there are no subscriptions':
    'invalid/schema.graphql:23:6: subscriptions are not supported yet: remove the Subscription type',
  'no type has a reserved name':
    'invalid/schema.graphql:27:6: the name _Hidden is reserved, because it begins with "_": rename it',
  'no field has a reserved name':
    'invalid/schema.graphql:28:3: the name _secret is reserved, because it begins with "_": rename it',
  'a key is a field of its type':
    'library/index.ts: the key of Product in merge is id, a field that Product does not have: correct the name, or add id to Product in the SDL',
  'computed fields do not depend on each other':
    'library/index.ts: Product.popularity needs Product.fame needs Product.popularity, which is a cycle: remove one of these needs',
  'a field of another module’s type is merged, or it is unreachable':
    'library/schema.graphql:7:3: Book.title cannot be loaded for a Book of another module: merge Book in library too, by isbn, or remove the field',
  'a merged type has the key of the other modules':
    'library/schema.graphql:10:6: Product of library lacks id, the key in catalog (catalog/schema.graphql:9:6) and reviews (reviews/schema.graphql:15:6): add id to Product here',
  "an error code is none of the gateway's own":
    'offers/index.ts: errors has NOT_FOUND, which is a code of the gateway: rename it',
  'an error code has one message':
    'offers/index.ts: SOLD_OUT has one message in offers and another in catalog (catalog/index.ts): use the same message in both, or rename one of the codes',
  'a built-in scalar has one definition':
    'offers/index.ts: DateTime is replaced here, but invalid uses the built-in scalar: remove it from resolvers, or rename it',
  'a root field has one owner':
    'offers/schema.graphql:2:3: Query.product is defined by offers and by catalog (catalog/schema.graphql:2:3): rename or remove it in one of them',
  'a key has one type':
    'offers/schema.graphql:7:3: the key Product.id is Int! in offers and ID! in catalog (catalog/schema.graphql:10:3): use the same type in both',
  'a field of a merged type has one owner':
    'offers/schema.graphql:8:3: Product.name is defined by offers and by catalog (catalog/schema.graphql:11:3): remove it from one of them, or declare it @shareable in both',
  'a field of another module’s type is merged even if the type has the key':
    'offers/schema.graphql:9:3: Product.discount cannot be loaded for a Product of another module: merge Product in offers too, by id, or remove the field',
  'a value type is the same everywhere':
    'offers/schema.graphql:16:6: Money of offers differs from Money of catalog (catalog/schema.graphql:20:6) in amount: make both the same, or rename one of them, or join them with merge',
  'an enum is the same everywhere':
    'offers/schema.graphql:26:6: Status of offers differs from Status of catalog (catalog/schema.graphql:29:6) in SOLD_OUT: make both the same, or rename one of them',
  'a name stands for one kind of type':
    'offers/schema.graphql:30:6: Colour is an object type in offers and an enum in catalog (catalog/schema.graphql:34:6): rename one of them',
  'an input is the same everywhere':
    'offers/schema.graphql:34:7: Filter of offers differs from Filter of catalog (catalog/schema.graphql:38:7) in first: make both the same, or rename one of them',
  'an interface is the same everywhere':
    'offers/schema.graphql:38:11: Thing of offers differs from Thing of catalog (catalog/schema.graphql:42:11) in id: make both the same, or rename one of them',
  'a union is the same everywhere':
    'offers/schema.graphql:42:7: Hit of offers differs from Hit of catalog (catalog/schema.graphql:46:7) in Size: make both the same, or rename one of them',
  'a scalar is the same everywhere':
    'offers/schema.graphql:44:8: Weight of offers differs from Weight of catalog (catalog/schema.graphql:48:8) in @specifiedBy: make both the same, or rename one of them',
  'a .proto file is there':
    'order-desk/index.ts: upstream gone: gone.proto: there is no such file: create it, or correct the path',
  'a service is in its .proto file':
    'order-desk/index.ts: upstream desks: desk.proto: no service desk.v1.Desks: use one of: desk.v1.Desk',
  'a .proto file can be read':
    'order-desk/index.ts: upstream broken: broken.proto:4:3: "Gone" is not defined: define it, import the file that does, or correct the name',
  'an upstream’s name can be part of a variable’s name':
    'order-desk/index.ts: invalid upstream name "price-list": use letters and digits, as in priceList',
  'a timeout is not negative':
    'order-desk/index.ts: timeoutMs of upstream priceList is -1: use a number above 0, or remove it',
  "a limit of the answer's size is positive":
    'order-desk/index.ts: maxResponseBytes of upstream priceList is 0: use a number above 0, or remove it',
  "the caller's token is forwarded as identity only":
    "order-desk/index.ts: upstream customers forwards Authorization, which is the identity of the caller: set identity: 'token' instead",
  'cookies are not forwarded':
    'order-desk/index.ts: upstream customers forwards Cookie, which is never forwarded: remove it',
  'hop-by-hop headers are not forwarded':
    'order-desk/index.ts: upstream customers forwards Transfer-Encoding, which belongs to one connection: remove it',
  'facts of the client are forwarded as the gateway knows them':
    "order-desk/index.ts: upstream customers forwards X-Real-IP, which the gateway makes itself: set client: ['x-real-ip'] instead",
  'two upstreams of a module do not read one variable':
    'order-desk/index.ts: upstream priceList would read ORDER_DESK_PRICE_LIST_ENDPOINTS, and so would price-list of order-desk (order-desk/index.ts): rename one of them',
  'two upstreams of two modules do not read one variable':
    'order-desk/index.ts: upstream customers would read ORDER_DESK_CUSTOMERS_ENDPOINTS, and so would deskCustomers of order (order/index.ts): rename one of them',
  'creating loaders makes no calls':
    'order/index.ts: loaders() failed (deskCustomers.get was called in loaders()): only declare loaders there, and call clients in their load functions',
  'a root field has a resolver':
    'order/schema.graphql:2:3: Query.order has no resolver and would always be null: add order to resolvers.Query, or remove the field',
  'a type that other modules join has their key, even without merge':
    'order/schema.graphql:9:6: Product of order lacks id, the key in catalog (catalog/schema.graphql:9:6), library (library/schema.graphql:10:6) and reviews (reviews/schema.graphql:15:6): add id to Product here',
  'a field of another module’s type is merged, also without a key':
    'order/schema.graphql:10:3: Product.sku cannot be loaded for a Product of another module: merge Product in order too, by id, or remove the field',
  'a resolver has a field':
    'resolving/index.ts: resolvers has Query.shelves, a field that is not in the SDL: correct the name, or add the field',
  'a resolver has a type':
    'resolving/index.ts: resolvers has Shelves, a type that is not in the SDL: correct the name, or define the type',
  'a resolver is a function':
    'resolving/index.ts: the resolver of Shelf.id is not a function: write a function, or loaded(…)',
  'a field is loaded with a loader that exists':
    'resolving/index.ts: Shelf.books is loaded with "booksOfShelf", a loader that does not exist: correct the name, or add it to loaders',
  'only object types have resolvers':
    'resolving/index.ts: resolvers has fields for Owner, which is not an object type: remove it; set __typename in the rows of an abstract type',
  'a scalar is defined with scalar()':
    'resolving/index.ts: resolvers has fields for Barcode, which is not an object type: write scalar({ parse, serialize })',
  'a defined scalar is declared in the SDL':
    'resolving/index.ts: resolvers has a scalar Price, which is not in the SDL: write `scalar Price` in the SDL, or remove it',
  'a declared scalar is defined in resolvers':
    'resolving/schema.graphql:15:8: the scalar Isbn has no definition: add Isbn: scalar({ parse, serialize }) to resolvers',
  'Mutation is at the root only':
    'resolving/schema.graphql:24:3: Loan.mutation returns Mutation, so that a query could write: remove the field, or return Query',
  'root types are not merged':
    'reviews/index.ts: merge names Query, but root types are always merged: remove Query from merge',
  'only object types are merged':
    'reviews/index.ts: merge names Grade, which is not an object type: remove Grade from merge',
  'a merged type is defined in the SDL':
    'reviews/index.ts: merge names Custmer, which the SDL does not define: correct the name, or define the type with its key fields',
  'a composite key has fields of its type only':
    'reviews/index.ts: the key of Review in merge is date, a field that Review does not have: correct the name, or add date to Review in the SDL',
  'a merged type is loaded with a loader that exists':
    'reviews/index.ts: merge loads Book with "bookByIsbn", a loader that does not exist: correct the name, or add it to loaders',
  'another module has the same key':
    'reviews/index.ts: merge joins Book by isbn, but no other module has isbn: use a key that another module has, or add the fields there',
  'a computed field is in the SDL':
    'reviews/index.ts: needs names Product.delay, a field that Product does not have: correct the name, or add the field to the SDL',
  'needs does not repeat the key':
    'reviews/index.ts: Product.delay needs id, which is a field of reviews itself: remove it from needs, and read it in the resolver of delay',
  "a needed field is not the module's own":
    'reviews/index.ts: Product.score needs rating, which is a field of reviews itself: remove it from needs, and read it in the resolver of score',
  'a needed field is defined by another module':
    'reviews/index.ts: Product.rank needs wieght, which no other module has: correct the name, or remove it from needs',
  'arguments of a needed field exist':
    'reviews/index.ts: Product.rank needs weight(in: "g") of catalog (catalog/schema.graphql:12:3): Unknown argument "in" on field "Product.weight": correct the text in needs',
  'a computed field has a resolver':
    'reviews/index.ts: needs names Product.rating, which has no resolver to compute it: add rating to resolvers.Product',
  'a needed object has a selection':
    'reviews/index.ts: Product.rating needs size of catalog (catalog/schema.graphql:13:3): Field "size" of type "Size" must have a selection of subfields: correct the text in needs (did you mean "size { ... }")',
  'a key is a scalar or an enum':
    'reviews/schema.graphql:7:3: Review.author is a key but is not a scalar or enum: use another field as key',
  'a key has no arguments':
    'reviews/schema.graphql:8:3: Review.stars is a key but has arguments: use another field as key',
  'a field of a type without a key has a resolver':
    'reviews/schema.graphql:12:3: Author.name has no resolver and would always be null: add name to resolvers.Author, or name the key of Author in merge',
  'an upstream has known options only':
    'shipping/index.ts: upstream misspelt has an unknown option "retires": use retry, or remove it',
  'an option is in its group':
    'shipping/index.ts: upstream misplaced has an unknown option "attempts": use retry: { attempts }, or remove it',
  'a balancing policy exists':
    'shipping/index.ts: balance.policy of upstream policies is "round-robbin": use round-robin',
  'affinity uses an attribute of the caller':
    "shipping/index.ts: balance.policy of upstream sticky is {\"hash\":\"cookie\"}: use { hash: 'client' }, { hash: { header: 'x-user' } } or { hash: { claim: 'sub' } }",
  'a retried status exists in the protocol':
    'shipping/index.ts: retry.statuses of upstream statuses is ["UNAVAILABLE"]: use HTTP statuses from 300 to 599',
  'errorCodes has existing statuses only':
    'shipping/index.ts: errorCodes of upstream codes is {"NOT_FUOND":"NOT_FOUND"}: use NOT_FOUND instead of "NOT_FUOND"',
  'a ratio is between 0 and 1':
    'shipping/index.ts: circuit.failureRatio of upstream circuits is 60: use a number above 0, at most 1',
  'a half-open circuit admits at least one probe':
    'shipping/index.ts: circuit.halfOpenProbes of upstream circuits is 0: use a whole number of at least 1',
  'an initial duration is at most the maximum':
    'shipping/index.ts: circuit.openMs of upstream probes is 90000, more than maxOpenMs, which is 60000: use a smaller openMs, or a larger maxOpenMs',
  'a call has at least one attempt':
    'shipping/index.ts: retry.attempts of upstream retries is 0: use a whole number of at least 1',
  'a budget is a ratio, not a percentage':
    'shipping/index.ts: retry.budgetRatio of upstream retries is 20: use a number from 0 to 1',
  'a percentile is a ratio, not a percentage':
    'shipping/index.ts: hedge.percentile of upstream hedges is 95: use a number above 0 and below 1',
  'a minimum is at most the maximum':
    'shipping/index.ts: limits.adaptive.minConcurrency of upstream limited is 50, more than maxConcurrency, which is 20: use a smaller minConcurrency, or a larger maxConcurrency',
  'a health path begins with /':
    'shipping/index.ts: health.path of upstream checked is "healthz": use a path that begins with /, as in /healthz',
  'an expected health status is a valid HTTP status':
    'shipping/index.ts: health.expectStatus of upstream checked is 2: use HTTP statuses from 200 to 599',
  'health checks have an interval of at least 100 ms':
    'shipping/index.ts: health.intervalMs of upstream checked is 10: use a number of milliseconds from 100 to 2147483647',
  'the deadline header is not a standard header':
    'shipping/index.ts: deadlineHeader of upstream told is "Authorization": use another header: this one has a meaning already',
  'an invalid module name is reported for each module that has it':
    'twin-again/index.ts: invalid module name "Twin": use lower-case letters, digits and hyphens, as in order-desk',
  'a module’s name is unique':
    'twin-again/index.ts: Twin (twin/index.ts) has the same name: rename one of the two modules',
  'a module’s name can be part of a variable’s name':
    'twin/index.ts: invalid module name "Twin": use lower-case letters, digits and hyphens, as in order-desk',
};

const reported = await problemsOf(FIXTURES);
const lines = reported.map((line) => line.replaceAll(shown, ''));

test('every problem of every module is reported at once, with its file and fix', () => {
  expect(reported.filter((line) => !line.startsWith(shown))).toEqual([]);
  expect(lines).toEqual(Object.values(MESSAGES));
});

test.each(Object.entries(MESSAGES))('%s', (_promise, line) => {
  expect(lines).toContain(line);
});

test('the modules of the shop have no problems', async () => {
  expect(await problemsOf(join(ROOT, 'schema'))).toEqual([]);
});
