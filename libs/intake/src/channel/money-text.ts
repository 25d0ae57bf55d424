import { type Decimal, parseDecimal, times } from './decimal.js';
import { halfWidth } from './half-width.js';
import { type Spec } from './spec.js';

/** How a file writes amounts: what stands between thousands, and before the decimals. */
export interface MoneyStyle {
  readonly thousands: string;
  readonly point: string;
}

/** `¥1,234.50`: what is read where a channel file states no other style. */
export const usualStyle: MoneyStyle = { thousands: ',', point: '.' };

/** Options of whatever reads amounts. */
export const styleOptions = ['thousands', 'point'] as const;

/** The style that the options of `spec` state, where they do; else `otherwise`. */
export const styleOf = (spec: Spec, otherwise: MoneyStyle): MoneyStyle => {
  if (styleOptions.every((option) => spec.at(option).isAbsent)) return otherwise;
  const { thousands, point } = otherwise;
  const style = { thousands: spec.at('thousands').textOr(thousands), point: spec.at('point').textOr(point) };
  if (style.thousands === style.point)
    spec.at('thousands').fail('is the point of the decimals, too', "Write both: thousands: '.', point: ','.");
  return style;
};

/** An amount of this style, for complaints. */
export const amountLike = ({ thousands, point }: MoneyStyle): string => `¥1${thousands}234${point}50`;

const unit = '(?:[A-Z]{0,2}\\p{Sc}|[A-Z]{3}|人民币|元)';
/** Blanks have one place each, or a cell full of them would be tried in as many ways as it has pairs of them. */
const amount = new RegExp(
  `^(?:([+-])\\s*)?(?:${unit}\\s*)?([+-]?)(\\d(?:.*\\d)?)\\s*(?:([万萬亿億])\\s*)?${unit}?$`,
  'u',
);

/** What a word behind the digits multiplies them by: 1.2万 is 12,000. */
const manifold: Readonly<Record<string, Decimal>> = {
  万: { digits: 1e4, scale: 0 },
  萬: { digits: 1e4, scale: 0 },
  亿: { digits: 1e8, scale: 0 },
  億: { digits: 1e8, scale: 0 },
};

/**
 * The exact amount that a text written for people says: `¥1,234.50` is 1234.50. `null`: it is none of this style. Separators
 * must stand before three digits each, and before them no zero, or `12,50` and `0,125` of another country would be 1250 and 125.
 */
export const amountIn = (text: string, { thousands, point }: MoneyStyle): Decimal | null => {
  const [, before = '', after = '', digits, many = ''] = amount.exec(halfWidth(text).trim()) ?? [];
  if (digits === undefined || (before !== '' && after !== '')) return null;
  const [whole = '', decimals, ...others] = digits.split(point);
  const [first = '', ...groups] = whole.split(thousands);
  const isGrouped =
    groups.every((group) => /^\d{3}$/.test(group)) && (groups.length > 0 ? /^[1-9]\d{0,2}$/ : /^\d+$/).test(first);
  if (!isGrouped || others.length > 0 || (decimals !== undefined && !/^\d+$/.test(decimals))) return null;
  const plain = parseDecimal(
    `${before}${after}${first}${groups.join('')}${decimals === undefined ? '' : `.${decimals}`}`,
  );
  const factor = manifold[many];
  return plain === null || factor === undefined ? plain : times(plain, factor);
};
