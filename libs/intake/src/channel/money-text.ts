import { halfWidth } from './half-width.js';

/** How a file writes amounts: what stands between thousands, and before the decimals. */
export interface MoneyStyle {
  readonly thousands: string;
  readonly point: string;
}

const unit = '(?:\\p{Sc}|[A-Z]{3}|元)?';
const amount = new RegExp(`^(?:([+-])\\s*)?${unit}\\s*([+-]?)(\\d(?:.*\\d)?)\\s*${unit}$`, 'u');

/**
 * The plain decimal that an amount written for people is: `¥1,234.50` → `1234.50`. `null`: it is none of this style. Separators
 * must stand before three digits each, or `12,50` of another country would be taken for 1250.
 */
export const plainAmount = (text: string, { thousands, point }: MoneyStyle): string | null => {
  const [, before = '', after = '', digits] = amount.exec(halfWidth(text).trim()) ?? [];
  if (digits === undefined || (before !== '' && after !== '')) return null;
  const [whole = '', decimals, ...others] = digits.split(point);
  const groups = whole.split(thousands);
  const isGrouped = groups.every(
    (group, i) => /^\d+$/.test(group) && (groups.length === 1 || (i === 0 ? group.length <= 3 : group.length === 3)),
  );
  if (!isGrouped || others.length > 0 || (decimals !== undefined && !/^\d+$/.test(decimals))) return null;
  return `${before}${after}${groups.join('')}${decimals === undefined ? '' : `.${decimals}`}`;
};
