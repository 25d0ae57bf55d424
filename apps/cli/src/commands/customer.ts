import { type Command, Option } from 'commander';
import { answer, hint } from '../print/answer.js';
import { explanationText } from '../print/explanation-text.js';
import { profileText } from '../print/profile-text.js';
import { timelineText } from '../print/timeline-text.js';
import { withServer } from '../server/with-server.js';
import { settingsOf } from '../settings.js';
import { type Surroundings } from '../surroundings.js';
import { customerIdOf, parseWho, whoHelp } from '../who.js';
import { command, countUpTo } from './command.js';

interface Moment {
  readonly asOf?: string;
  readonly knownAt?: string;
}

const momentOptions = (made: Command): Command =>
  made
    .option('--as-of <moment>', 'as it was true then (event time): 2024-05-31, or ISO 8601 with an offset')
    .option('--known-at <moment>', 'from what was accepted by then');

export const profileCommand = (surroundings: Surroundings): Command =>
  momentOptions(
    command(
      'profile <who>',
      'show one customer',
      [
        ['profile phone=17400558199', 'who calls?'],
        ['profile member_no=M101162 --as-of 2025-12-31', 'the customer as of the end of a year'],
        ['profile email=sun101162@example.cn --json | jq .value', 'the whole profile, for machines'],
      ],
      { '<who>': whoHelp },
    ),
  ).action(async (who: string, when: Moment, self: Command) => {
    const settings = settingsOf(self);
    const named = parseWho(who);
    await withServer(settings, surroundings, { changes: false }, async ({ client }) => {
      const profile = await client.find(named, when);
      answer(profile, profileText, settings, surroundings);
    });
  });

export const timelineCommand = (surroundings: Surroundings): Command =>
  command(
    'timeline <who>',
    'show what happened with one customer, newest first',
    [
      ['timeline phone=17400558199 --limit 10', 'the last ten touchpoints and decisions'],
      ['timeline member_no=M101162 --all --json', 'all of them, for machines'],
    ],
    { '<who>': whoHelp },
  )
    .addOption(new Option('--limit <n>', 'how many').default(20).argParser(countUpTo(200)))
    .option('--before <position>', 'go on where a page ended')
    .option('--all', 'page by page to the beginning')
    .action(async (who: string, given: { limit: number; before?: string; all?: boolean }, self: Command) => {
      const settings = settingsOf(self);
      const named = parseWho(who);
      await withServer(settings, surroundings, { changes: false }, async ({ client }) => {
        const id = await customerIdOf(client, named);
        let before = given.before;
        do {
          const page = await client.timeline(id, given.all ? 200 : given.limit, before);
          if (settings.json && given.all)
            for (const entry of page.entries) surroundings.stdout.write(`${JSON.stringify(entry)}\n`);
          else answer(page, timelineText, settings, surroundings);
          before = page.next ?? undefined;
        } while (given.all && before !== undefined);
        if (before !== undefined) hint(`older ones: --before ${before}`, settings, surroundings);
      });
    });

export const explainCommand = (surroundings: Surroundings): Command =>
  momentOptions(
    command(
      'explain <who> <path>',
      'say why a value of the profile is what it is',
      [
        ['explain phone=17400558199 lifecycle.tier.stage', 'why this tier: the rules, and the touchpoints behind it'],
        ['explain member_no=M101162 value.net --json', 'down to the positions in the log, for machines'],
      ],
      {
        '<who>': whoHelp,
        '<path>': 'as in the profile’s JSON: value.net, lifecycle.relationship.stage, orders.recent[0].net',
      },
    ),
  ).action(async (who: string, path: string, when: Moment, self: Command) => {
    const settings = settingsOf(self);
    const named = parseWho(who);
    await withServer(settings, surroundings, { changes: false }, async ({ client }) => {
      const id = 'id' in named ? named.id : await customerIdOf(client, named, when);
      answer(await client.explain(id, path, when), explanationText, settings, surroundings);
    });
  });
