import { factId } from '@tributary/contracts';
import {
  type AmountE4,
  type AnyTouchpoint,
  emptyState,
  foldFact,
  type OrderLine,
  orderPlaced,
  type Payloads,
  plainLine,
  type SubjectState,
  type TouchpointType,
} from '@tributary/domain';
import { type Instant, SubjectId } from '@tributary/kernel';
import { rowsOf } from '../load/rows-of.js';
import { fctOrderLines, fctOrders } from '../schema/tables.js';
import { type ChdbWarehouse } from '../chdb/chdb-warehouse.js';

const hex = (n: number): string => n.toString(16).padStart(32, '0');
export const customerNumber = (who: number): string => `c_${hex(who)}`;

const line = (productId: string): OrderLine => ({
  productId,
  name: null,
  category: null,
  quantity: 1,
  unitPrice: 1,
  amount: 1,
  ...plainLine,
});

export interface Placing {
  readonly channel?: string;
  readonly method?: string | null;
  readonly products?: readonly string[];
}

/** What is said of orders, told to the profiles of customers by number (0: nobody), and to the tables by `load`. */
export class ToldOrders {
  readonly states = new Map<number, SubjectState>();
  readonly #told: AnyTouchpoint[] = [];

  placed(who: number, at: Instant, orderId: string, amount: AmountE4, currency: string, placing: Placing = {}): void {
    const { channel = 'shop', method = null, products = [] } = placing;
    const payload = { ...orderPlaced(orderId, amount, currency), lines: products.map(line), method };
    this.#tell(who, 'order_placed', at, payload, channel);
  }

  paid(
    who: number,
    at: Instant,
    orderId: string,
    paymentId: string,
    amount: AmountE4,
    currency: string,
    method: string | null = null,
  ): void {
    this.#tell(who, 'order_paid', at, { orderId, paymentId, amount, currency, method, instalments: null });
  }

  cancelled(who: number, at: Instant, orderId: string, amount: AmountE4 | null, currency: string | null = null): void {
    this.#tell(who, 'order_cancelled', at, { orderId, amount, currency, lines: [], reason: null });
  }

  refunded(
    who: number,
    at: Instant,
    orderId: string,
    refundId: string,
    amount: AmountE4,
    currency: string,
    products: readonly string[] = [],
  ): void {
    this.#tell(who, 'order_refunded', at, {
      orderId,
      refundId,
      amount,
      currency,
      lines: products.map(line),
      reason: null,
    });
  }

  async load(warehouse: ChdbWarehouse): Promise<void> {
    const rows = this.#told.map((t, offset) => rowsOf(t, { topic: 't', partition: 0, offset, intake: 1 }));
    for (const [{ name, columns }, own] of [
      [fctOrders, rows.flatMap(({ order }) => (order ? [order] : []))],
      [fctOrderLines, rows.flatMap(({ lines }) => lines)],
    ] as const) {
      await warehouse.command(`TRUNCATE TABLE ${name}`);
      if (own.length > 0)
        await warehouse.insert({ table: name, columns: columns.map((column) => column.name), rows: own });
    }
  }

  #tell<T extends TouchpointType>(who: number, type: T, at: Instant, payload: Payloads[T], channel = 'shop'): void {
    const messageId = `m${this.#told.length}`;
    const touchpoint = {
      type,
      channel,
      messageId,
      occurredAt: at,
      receivedAt: at,
      identifiers: who === 0 ? [] : [{ type: 'member_no', value: String(who), subject: SubjectId(`s_${hex(who)}`) }],
      payload,
    } as unknown as AnyTouchpoint;
    this.#told.push(touchpoint);
    if (who === 0) return;
    const state = this.states.get(who) ?? emptyState();
    this.states.set(who, state);
    foldFact(state, touchpoint, factId(channel, messageId));
  }
}
