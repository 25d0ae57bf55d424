import { halfWidth } from './half-width.js';

/** `205`, `3:25`, `1:03:25`, `3分25秒`, `1小时3分25秒`, `1h 3m 25s`; the last unit may have decimals. */
const forms: readonly RegExp[] = [
  /^(?<s>\d+(?:\.\d+)?)$/,
  /^(?:(?<h>\d+):)?(?<m>\d+):(?<s>\d\d(?:\.\d+)?)$/,
  /^(?:(?<h>\d+)(?:小时|时|h))?(?:(?<m>\d+)(?:分钟|分|min|m))?(?:(?<s>\d+(?:\.\d+)?)(?:秒钟|秒|sec|s))?$/i,
];

/** How many seconds a text of a length of time says; `null`: none that is known. Two numbers are minutes and seconds. */
export const secondsIn = (text: string): number | null => {
  const plain = halfWidth(text).replaceAll(' ', '');
  if (plain === '') return null;
  for (const form of forms) {
    const { h, m, s } = form.exec(plain)?.groups ?? {};
    const [hours, minutes, seconds] = [Number(h ?? 0), Number(m ?? 0), Number(s ?? 0)];
    if (h === undefined && m === undefined && s === undefined) continue;
    // Beside a larger unit a smaller one stays below it, or the text means something else: a time of day, three numbers.
    if ((m !== undefined && seconds >= 60) || (h !== undefined && (minutes >= 60 || seconds >= 60))) return null;
    return (hours * 60 + minutes) * 60 + seconds;
  }
  return null;
};
