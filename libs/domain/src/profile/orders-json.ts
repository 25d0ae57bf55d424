import { type Keyed } from './keyed.js';
import { areMany, writeStretches } from './orders-stretches.js';
import {
  json,
  keyed,
  numberAfter,
  numberOrNullAfter,
  register,
  stringAfter,
  stringOrNullAfter,
} from './record-json.js';
import { type OrderState, type Payment, type PlacedOrder, type Refund } from './state.js';

/** A subject's orders, as JSON. */
export const orders = (map: Keyed<OrderState>): void => {
  if (areMany(map)) manyOrders(map);
  else keyed(map, order);
};

/** As `keyed`. */
const manyOrders = (map: Keyed<OrderState>): void => {
  let isFirst = true;
  const separate = (): void => {
    if (!isFirst) json.raw(',');
    isFirst = false;
  };
  json.raw('[');
  writeStretches(map, {
    anew: (from, to) => {
      separate();
      const begin = json.written().length;
      for (let i = from; i < to; i++) {
        const [orderId, value] = map[i] as [string, OrderState];
        stringAfter(i === from ? '[' : ',[', orderId);
        json.raw(',');
        order(value);
        json.raw(']');
      }
      return json.written().slice(begin);
    },
    again: (bytes) => {
      separate();
      json.bytes(bytes);
    },
  });
  json.raw(']');
};

const orderLine = ([product, category, amount]: PlacedOrder['top'][number]): void => {
  stringAfter('[', product);
  stringOrNullAfter(',', category);
  numberAfter(',', amount);
  json.raw(']');
};

const placedOrder = ({ amount, currency, lines, method, channel, top }: PlacedOrder): void => {
  numberAfter('{"amount":', amount);
  stringAfter(',"currency":', currency);
  numberAfter(',"lines":', lines);
  stringOrNullAfter(',"method":', method);
  stringAfter(',"channel":', channel);
  json.raw(',"top":');
  json.list(top, orderLine);
  json.raw('}');
};

const cancelled = ({ amount, currency }: NonNullable<OrderState['cancelled']>['value']): void => {
  numberOrNullAfter('{"amount":', amount);
  stringOrNullAfter(',"currency":', currency);
  json.raw('}');
};

const payment = ({ amount, currency, method, at }: Payment): void => {
  numberAfter('{"amount":', amount);
  stringAfter(',"currency":', currency);
  stringOrNullAfter(',"method":', method);
  numberAfter(',"at":', at);
  json.raw('}');
};

const refund = ({ amount, currency, at }: Refund): void => {
  numberAfter('{"amount":', amount);
  stringAfter(',"currency":', currency);
  numberAfter(',"at":', at);
  json.raw('}');
};

const order = (value: OrderState): void => {
  json.raw('{"placed":');
  register(value.placed, placedOrder);
  numberOrNullAfter(',"placedAt":', value.placedAt);
  json.raw(',"paid":');
  keyed(value.paid, payment);
  json.raw(',"cancelled":');
  register(value.cancelled, cancelled);
  json.raw(',"refunds":');
  keyed(value.refunds, refund);
  json.raw('}');
};
