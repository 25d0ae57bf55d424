import { type Command } from 'commander';
import { type CommandOutcome } from '../http/api.js';
import { answer } from '../print/answer.js';
import { withServer } from '../server/with-server.js';
import { settingsOf } from '../settings.js';
import { type Surroundings } from '../surroundings.js';
import { customerIdOf, parseWho, whoHelp } from '../who.js';
import { command } from './command.js';

export const reasonOption = 'why, in at most 500 characters and without personal data: it is kept for ever';

export const mergeCommand = (surroundings: Surroundings): Command =>
  command(
    'merge <who> <other>',
    'say that two customers are one person',
    [
      [
        'merge phone=13800001234 email=li.na@example.com --reason "same person, checked on the phone"',
        'their touchpoints stay where they are: it can be undone exactly',
      ],
    ],
    { '<who>': whoHelp, '<other>': 'the same person: named in the same ways' },
  )
    .requiredOption('--reason <text>', reasonOption)
    .action(async (who: string, other: string, { reason }: { reason: string }, self: Command) => {
      const settings = settingsOf(self);
      const [one, two] = [parseWho(who), parseWho(other)];
      await withServer(settings, surroundings, { changes: true }, async ({ client }) => {
        const ids = await Promise.all([customerIdOf(client, one), customerIdOf(client, two)]);
        answer(
          await client.merge(ids[0], ids[1], reason),
          ({ status }) =>
            `${ids[0]} and ${ids[1]} are one customer${status === 'pending' ? ' soon: the decision is durable' : ' now'}\n`,
          settings,
          surroundings,
        );
      });
    });

export const unmergeCommand = (surroundings: Surroundings): Command =>
  command(
    'unmerge <who> <part>',
    'take a part out of a customer again, exactly',
    [
      [
        'unmerge phone=13800001234 c_0123456789abcdef0123456789abcdef --reason "two people, one phone"',
        'part the customer that was absorbed',
      ],
      [
        'unmerge member_no=M100023 phone=13800001234 --reason "not hers"',
        'part one identifier, as `profile` lists them',
      ],
    ],
    {
      '<who>': whoHelp,
      '<part>': 'the id of a customer that was absorbed (c_…), an identifier as type=value, or a subject (s_…)',
    },
  )
    .requiredOption('--reason <text>', reasonOption)
    .action(async (who: string, part: string, { reason }: { reason: string }, self: Command) => {
      const settings = settingsOf(self);
      const named = parseWho(who);
      const taken = parseWho(part);
      // A subject and the customer that is called after it are taken out alike.
      const out = 'id' in taken ? { from: taken.id } : { identifier: taken };
      // The customer's id may be that of the part: only the identifier says whom it is taken away from.
      const stays = 'id' in named ? {} : { stays: named };
      await withServer(settings, surroundings, { changes: true }, async ({ client }) => {
        const id = await customerIdOf(client, named);
        answer(
          await client.unmerge(id, { ...out, ...stays }, reason),
          (outcome) => `parted${customersIn(outcome)}\n`,
          settings,
          surroundings,
        );
      });
    });

const customersIn = ({ status, customers = [] }: CommandOutcome): string =>
  status === 'pending'
    ? ': decided soon, and durable already'
    : customers.length > 0
      ? `: ${customers.join(' and ')}`
      : '';
