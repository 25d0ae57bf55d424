import { type Explanation } from '../http/api.js';
import { gist, minute } from './timeline-text.js';

const shown = (value: unknown): string => {
  const text = typeof value === 'string' ? value : (JSON.stringify(value) ?? '–');
  return text.length <= 60 ? text : `${text.slice(0, 59)}…`;
};

/** What a rule looked at and found; amounts stand in it as ten-thousandths. */
const evidenceText = (evidence: Readonly<Record<string, number>> | null): string => {
  const found = Object.entries(evidence ?? {}).map(([name, value]) =>
    name.endsWith('_e4') ? `${name.slice(0, -3)} ${value / 10_000}` : `${name} ${value}`,
  );
  return found.length === 0 ? '' : `  (${found.join(', ')})`;
};

/** Value → rules → what changed it, oldest first, with the place in the log. */
export const explanationText = ({ customerId, path, value, rules, steps, omitted }: Explanation): string => {
  const lines = [`${path} = ${shown(value)}`, `  of ${customerId}${rules === null ? '' : `, by rules ${rules}`}`, ''];
  if (omitted > 0) lines.push(`  (${omitted} older steps left out)`);
  for (const { before, after, at, evidence, cause, because } of steps) {
    lines.push(`  ${minute(at)}  ${shown(before)} → ${shown(after)}${evidenceText(evidence)}`);
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
