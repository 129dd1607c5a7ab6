/** The backends of every contender, in one process. Its argument is the key set of the issuer of tokens. */
import { serveGrpc } from './grpc.ts';
import { serveKeys } from './issuer.ts';
import type { FromBackends, ToBackends } from './messages.ts';
import { serveRest } from './rest.ts';
import { Traffic } from './traffic.ts';

const traffic = new Traffic();
const tell = (message: FromBackends): void => void process.send?.(message);

const [, , keys = ''] = process.argv;

const url = (scheme: string, port: number): string => `${scheme}://127.0.0.1:${port}`;

process.on('message', (message: ToBackends) => {
  if ('fate' in message) traffic.setFate(message.kind, message.fate);
  tell({ counts: traffic.counts });
});
process.on('disconnect', () => process.exit(0));

tell({
  endpoints: {
    ORDERS_ORDERS_ENDPOINTS: url('http', await serveRest('orders', traffic)),
    ACCOUNTS_CUSTOMERS_ENDPOINTS: url('http', await serveRest('customers', traffic)),
    CATALOG_PRODUCTS_ENDPOINTS: url('http', await serveRest('products', traffic)),
    INVENTORY_STOCK_ENDPOINTS: url('grpc', await serveGrpc(traffic)),
  },
  keysUrl: url('http', await serveKeys(keys)),
});
