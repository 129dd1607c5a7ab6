const text = (name: string): string => {
  const value = process.env[name];
  if (value === undefined) throw new Error(`${name} is not set: the bench sets it`);
  return value;
};

export const PORT = Number(text('PORT'));

/** Where the backends are, under the same names that the gateway reads. */
export const BACKENDS = {
  orders: text('ORDERS_ORDERS_ENDPOINTS'),
  customers: text('ACCOUNTS_CUSTOMERS_ENDPOINTS'),
  products: text('CATALOG_PRODUCTS_ENDPOINTS'),
  stock: text('INVENTORY_STOCK_ENDPOINTS'),
} as const;

// Everybody ends by itself, so that a profile of it is written.
process.on('SIGTERM', () => process.exit(0));
