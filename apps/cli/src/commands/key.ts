import { mkdir } from 'node:fs/promises';
import { isChannelName } from '@tributary/domain';
import { type Command, Option } from 'commander';
import { ExitCode } from '../exit-code.js';
import { Failure, usage } from '../failure.js';
import { answer, hint } from '../print/answer.js';
import { table } from '../print/table.js';
import { type Grant, type KeyInfo } from '../server/access.js';
import { settingsOf } from '../settings.js';
import { type Surroundings } from '../surroundings.js';
import { command } from './command.js';

export const keyCommand = (surroundings: Surroundings): Command =>
  command('key', 'make, list and revoke access keys (works with and without a running server)', [
    ['key create --channel web_shop', 'for a producer of touchpoints'],
    ['key create --role read', 'for whoever reads: analysts, services, the page in a browser'],
  ])
    .addCommand(createCommand(surroundings))
    .addCommand(listCommand(surroundings))
    .addCommand(revokeCommand(surroundings));

const createCommand = (surroundings: Surroundings): Command =>
  command('create', 'make a key: for one channel to write to, or with a role; it is shown this once', [
    ['key create --channel web_shop', 'a write key: its holder may send touchpoints of the channel web_shop'],
    ['key create --role admin', 'a key that opens everything; a server on another address than 127.0.0.1 needs one'],
    ['key create --channel app --json | jq -r .key', 'in a script'],
  ])
    .addOption(new Option('--channel <name>', 'the channel that the key writes to').conflicts('role'))
    .addOption(new Option('--role <role>', 'what the key may do: read, or admin').choices(['read', 'admin']))
    .action(async (given: { channel?: string; role?: 'read' | 'admin' }, self: Command) => {
      const settings = settingsOf(self);
      const grant = grantOf(given);
      await mkdir(settings.dataDir, { recursive: true, mode: 0o700 });
      const { key } = await (await surroundings.openAccessKeys(settings.dataDir)).create(grant);
      answer({ key, ...told(grant) }, ({ key: text }) => `${text}\n`, settings, surroundings);
      hint('Keep it: only its hash is stored. A running server knows it within a second.', settings, surroundings);
      if (settings.remote)
        hint(
          `It stands in ${settings.dataDir}: the platform at ${settings.remote.url} knows it once its processes have that folder’s access-keys.json.`,
          settings,
          surroundings,
        );
    });

const grantOf = ({ channel, role }: { channel?: string; role?: 'read' | 'admin' }): Grant => {
  if (role !== undefined) return { kind: 'role', role };
  if (channel === undefined)
    throw usage('it is not said what the key is for', 'add --channel <name>, or --role read|admin');
  if (!isChannelName(channel))
    throw usage('that is not a channel name', 'write a lower-case letter, then at most 62 of a-z, 0-9 and _');
  return { kind: 'write', channel };
};

const told = (grant: Grant) =>
  grant.kind === 'write' ? { channel: grant.channel, role: 'write' } : { channel: null, role: grant.role };

const listCommand = (surroundings: Surroundings): Command =>
  command('list', 'list the keys by id, never the keys themselves', [['key list', 'which keys there are']]).action(
    async (_given: unknown, self: Command) => {
      const settings = settingsOf(self);
      const keys = (await surroundings.openAccessKeys(settings.dataDir)).list();
      answer(
        keys.map(({ id, grant, createdAt }) => ({ id, ...told(grant), createdAt })),
        () => listText(keys),
        settings,
        surroundings,
      );
    },
  );

const listText = (keys: readonly KeyInfo[]): string =>
  keys.length === 0
    ? 'no keys; make one with `tributary key create`\n'
    : table(
        [{ title: 'ID' }, { title: 'ROLE' }, { title: 'CHANNEL' }, { title: 'MADE' }],
        keys.map(({ id, grant, createdAt }) => [
          id,
          told(grant).role,
          told(grant).channel ?? '',
          createdAt.slice(0, 16).replace('T', ' '),
        ]),
      );

const revokeCommand = (surroundings: Surroundings): Command =>
  command('revoke <id>', 'revoke a key by the id that `key list` gives', [
    ['key revoke 3f9a1c20b7de', 'it stops to work within a second'],
  ]).action(async (id: string, _given: unknown, self: Command) => {
    const settings = settingsOf(self);
    // The whole id: a prefix might take more keys than were meant.
    if (!/^[0-9a-f]{12}$/.test(id))
      throw usage('that is not the id of a key', 'an id is 12 hex digits, as `tributary key list` shows it');
    const keys = await surroundings.openAccessKeys(settings.dataDir);
    if (!(await keys.revoke(id)))
      throw new Failure(ExitCode.notFound, `there is no key ${id}`, 'look it up with `tributary key list`');
    answer({ revoked: id }, () => `revoked ${id}\n`, settings, surroundings);
  });
