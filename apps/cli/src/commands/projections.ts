import { type Command } from 'commander';
import { ExitCode } from '../exit-code.js';
import { Failure } from '../failure.js';
import { answer, hint } from '../print/answer.js';
import { grouped } from '../print/numbers.js';
import { table } from '../print/table.js';
import { withServer } from '../server/with-server.js';
import { settingsOf } from '../settings.js';
import { type Surroundings } from '../surroundings.js';
import { command } from './command.js';

export const verifyCommand = (surroundings: Surroundings): Command =>
  command('verify', 'rebuild every projection beside the live one, and say whether they are equal, byte for byte', [
    ['verify', 'exit code 0: all equal; 1: some differ'],
    ['verify --json', 'for machines'],
  ]).action(async (_given: unknown, self: Command) => {
    const settings = settingsOf(self);
    await withServer(settings, surroundings, { changes: false }, async ({ client }) => {
      hint('rebuilding beside the live ones …', settings, surroundings);
      const outcome = await client.verify();
      answer(
        outcome,
        ({ projections }) =>
          table(
            [{ title: 'PROJECTION' }, { title: '' }, { title: 'ROWS', align: 'right' }, { title: '' }],
            projections.map(({ name, equal, rows, difference }) => [
              name,
              equal ? 'equal' : 'DIFFERENT',
              rows === undefined ? '' : grouped(rows),
              difference ?? '',
            ]),
          ),
        settings,
        surroundings,
      );
      const differing = outcome.projections.filter(({ equal }) => !equal).map(({ name }) => name);
      if (!outcome.equal || differing.length > 0)
        throw new Failure(
          ExitCode.failed,
          `different from what the events say: ${differing.join(', ') || 'see the answer'}`,
          '`tributary rebuild` makes them anew; please report it',
        );
    });
  });

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
