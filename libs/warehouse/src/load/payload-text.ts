import { type AnyTouchpoint, type OrderLine } from '@tributary/domain';

/**
 * The payload as JSON. What a type has learnt to say since tables were first filled leaves no trace where it is not said:
 * the same event is the same row, whichever version of the program wrote it.
 */
export const payloadText = (touchpoint: AnyTouchpoint): string => JSON.stringify(saidBy(touchpoint));

/** JSON leaves out what is `undefined`. */
const orAbsent = <T>(value: T | null): T | undefined => value ?? undefined;

const saidBy = ({ type, payload }: AnyTouchpoint): object => {
  switch (type) {
    case 'page_viewed':
    case 'session_ended':
      return { ...payload, campaign: orAbsent(payload.campaign) };
    case 'order_placed':
      return {
        ...payload,
        lines: payload.lines.map(lineOf),
        tax: orAbsent(payload.tax),
        shipping: orAbsent(payload.shipping),
        discount: orAbsent(payload.discount),
        coupon: orAbsent(payload.coupon),
        campaign: orAbsent(payload.campaign),
      };
    case 'order_cancelled':
    case 'order_refunded':
      return { ...payload, lines: payload.lines.map(lineOf) };
    default:
      return payload;
  }
};

const lineOf = (line: OrderLine): object => ({
  ...line,
  brand: orAbsent(line.brand),
  variant: orAbsent(line.variant),
  coupon: orAbsent(line.coupon),
  discount: orAbsent(line.discount),
});
