import { randomUUID } from 'node:crypto';
import { type Command } from 'commander';
import { ExitCode } from '../exit-code.js';
import { Failure } from '../failure.js';
import { answer } from '../print/answer.js';
import { settlePast } from '../server/settle-past.js';
import { withServer } from '../server/with-server.js';
import { settingsOf } from '../settings.js';
import { type Surroundings } from '../surroundings.js';
import { customerIdOf, parseWho, whoHelp } from '../who.js';
import { command } from './command.js';
import { confirm } from './confirm.js';
import { reasonOption } from './decide.js';

export const eraseCommand = (surroundings: Surroundings): Command =>
  command(
    'erase <who>',
    'erase a person: the keys of what is stored, profile, look-ups and tables',
    [
      [
        'erase phone=13800001234 --reason "asked by the customer" --yes',
        'gone from everything but the input log, until its retention is over',
      ],
      [
        'erase phone=13800001234 --reason "asked by the customer" --yes --end-retention',
        'gone from the input log, too: nothing is left in any file',
      ],
    ],
    { '<who>': whoHelp },
  )
    .requiredOption('--reason <text>', reasonOption)
    .option('--yes', 'do not ask; needed where nobody can be asked')
    .option(
      '--end-retention',
      'end the retention of the input log and the quarantine now, for all that has had its effect',
    )
    .addHelpText(
      'after',
      `
All identifiers of the customer go, and what touchpoints of others said of them: a phone that another used, too, is the
other's from the next touchpoint on that names the two together.`,
    )
    .action(async (who: string, given: { reason: string; yes?: boolean; endRetention?: boolean }, self: Command) => {
      const settings = settingsOf(self);
      const named = parseWho(who);
      await confirm('an erasure', given.yes ?? false, settings, surroundings);
      await withServer(settings, surroundings, { changes: true }, async ({ client }) => {
        const id = await customerIdOf(client, named).catch((error: unknown) => {
          throw given.endRetention ? onlyHeldPerhaps(error) : error;
        });
        const order = randomUUID();
        let outcome = await client.erase(id, given.reason, order);
        let retention: Readonly<Record<string, unknown>> | null = null;
        if (given.endRetention) {
          // The input may only be let go of when its effects, and the erasure's, stand everywhere.
          for (let asked = 1; outcome.status === 'pending'; asked++) {
            if (asked === ASKED_MOST) throw notYet(id);
            outcome = await client.erase(id, given.reason, order);
          }
          await settlePast(client, { signal: surroundings.interrupted });
          retention = await client.endRetention(given.reason);
        }
        answer(
          { ...outcome, retention },
          ({ status, receipt }) =>
            status === 'pending'
              ? `${id} is erased soon: the decision is durable, and will be carried out\n`
              : `erased ${id}; the receipt:\n${JSON.stringify({ receipt, retention }, null, 2)}\n`,
          settings,
          surroundings,
        );
      });
    });

/** Each time the server waits for some twenty seconds. */
const ASKED_MOST = 15;

const notYet = (id: string): Failure =>
  new Failure(
    ExitCode.failed,
    `${id} is not erased yet, and no input was dropped: the decision is durable, and will be carried out`,
    'run `tributary retention end` when nobody is known by this id any more',
  );

/** Of somebody of whom nothing could be understood there is no customer, and yet their rows. */
const onlyHeldPerhaps = (error: unknown): unknown =>
  error instanceof Failure && error.exit === ExitCode.notFound
    ? new Failure(
        error.exit,
        `${error.message}, and nothing was dropped`,
        'for whom only the quarantine holds: `tributary retention end` drops it, and all input that has had its effect',
      )
    : error;
