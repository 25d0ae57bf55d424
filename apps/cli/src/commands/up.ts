import { DAY_MS } from '@tributary/kernel';
import { type Command, Option } from 'commander';
import { ExitCode } from '../exit-code.js';
import { Failure, failureOf } from '../failure.js';
import { type Client, openClient } from '../http/client.js';
import { answer, hint } from '../print/answer.js';
import { toldOfWaits } from '../print/engine-wait.js';
import { grouped } from '../print/numbers.js';
import { openProgress } from '../print/progress.js';
import { findServer } from '../server/find-server.js';
import { type Platform } from '../server/platform.js';
import { settle } from '../server/settle.js';
import { memoryOf, type Settings, settingsOf } from '../settings.js';
import { type Surroundings } from '../surroundings.js';
import { feedHistory, sampleChannels, type SampleKeys } from '../up/feed-history.js';
import { feedTrickle } from '../up/feed-trickle.js';
import { overviewText } from '../up/overview.js';
import { markFed, readSampleMarker, type SampleMarker, sampleMarker } from '../up/sample-marker.js';
import { whereToLook } from '../up/where-to-look.js';
import { command } from './command.js';
import { port } from './port.js';

interface Given {
  readonly sample: boolean;
  readonly host: string;
  readonly port: number;
  readonly sqlPort: number;
}

export const upCommand = (surroundings: Surroundings): Command =>
  command('up', 'run the whole platform in this process, on a data folder', [
    ['up', 'on 127.0.0.1:8080 and ./data, with the sample: 2,000 people who do not exist, on four channels'],
    ['up --no-sample --data /srv/tributary', 'with your own data only'],
    ['up --data ./other --port 9000 --sql-port 9001', 'beside another one, on a folder of its own'],
    [
      'up --host 0.0.0.0 --no-sample',
      'for others, too: every door then asks for a key (`key create --role admin` first)',
    ],
  ])
    .option('--no-sample', 'do not feed the sample')
    .addOption(
      new Option('--port <number>', 'of the page, the API and the doors').env('PORT').default(8080).argParser(port),
    )
    .addOption(
      new Option('--sql-port <number>', 'of the SQL listener').env('TRIBUTARY_SQL_PORT').default(8123).argParser(port),
    )
    .addOption(new Option('--host <address>', 'the address to listen on').env('TRIBUTARY_HOST').default('127.0.0.1'))
    .action(async (given: Given, self: Command) => {
      const settings = settingsOf(self);
      const running = await findServer(settings.dataDir);
      if (running)
        throw new Failure(
          ExitCode.refused,
          `${settings.dataDir} is served already, by process ${running.pid} at ${running.url}`,
          'use that one, stop it first, or start on another folder with --data',
        );
      // Marked before the platform is there: the page says from its first moment that nobody on it exists.
      const before = await readSampleMarker(settings.dataDir);
      const notice = () =>
        given.sample || before !== undefined
          ? 'generated sample: none of these people exist  生成的示例，并无其人'
          : undefined;
      const { host, port: httpPort, sqlPort } = given;
      const platform = await surroundings.startPlatform({
        dataDir: settings.dataDir,
        host,
        port: httpPort,
        sqlPort,
        ...memoryOf(settings),
        quiet: settings.quiet || surroundings.stderr.isTTY === true,
        notice,
        ...toldOfWaits(settings, surroundings),
        signal: surroundings.interrupted,
      });
      try {
        await serve(platform, given.sample, settings, surroundings);
      } finally {
        hint('\nstopping: finishing what was accepted …  正在停止…', settings, surroundings);
        await platform.stop();
        hint('stopped', settings, surroundings);
      }
    });

const serve = async (
  platform: Platform,
  withSample: boolean,
  settings: Settings,
  surroundings: Surroundings,
): Promise<void> => {
  const { interrupted: signal } = surroundings;
  const marker = withSample ? await sampleMarker(settings.dataDir, Date.now()) : undefined;
  const keys = marker && !marker.isFed ? await makeKeys(platform) : {};
  const { url, sqlUrl } = platform;
  answer(
    { url, sqlUrl, dataDir: settings.dataDir, pid: process.pid, keys },
    () => whereToLook({ url, sqlUrl, dataDir: settings.dataDir, keys, hasSample: marker !== undefined }),
    settings,
    surroundings,
  );
  const client = openClient({ ...platform, signal, deliveryPatience_ms: 60_000 });
  try {
    if (marker) await feed(client, marker, keys, settings, surroundings);
    await aborted(signal);
  } catch (error) {
    // Asked to stop, whatever was under way ends with it: that is how it is meant to end.
    if (!signal.aborted) throw error;
  } finally {
    client.close();
  }
};

const feed = async (
  client: Client,
  marker: SampleMarker,
  keys: SampleKeys,
  settings: Settings,
  surroundings: Surroundings,
): Promise<void> => {
  const { interrupted: signal } = surroundings;
  if (!marker.isFed) await feedAll(client, marker, keys, settings, surroundings);
  if (signal.aborted) return;
  hint('live touchpoints are coming in, a few a second  实时触点持续到来', settings, surroundings);
  await feedTrickle(client, marker, keys, signal, (error) =>
    hint(`the live sample pauses: ${failureOf(error).line}`, settings, surroundings),
  );
};

const TWO_YEARS_MS = 2 * 365 * DAY_MS;

const feedAll = async (
  client: Client,
  marker: SampleMarker,
  keys: SampleKeys,
  settings: Settings,
  surroundings: Surroundings,
): Promise<void> => {
  const { interrupted: signal } = surroundings;
  hint(
    `feeding the sample: two years of ${grouped(marker.customers)} people who do not exist  正在导入示例数据…`,
    settings,
    surroundings,
  );
  const progress = openProgress('sample', 'touchpoints', settings, surroundings);
  let fed = 0;
  try {
    fed = await feedHistory(client, marker, keys, signal, (count, at) =>
      progress.update(at - (marker.until - TWO_YEARS_MS), TWO_YEARS_MS, count),
    );
  } finally {
    progress.stop();
  }
  if (signal.aborted) return;
  const effect = openProgress('taking effect', 'touchpoints', settings, surroundings);
  try {
    const waiting = { most: 0 };
    await settle(client, {
      signal,
      onLag: (lag) => {
        waiting.most = Math.max(waiting.most, lag);
        effect.update(waiting.most - lag, waiting.most, waiting.most - lag);
      },
    });
  } finally {
    effect.stop();
  }
  await markFed(settings.dataDir, marker);
  hint(`${grouped(fed)} touchpoints taken in`, settings, surroundings);
  if (!settings.json) surroundings.stdout.write(`\n${await overviewText(client)}\n`);
};

/** Only at the first start: a key cannot be shown again, and feeding goes on without it. */
const makeKeys = async ({ keys }: Platform): Promise<SampleKeys> => {
  const made: Record<string, string> = {};
  for (const channel of sampleChannels) made[channel] = (await keys.create({ kind: 'write', channel })).key;
  return made;
};

const aborted = (signal: AbortSignal): Promise<void> =>
  new Promise((resolve) =>
    signal.aborted ? resolve() : signal.addEventListener('abort', () => resolve(), { once: true }),
  );
