import { type Explanation } from '../http/api.js';
import { gist, minute } from './timeline-text.js';

const shown = (value: unknown): string => {
  const text = typeof value === 'string' ? value : (JSON.stringify(value) ?? '–');
  return text.length <= 60 ? text : `${text.slice(0, 59)}…`;
};

/** Value → rules → what changed it, oldest first, with the place in the log. */
export const explanationText = ({ customerId, path, value, rules, steps, omitted }: Explanation): string => {
  const lines = [`${path} = ${shown(value)}`, `  of ${customerId}${rules === null ? '' : `, by rules ${rules}`}`, ''];
  if (omitted > 0) lines.push(`  (${omitted} older steps left out)`);
  for (const { before, after, cause, because } of steps) {
    lines.push(`  ${minute(cause.at)}  ${shown(before)} → ${shown(after)}`);
    for (const entry of [cause, ...because]) {
      const place =
        entry.source === null
          ? `${entry.stream}@${entry.revision}`
          : `${entry.source.topic}/${entry.source.partition}@${entry.source.offset}`;
      lines.push(
        `      ${entry === cause ? '' : 'because '}${entry.type}  ${gist(entry)}`.trimEnd(),
        `        ${minute(entry.at)}  ${place}`,
      );
    }
  }
  if (steps.length === 0) lines.push('  nothing has changed it');
  return `${lines.join('\n')}\n`;
};
