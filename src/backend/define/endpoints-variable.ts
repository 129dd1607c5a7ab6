/**
 * Name of the environment variable with an upstream's endpoints: `INVENTORY_STOCK_ENDPOINTS` for `stock` of
 * `inventory`, `ORDER_DESK_PRICE_LIST_ENDPOINTS` for `priceList` of `order-desk`.
 */
export const endpointsVariable = (module: string, upstream: string): string =>
  `${module}_${upstream}_ENDPOINTS`
    .replaceAll(/([a-z0-9])([A-Z])/g, '$1_$2')
    .replaceAll(/([A-Z])([A-Z][a-z])/g, '$1_$2')
    .replaceAll(/[^A-Za-z0-9]+/g, '_')
    .toUpperCase();
