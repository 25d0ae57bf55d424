import { type Command } from 'commander';
import { answer } from '../print/answer.js';
import { settlePast } from '../server/settle-past.js';
import { withServer } from '../server/with-server.js';
import { settingsOf } from '../settings.js';
import { type Surroundings } from '../surroundings.js';
import { command } from './command.js';
import { confirm } from './confirm.js';
import { reasonOption } from './decide.js';

export const retentionCommand = (surroundings: Surroundings): Command =>
  command('retention', 'end the retention of the input log and the quarantine before its time', [
    ['retention end --reason "asked by somebody whom only the quarantine knows"', 'asks before it drops anything'],
  ]).addCommand(
    command('end', 'drop all input that has had its effect, and all that is held in the quarantine', [
      [
        'retention end --reason "asked by somebody whom only the quarantine knows" --yes',
        'what is held there cannot be repaired and replayed any more',
      ],
    ])
      .requiredOption('--reason <text>', reasonOption)
      .option('--yes', 'do not ask; needed where nobody can be asked')
      .action(async (given: { reason: string; yes?: boolean }, self: Command) => {
        const settings = settingsOf(self);
        await confirm('the end of a retention', given.yes ?? false, settings, surroundings);
        await withServer(settings, surroundings, { changes: true }, async ({ client }) => {
          await settlePast(client, { signal: surroundings.interrupted });
          answer(
            await client.endRetention(given.reason),
            ({ records, remaining }) =>
              `dropped ${String(records)} records${typeof remaining === 'string' ? `; ${remaining}` : ''}\n`,
            settings,
            surroundings,
          );
        });
      }),
  );
