import { counted, duration, grouped } from '../print/numbers.js';
import { table } from '../print/table.js';
import { type FileOutcome } from './import-file.js';
import { type Ledger, sumOf } from './ledger.js';

/** What the platform counted on the channel while the import ran. */
export interface Effect {
  readonly fresh: number;
  readonly duplicates: number;
  /** More than was sent from here: others wrote to the channel, too, and nobody can say which were whose. */
  readonly isOfOthers: boolean;
}

export interface ImportSummary {
  readonly channel: string;
  readonly files: readonly FileOutcome[];
  /** `null`: the command did not wait for it. */
  readonly effect: Effect | null;
}

/** The summary for machines: the same accounts, named alike. */
export const summaryJson = ({ channel, files, effect }: ImportSummary) => ({
  channel,
  files: files.map(({ file, ledger, resumedFrom, takenBefore, isComplete, damage, sent, seconds }) => ({
    file,
    ...ledger,
    ignored_rows: sumOf(ledger.ignored),
    sent,
    complete: isComplete,
    taken_before: takenBefore,
    resumed_from: resumedFrom,
    damage,
    seconds,
  })),
  rows: totalOf(files, ({ ledger }) => ledger.rows),
  covered: totalOf(files, ({ ledger }) => ledger.covered),
  ignored: totalOf(files, ({ ledger }) => sumOf(ledger.ignored)),
  quarantined: totalOf(files, ({ ledger }) => ledger.quarantined),
  touchpoints: totalOf(files, ({ ledger }) => ledger.touchpoints),
  sent: totalOf(files, ({ sent }) => sent),
  new: effect === null || effect.isOfOthers ? null : effect.fresh,
  duplicates: effect === null || effect.isOfOthers ? null : effect.duplicates,
  // With what others wrote to it.
  channel_meanwhile: effect && { new: effect.fresh, duplicates: effect.duplicates },
});

const totalOf = (files: readonly FileOutcome[], of: (file: FileOutcome) => number): number =>
  files.reduce((sum, file) => sum + of(file), 0);

export const summaryText = (summary: ImportSummary): string =>
  summary.files.map((file) => fileText(file)).join('\n') + effectText(summary);

const fileText = ({ file, ledger, resumedFrom, takenBefore, isComplete, damage, seconds }: FileOutcome): string => {
  const time =
    takenBefore === null
      ? `${duration(seconds * 1000)}`
      : `taken before, on ${takenBefore.slice(0, 16).replace('T', ' ')} UTC; nothing was sent (--again takes it again)`;
  const ends = [
    ...(isComplete ? [] : ['interrupted: the same command goes on from here']),
    ...(damage === null ? [] : [`the file is damaged: ${damage}`]),
  ];
  const before = resumedFrom > 0 ? `${grouped(resumedFrom)} of them by an earlier run` : '';
  return `${file}  (${time})\n${accountText(ledger, before)}${ends.map((end) => `  ${end}\n`).join('')}`;
};

/** The rows of a file, each in one account, and the reasons of those that are in no touchpoint. */
export const accountText = (ledger: Ledger, aboutRows: string): string =>
  table(
    [{ title: '' }, { title: '', align: 'right' }, { title: '' }],
    [
      ['rows', grouped(ledger.rows), aboutRows],
      ['  in touchpoints', grouped(ledger.covered), `made ${counted(ledger.touchpoints, 'touchpoint')}`],
      ...section('  ignored by rule', ledger.ignored, sumOf(ledger.ignored)),
      ...section('  quarantined', ledger.quarantined === 0 ? {} : ledger.reasons, ledger.quarantined),
    ],
    '  ',
  );

const MOST_REASONS = 8;

const section = (
  title: string,
  reasons: Readonly<Record<string, number>>,
  total: number,
): [string, string, string][] => {
  const sorted = Object.entries(reasons).sort(([, a], [, b]) => b - a);
  const lines = sorted.slice(0, MOST_REASONS).map(([reason, n]): [string, string, string] => ['', grouped(n), reason]);
  const [first, ...others] = lines;
  if (first && others.length === 0) return [[title, grouped(total), first[2]]];
  const more: [string, string, string][] =
    sorted.length > MOST_REASONS ? [['', '', `and ${sorted.length - MOST_REASONS} more reasons`]] : [];
  return [[title, grouped(total), ''], ...lines, ...more];
};

const effectText = ({ channel, files, effect }: ImportSummary): string => {
  if (effect === null) return '';
  const { fresh, duplicates, isOfOthers } = effect;
  if (!isOfOthers) return `\n${counted(fresh, 'touchpoint')} new, ${grouped(duplicates)} known already\n`;
  const sent = totalOf(files, (file) => file.sent);
  return (
    `\n${counted(sent, 'touchpoint')} sent; ${channel} took more than these meanwhile, so how many of them were new is not known\n` +
    `(all of the channel meanwhile: ${grouped(fresh)} new, ${grouped(duplicates)} known already)\n`
  );
};
