import { type Command } from 'commander';
import { ExitCode } from '../exit-code.js';
import { Failure, failureOf } from '../failure.js';
import { answer, hint } from '../print/answer.js';
import { grouped } from '../print/numbers.js';
import { table } from '../print/table.js';
import { withServer } from '../server/with-server.js';
import { settingsOf } from '../settings.js';
import { type Verification } from '../http/api.js';
import { type Surroundings } from '../surroundings.js';
import { command } from './command.js';

const words = { equal: 'equal', different: 'DIFFERENT', not_compared: 'NOT COMPARED' } as const;

export const verifyCommand = (surroundings: Surroundings): Command =>
  command('verify', 'rebuild every projection beside the live one, and say whether they are equal, byte for byte', [
    [
      'verify',
      'exit code 0: all equal; 1: some differ; 6: no difference, and not all could be compared, or the store not read',
    ],
    ['verify --json', 'for machines'],
  ]).action(async (_given: unknown, self: Command) => {
    const settings = settingsOf(self);
    const outcome = await withServer(settings, surroundings, { changes: false }, async ({ client }) => {
      hint('rebuilding beside the live ones …', settings, surroundings);
      const compared = await client.verify();
      answer(compared, projectionsText, settings, surroundings);
      return compared;
    }).catch((error: unknown) => {
      throw surroundings.interrupted.aborted ? error : notLookedAt(failureOf(error));
    });
    const named = (of: Verification['outcome']): string =>
      outcome.projections
        .filter((each) => each.outcome === of)
        .map(({ name }) => name)
        .join(', ');
    if (outcome.outcome === 'different')
      throw new Failure(
        ExitCode.failed,
        `different from what the events say: ${named('different')}`,
        '`tributary rebuild` makes them anew; please report it',
      );
    if (outcome.outcome === 'not_compared')
      throw new Failure(
        ExitCode.notCompared,
        `no difference was found, but these could not be compared: ${named('not_compared')}`,
        'the table says why; where input never paused, ask again in a calmer moment',
      );
  });

const projectionsText = ({ projections }: Verification): string =>
  table(
    [{ title: 'PROJECTION' }, { title: '' }, { title: 'ROWS', align: 'right' }, { title: '' }],
    projections.map(({ name, outcome, rows, difference }) => [
      name,
      words[outcome],
      rows === undefined ? '' : grouped(rows),
      difference ?? '',
    ]),
  );

/** Whoever runs it by the clock is woken by 1 for a difference: a store that cannot be read is none, and another matter. */
const notLookedAt = (failure: Failure): Failure =>
  failure.exit === ExitCode.failed
    ? new Failure(ExitCode.notCompared, failure.message, failure.remedy, { cause: failure.cause ?? failure })
    : failure;

export const rebuildCommand = (surroundings: Surroundings): Command =>
  command('rebuild', 'make every projection anew from the events, beside the live ones, then switch', [
    ['rebuild', 'nobody has to wait: the old ones answer until the new ones are there'],
  ]).action(async (_given: unknown, self: Command) => {
    const settings = settingsOf(self);
    await withServer(settings, surroundings, { changes: true }, async ({ client }) => {
      hint('rebuilding …', settings, surroundings);
      answer(
        await client.rebuild(),
        ({ position, projections }) =>
          `rebuilt up to event ${grouped(position)}: ${projections.map(({ name }) => name).join(', ')}\n`,
        settings,
        surroundings,
      );
    });
  });
