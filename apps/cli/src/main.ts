import { join } from 'node:path';
import { failureOf } from './failure.js';
import { awaitInterrupt } from './interrupts.js';
import { run } from './run.js';

// A reader that has seen enough (`| head`) is no failure.
for (const stream of [process.stdout, process.stderr])
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') process.exitCode = failureOf(error).exit;
  });

const code = await run(process.argv.slice(2), {
  stdin: process.stdin,
  stdout: process.stdout,
  stderr: process.stderr,
  interrupted: awaitInterrupt(process),
  // Loaded when needed: most commands only talk to a server that runs already.
  startPlatform: async (options) => {
    const { readSettings, startPlatform } = await import('@tributary/server');
    return startPlatform({ ...options, engines: readSettings(process.env) });
  },
  startRole: async ({ env, quiet, ...options }) => {
    const { readSettings, startRole } = await import('@tributary/server');
    return startRole({ ...options, settings: readSettings(env), logLevel: quiet ? 'warn' : 'info' });
  },
  openAccessKeys: async (dataDir) =>
    (await import('@tributary/server')).AccessKeys.open(join(dataDir, 'access-keys.json'), { now: () => Date.now() }),
});
process.exitCode ||= code;
// What still listens (stdin, a kept connection) has nothing left to do; output is flushed first.
process.stdout.write('', () => process.exit());
