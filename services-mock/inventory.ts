import { status } from '@grpc/grpc-js';
import { z } from 'zod';
import { numberOf, rows, type Sizes, type Stock, stock } from './fixtures.ts';
import { GrpcFailure, type GrpcService } from './grpc-service.ts';
import { scrambled } from './hash.ts';

/** Default and maximum number of rows of a list. */
const DEFAULT_LIMIT = 20;
const MAX_LIMIT = 5_000;

const BatchGetStock = z.object({ productIds: z.array(z.string()) });
const ListLowStock = z.object({ below: z.number(), limit: z.number().default(DEFAULT_LIMIT) });
const Reserve = z.object({ productId: z.string(), quantity: z.number(), requestId: z.string() });

interface Reservation {
  readonly reserved: boolean;
  readonly reservationId: string;
  readonly available: number;
}

const byScarcity = (a: Stock, b: Stock): number =>
  a.available - b.available || (numberOf('p', a.productId) ?? 0) - (numberOf('p', b.productId) ?? 0);

/** The inventory service: stock. Reservations last until the mock ends. */
export const inventory = (sizes: Sizes): GrpcService => {
  const stocks = new Map(
    rows(sizes.products, stock)
      .filter((row) => row !== null)
      .map((row) => [row.productId, row]),
  );
  const reservations = new Map<string, Reservation>();

  const reserve = (productId: string, quantity: number): Reservation => {
    if (quantity < 1) throw new GrpcFailure(status.INVALID_ARGUMENT, 'quantity must be 1 or more');
    const held = stocks.get(productId);
    if (held === undefined) throw new GrpcFailure(status.NOT_FOUND, 'No warehouse knows this product');
    if (held.available < quantity) return { reserved: false, reservationId: '', available: held.available };
    const available = held.available - quantity;
    stocks.set(productId, { ...held, available });
    return { reserved: true, reservationId: `r${reservations.size + 1}`, available };
  };

  return {
    BatchGetStock: {
      ids: (request) => BatchGetStock.parse(request).productIds,
      answer: (request) => {
        const wanted = new Set(BatchGetStock.parse(request).productIds);
        return {
          stocks: scrambled(
            [...wanted].flatMap((id) => stocks.get(id) ?? []),
            (row) => row.productId,
          ),
        };
      },
    },

    ListLowStock: {
      answer: (request) => {
        const { below, limit } = ListLowStock.parse(request);
        const scarce = [...stocks.values()].filter(({ available }) => available < below).sort(byScarcity);
        return { stocks: scarce.slice(0, Math.min(limit, MAX_LIMIT)) };
      },
    },

    Reserve: {
      answer: (request) => {
        const { productId, quantity, requestId } = Reserve.parse(request);
        const before = reservations.get(requestId);
        if (before !== undefined) return before;
        const made = reserve(productId, quantity);
        // Without a request id a repetition cannot be recognised.
        reservations.set(requestId === '' ? `unnamed ${reservations.size}` : requestId, made);
        return made;
      },
    },
  };
};
