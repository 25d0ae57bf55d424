import { cdnowSample, composedSessions, dataFile, fiveSets, type ImportPlan } from '../data-sets.js';
import { type Findings, unless } from '../findings.js';
import { runCommand } from '../platform/command-line.js';
import { type Platform } from '../platform/platform.js';

/** What `tributary import --json` prints. */
interface ImportAccount {
  readonly files: readonly { readonly ignored: Readonly<Record<string, number>>; readonly damage: string | null }[];
  readonly rows: number;
  readonly covered: number;
  readonly ignored: number;
  readonly quarantined: number;
  readonly touchpoints: number;
  readonly sent: number;
  readonly new: number | null;
  readonly duplicates: number | null;
}

/** An import command, from the shell's prompt to the shell's prompt. */
const importAsUser = async (
  dataDir: string,
  { channel, files }: ImportPlan,
  ...options: readonly string[]
): Promise<ImportAccount & { readonly seconds: number }> => {
  const began = performance.now();
  const account = await runCommand<ImportAccount>(dataDir, 'import', channel, ...files.map(dataFile), ...options);
  return { ...account, seconds: (performance.now() - began) / 1000 };
};

/** Each row is in exactly one account, each account is as stated, and each touchpoint sent was new. */
const importDifferences = (account: ImportAccount, plan: ImportPlan): string[] => {
  const ignored = Object.values(plan.ignored).reduce((sum, rows) => sum + rows, 0);
  const byReason = account.files.flatMap((file) => Object.entries(file.ignored));
  return [
    ...unless(account.rows, plan.rows, 'rows'),
    ...unless(account.covered + account.ignored + account.quarantined, account.rows, 'rows in touchpoints, ignored or quarantined'),
    ...unless(account.quarantined, 0, 'rows quarantined'),
    ...unless(account.ignored, ignored, 'rows ignored by rule'),
    ...byReason.flatMap(([reason, rows]) => unless(rows, plan.ignored[reason] ?? 0, `rows ignored, ${reason}`)),
    ...unless(account.touchpoints, plan.touchpoints, 'touchpoints'),
    ...unless(account.sent, plan.touchpoints, 'touchpoints sent'),
    ...unless(account.new, plan.touchpoints, 'touchpoints that were new'),
    ...unless(account.duplicates, 0, 'duplicates'),
  ];
};

const importOne = async (dataDir: string, plan: ImportPlan, findings: Findings): Promise<void> => {
  const account = await importAsUser(dataDir, plan);
  const rate = Math.round(plan.rows / account.seconds / 1000);
  findings.add(
    `import ${plan.channel}: each row accounted for`,
    plan.rows,
    importDifferences(account, plan),
    `${account.seconds.toFixed(1)} s, ${rate}k rows/s; ${account.touchpoints.toLocaleString('en')} touchpoints`,
  );
};

/** Into one folder, by five commands, beside a running server. */
export const importFiveSets = async (platform: Platform, findings: Findings): Promise<void> => {
  for (const plan of fiveSets) await importOne(platform.dataDir, plan, findings);
  const began = performance.now();
  const status = await platform.settled();
  const rested_s = (performance.now() - began) / 1000;

  const counts = fiveSets.map(({ channel, touchpoints }) => {
    const found = status.channels.find((each) => each.channel === channel);
    return [
      ...unless(found?.accepted, touchpoints, `${channel}: accepted`),
      ...unless(found?.duplicates, 0, `${channel}: duplicates`),
      ...unless(found?.quarantined, 0, `${channel}: quarantined`),
    ];
  });
  const total = fiveSets.reduce((sum, { touchpoints }) => sum + touchpoints, 0);
  findings.add(
    'status counts what the imports said',
    total,
    [...counts.flat(), ...unless(status.touchpoints, total, 'touchpoints')],
    `timers at rest ${rested_s.toFixed(1)} s after the last import`,
  );

  const listed = await platform.all();
  findings.add(
    'customers: one for each person in the five sets',
    people,
    [
      ...unless(status.customers, people, 'customers counted'),
      ...unless(listed.length, people, 'customers listed'),
      ...unless(new Set(listed.map(({ customerId }) => customerId)).size, people, 'different customers listed'),
    ],
    '4,372 + 5,244 + 3,980 + 630 + 23,570',
  );
};

/**
 * Customer numbers, callers (5,245 values in the file, one of them `?`), accounts (3,977, and three users whose account is -1: each
 * site's robot), visitors, customers of CDNOW.
 */
const people = 4_372 + 5_244 + 3_980 + 630 + 23_570;

/** What was taken in before has its effect once, however it comes again. */
export const importAgain = async (platform: Platform, findings: Findings): Promise<void> => {
  const sample = await importAsUser(platform.dataDir, cdnowSample, '--again');
  findings.add('the CDNOW sample after the master file: nothing is new', sample.sent, [
    ...unless(sample.new, 0, 'new'),
    ...unless(sample.duplicates, cdnowSample.touchpoints, 'duplicates'),
  ]);
  const sessions = fiveSets[3] as ImportPlan;
  const known = await importAsUser(platform.dataDir, sessions);
  const again = await importAsUser(platform.dataDir, sessions, '--again');
  findings.add('the sessions again, and with --again: nothing is new', again.sent, [
    ...unless(known.sent, 0, 'sent of a file that was taken before'),
    ...unless(again.new, 0, 'new'),
    ...unless(again.duplicates, sessions.touchpoints, 'duplicates'),
  ]);
};

/** Without a server: the command runs the platform itself. */
export const importComposedSessions = (dataDir: string, findings: Findings): Promise<void> =>
  importOne(dataDir, composedSessions, findings);
