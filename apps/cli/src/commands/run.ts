import { Argument, type Command, Option } from 'commander';
import { setTimeout as sleep } from 'node:timers/promises';
import { ExitCode } from '../exit-code.js';
import { Failure } from '../failure.js';
import { answer, hint } from '../print/answer.js';
import { type Role, roles, type RunningRole } from '../server/role.js';
import { settingsOf } from '../settings.js';
import { type Surroundings } from '../surroundings.js';
import { command } from './command.js';
import { port } from './port.js';

/** A supervisor that asked for an end kills after some time: nothing accepted hangs on what is still open then. */
const STOP_MS = 9_000;
const DEFAULT_PORTS: Readonly<Record<Role, number>> = {
  collector: 8080,
  api: 8081,
  processor: 9101,
  projector: 9102,
  loader: 9103,
};

export const runCommand = (surroundings: Surroundings): Command =>
  command('run', 'run one role of the platform, on engines that the environment names', [
    ['run collector', 'the doors in: needs TRIBUTARY_LOG_URL'],
    ['run processor', 'from the log to events; as many as there are partitions may run'],
    ['run projector', 'from events to customers; one works, others wait to take over'],
    ['run loader', 'into ClickHouse: needs TRIBUTARY_WAREHOUSE_URL, too'],
    ['run api --host 0.0.0.0', 'reads, commands, the feed, the page; for others every door asks for a key'],
  ])
    .addArgument(new Argument('<role>', 'what this process does').choices(roles))
    .addOption(new Option('--port <number>', 'of its doors, health and metrics').env('PORT').argParser(port))
    .addOption(new Option('--host <address>', 'the address to listen on').env('TRIBUTARY_HOST').default('127.0.0.1'))
    .action(async (role: Role, given: { host: string; port?: number }, self: Command) => {
      const settings = settingsOf(self);
      const running = await surroundings.startRole({
        role,
        env: process.env,
        dataDir: settings.dataDir,
        host: given.host,
        port: given.port ?? DEFAULT_PORTS[role],
        quiet: settings.quiet,
        signal: surroundings.interrupted,
      });
      try {
        answer({ role, url: running.url, pid: process.pid }, () => `${role} at ${running.url}`, settings, surroundings);
        await Promise.race([running.done, aborted(surroundings.interrupted)]);
      } finally {
        hint('stopping: finishing what is in hand …', settings, surroundings);
        await stopInTime(running);
      }
    });

const stopInTime = async (running: RunningRole): Promise<void> => {
  const late = new AbortController();
  const stopped = running.stop().then(() => true);
  const inTime = await Promise.race([stopped, sleep(STOP_MS, false, { signal: late.signal })]);
  late.abort();
  if (!inTime)
    throw new Failure(
      ExitCode.failed,
      `it did not stop within ${STOP_MS / 1_000} s; what was accepted is safe, and is taken up by whoever is next`,
    );
};

const aborted = (signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
