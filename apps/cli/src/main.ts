import { join } from 'node:path';
import { failureOf } from './failure.js';
import { awaitInterrupt } from './interrupts.js';
import { misspeltSettings } from './misspelt.js';
import { run } from './run.js';

const tellMisspelt = (engineSettings: readonly string[]): void => {
  for (const { name, meant } of misspeltSettings(process.env, engineSettings))
    process.stderr.write(`tributary: ${name} is set and nothing reads it; was ${meant} meant?\n`);
};

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
    const { readSettings, settingNames, startPlatform } = await import('@tributary/server');
    tellMisspelt(settingNames);
    return startPlatform({ ...options, engines: readSettings(process.env) });
  },
  startRole: async ({ env, quiet, ...options }) => {
    const { readSettings, settingNames, startRole } = await import('@tributary/server');
    tellMisspelt(settingNames);
    return startRole({ ...options, settings: readSettings(env), logLevel: quiet ? 'warn' : 'info' });
  },
  openAccessKeys: async (dataDir) =>
    (await import('@tributary/server')).AccessKeys.open(join(dataDir, 'access-keys.json'), { now: () => Date.now() }),
});
process.exitCode ||= code;
// What still listens (stdin, a kept connection) has nothing left to do; output is flushed first.
process.stdout.write('', () => process.exit());
