import { resolve } from 'node:path';
import { type Command } from 'commander';
import { answer, hint } from '../print/answer.js';
import { grouped } from '../print/numbers.js';
import { withServer } from '../server/with-server.js';
import { settingsOf } from '../settings.js';
import { type Surroundings } from '../surroundings.js';
import { command } from './command.js';

export const backupCommand = (surroundings: Surroundings): Command =>
  command(
    'backup <folder>',
    'copy the data folder as it is now, while it is in use',
    [
      ['backup /mnt/backups/tributary-2026-11-29', 'secrets.json is not in it: keep a copy of that apart'],
      [
        'up --no-sample --data /srv/restored',
        'restore: `cp -a` of a backup, secrets.json put back into it; docs/guide/backups.md says what comes back with it',
      ],
    ],
    { '<folder>': 'not there yet; best on another disk' },
  ).action(async (folder: string, _given: unknown, self: Command) => {
    const settings = settingsOf(self);
    await withServer(settings, surroundings, { changes: false }, async ({ client }) => {
      hint('copying …', settings, surroundings);
      answer(
        await client.backup(settings.remote ? folder : resolve(folder)),
        ({ folder: made, bytes, left }) =>
          `${made}: ${grouped(Math.ceil(bytes / 1e6))} MB, a data folder but for ${left}: keep a copy of that apart\n`,
        settings,
        surroundings,
      );
    });
  });
