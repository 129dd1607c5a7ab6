const text = (name: string): string => {
  const value = process.env[name];
  if (value === undefined) throw new Error(`${name} is not set: the bench sets it`);
  return value;
};

export const PORT = Number(text('PORT'));

/** Addresses of the backends, under the gateway's names of variables. */
export const BACKENDS = {
  orders: text('ORDERS_ORDERS_ENDPOINTS'),
  customers: text('ACCOUNTS_CUSTOMERS_ENDPOINTS'),
  products: text('CATALOG_PRODUCTS_ENDPOINTS'),
  stock: text('INVENTORY_STOCK_ENDPOINTS'),
} as const;

/** Issuer of bearer tokens, in the form in which the gateway reads it. */
const [issuer = '', ...options] = text('JWT_ISSUERS').split(';');
const option = (name: string): string =>
  options.find((one) => one.startsWith(`${name}=`))?.slice(name.length + 1) ?? '';
export const TOKENS = { issuer, audience: option('audience'), jwks: option('jwks') } as const;

// Each server ends by itself, so that its profile is written.
process.on('SIGTERM', () => process.exit(0));
