const whole = new Intl.NumberFormat('en-GB', { maximumFractionDigits: 0 });

/** `541,909` */
export const grouped = (n: number): string => whole.format(n);

/** `1 row`, `2 rows` */
export const counted = (n: number, one: string, many = `${one}s`): string => `${grouped(n)} ${n === 1 ? one : many}`;

/** A decimal text with its thousands apart, no digit lost: `12345.60` → `12,345.60`. */
export const groupedDecimal = (text: string): string => {
  const [, sign = '', digits = text, rest = ''] = /^(-?)(\d+)(\.\d+)?$/.exec(text) ?? [];
  return sign + digits.replace(/\B(?=(\d{3})+$)/g, ',') + rest;
};

/** `0.4 s`, `12 s`, `3 min 20 s` */
export const duration = (ms: number): string => {
  if (ms < 9_950) return `${(ms / 1000).toFixed(1)} s`;
  const seconds = Math.round(ms / 1000);
  return seconds < 60 ? `${seconds} s` : `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
};
