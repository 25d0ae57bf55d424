import { type Explanation } from '../http/api.js';
import { gist, minute } from './timeline-text.js';

const shown = (value: unknown): string => {
  const text = typeof value === 'string' ? value : (JSON.stringify(value) ?? '–');
  return text.length <= 60 ? text : `${text.slice(0, 59)}…`;
};

const inCurrency = (value: unknown, currency: string | null): string =>
  currency === null ? shown(value) : `${shown(value)} ${currency}`;

/** What a rule looked at and found; amounts stand in it as ten-thousandths. */
const evidenceText = (evidence: Readonly<Record<string, number>> | null, currency: string | null): string => {
  const found = Object.entries(evidence ?? {}).map(([name, value]) =>
    name.endsWith('_e4') ? `${name.slice(0, -3)} ${inCurrency(value / 10_000, currency)}` : `${name} ${value}`,
  );
  return found.length === 0 ? '' : `  (${found.join(', ')})`;
};

/** Value → rules → what changed it, oldest first, with the place in the log. */
export const explanationText = ({ customerId, path, value, currency, rules, steps, omitted }: Explanation): string => {
  const lines = [
    `${path} = ${inCurrency(value, currency)}`,
    `  of ${customerId}${rules === null ? '' : `, by rules ${rules}`}`,
    '',
  ];
  if (omitted > 0) lines.push(`  (${omitted} older steps left out)`);
  for (const { before, after, currencyBefore, currency: of, at, evidence, evidenceCurrency, cause, because } of steps) {
    const from = inCurrency(before, currencyBefore === of ? null : currencyBefore);
    lines.push(
      `  ${minute(at)}  ${from} → ${inCurrency(after, of)}${evidenceText(evidence, evidenceCurrency ?? null)}`,
    );
    for (const entry of [...because, cause]) {
      const place =
        entry.source === null
          ? `${entry.stream}@${entry.revision}`
          : `${entry.source.topic}/${entry.source.partition}@${entry.source.offset}`;
      lines.push(
        `      ${entry === cause ? (because.length > 0 ? 'decided by ' : '') : 'because '}${entry.type}  ${gist(entry)}`.trimEnd(),
        `        ${minute(entry.at)}  ${place}`,
      );
    }
  }
  if (steps.length === 0) lines.push('  nothing has changed it');
  return `${lines.join('\n')}\n`;
};
