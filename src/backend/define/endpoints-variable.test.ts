import { expect, test } from 'vitest';
import { endpointsVariable } from './endpoints-variable.ts';

test.each([
  ['inventory', 'stock', 'INVENTORY_STOCK_ENDPOINTS'],
  ['order-desk', 'priceList', 'ORDER_DESK_PRICE_LIST_ENDPOINTS'],
  ['catalog', 'searchV2', 'CATALOG_SEARCH_V2_ENDPOINTS'],
  ['catalog', 'legacySOAPGateway', 'CATALOG_LEGACY_SOAP_GATEWAY_ENDPOINTS'],
])('the endpoints of %s.%s are in %s', (module, upstream, variable) => {
  expect(endpointsVariable(module, upstream)).toBe(variable);
});
