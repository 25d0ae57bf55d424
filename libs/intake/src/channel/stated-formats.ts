import { formatLetters } from './date-format.js';
import { instantFormatFault } from './instants.js';
import { type Spec } from './spec.js';

export const zoneRemedy = 'Write an IANA name: UTC, Europe/London, Asia/Shanghai.';

/** The formats of dates that a channel file states, one or several; each is checked. */
export const formatsOf = (spec: Spec): readonly string[] => {
  const formats = spec.isList ? spec.texts() : [spec.text()];
  const hint = `Write iso, epoch_ms, epoch_s, or letters (${formatLetters}) such as d/M/yyyy HH:mm.`;
  if (formats.length === 0) spec.fail('is not a date format', hint);
  for (const format of formats) {
    const fault = instantFormatFault(format);
    if (fault !== null) spec.fail('is not a date format', `${format}: ${fault}. ${hint}`);
  }
  return formats;
};
