import { type Command } from 'commander';
import { answer } from '../print/answer.js';
import { statusText } from '../print/status-text.js';
import { withServer } from '../server/with-server.js';
import { settingsOf } from '../settings.js';
import { type Surroundings } from '../surroundings.js';
import { command } from './command.js';

export const statusCommand = (surroundings: Surroundings): Command =>
  command('status', 'what has come in, where customers stand, and what still waits', [
    ['status', 'at a glance'],
    ['status --json | jq .lag', 'records that wait, by consumer'],
  ]).action(async (_given: unknown, self: Command) => {
    const settings = settingsOf(self);
    await withServer(settings, surroundings, { changes: false }, async ({ client, isOwn }) => {
      const status = await client.status();
      answer(
        { ...status, running: !isOwn, url: isOwn ? null : client.url, sqlUrl: isOwn ? null : client.sqlUrl },
        () => statusText(status, isOwn ? null : client.url),
        settings,
        surroundings,
      );
    });
  });
