/**
 * Kills the platform with SIGKILL at random moments, again and again, while files are imported and producers, people and
 * subscribers go on; then holds what it knows against what it was told. Runs the built platform, as users do.
 *
 *   npm run test:crash -- --rounds 30 --seed 7
 *
 * Exit code 1 on any violation; the seed that is printed repeats the run, and the data folder is kept.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { freePort } from '../../infra/local/free-port.mjs';
import { chanceOf } from './chance.mjs';
import { checkRecord, checkWarehouse } from './check.mjs';
import { Commands, Erasures } from './commands.mjs';
import { Imports } from './imports.mjs';
import { Load, post } from './load.mjs';
import { Oracle } from './oracle.mjs';
import { guestOf, nativeChannels, personOf, segmentChannel } from './people.mjs';
import { readRecord } from './record.mjs';
import { ServerProcess, startCli } from './server-process.mjs';
import { Subscriber } from './subscriber.mjs';

const { values: given } = parseArgs({
  options: {
    rounds: { type: 'string', default: '30' },
    seed: { type: 'string' },
    /** Rounds between two full checks. */
    every: { type: 'string', default: '6' },
    keep: { type: 'boolean', default: false },
  },
});
const rounds = Number(given.rounds);
const every = Number(given.every);
const seed = Number(given.seed ?? Date.now() % 1_000_000);
const PEOPLE = 1_200;
const SETTLE_MS = 120_000;

const say = (text) => process.stdout.write(`${text}\n`);
const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
const number = (n) => n.toLocaleString('en-GB');
const began = performance.now();
const seconds = () => `${((performance.now() - began) / 1_000).toFixed(0)} s`;

say(
  `crash test: ${rounds} rounds, seed ${seed} (repeat with: npm run test:crash -- --rounds ${rounds} --seed ${seed})`,
);

const folder = mkdtempSync(join(tmpdir(), 'tributary-crash-'));
const dataDir = join(folder, 'data');
const logFile = join(folder, 'server.log');
const chance = chanceOf(seed);
const oracle = new Oracle();
const server = new ServerProcess(dataDir, await freePort(), logFile);
const { url } = server;

const keys = {};
for (const channel of [...nativeChannels, segmentChannel]) {
  const { out, code } = await startCli(['key', 'create', '--channel', channel, '--json', '--data', dataDir], logFile)
    .ended;
  if (code !== 0) throw new Error(`no key could be made; see ${logFile}`);
  keys[channel] = JSON.parse(out).key;
}

const guests = Array.from({ length: 80 }, (_, n) => guestOf(n));
let people = Array.from({ length: PEOPLE }, (_, n) => personOf(n));
const load = new Load({ url, keys, oracle, chance: chance.apart('load'), people: () => people, guests });
const commands = new Commands({ url, guests, chance: chance.apart('commands'), seed });
const erasures = new Erasures({ url, oracle, seed });
const imports = new Imports({
  folder: join(folder, 'files'),
  dataDir,
  oracle,
  chance: chance.apart('imports'),
  logFile,
});
const subscriber = new Subscriber(url);

const ask = async (path) => (await fetch(`${url}${path}`)).json();

/** Resolves when all that was accepted has had its effect everywhere. */
const settled = async () => {
  let quiet = 0;
  let mark = '';
  for (const deadline = Date.now() + SETTLE_MS; quiet < 4; await sleep(100)) {
    const { lag, events } = await ask('/v1/status');
    const now = `${events} ${subscriber.received.length}`;
    quiet = now === mark && Object.values(lag).every((waiting) => waiting === 0) ? quiet + 1 : 0;
    mark = now;
    if (Date.now() > deadline) throw new Error(`it does not settle: ${JSON.stringify(lag)} wait`);
  }
};

const rawTouchpoints = async () => {
  const query = 'SELECT channel, message_id FROM raw_touchpoints FORMAT JSONCompactEachRow';
  const response = await fetch(server.sqlUrl, { method: 'POST', body: query });
  const text = await response.text();
  if (response.status !== 200) throw new Error(`the SQL listener answered ${response.status} ${text.slice(0, 300)}`);
  return text
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line));
};

let checks = 0;
const counts = {};
/** With the server up: settle, verify, stop, and read everything. */
const check = async (isFinal) => {
  await settled();
  const verified = await post(`${url}/v1/ops/verify`, '{}');
  const violations = [...load.problems, ...commands.problems, ...erasures.problems, ...imports.problems];
  if (verified?.status !== 200)
    violations.push(`verify was answered ${verified?.status} ${JSON.stringify(verified?.body)}`);
  else
    for (const { name, equal, difference } of verified.body.projections)
      if (!equal) violations.push(`projection ${name} differs from its rebuild: ${difference}`);
  const rows = server.sqlUrl === null ? null : await rawTouchpoints();
  const code = await server.stop();
  if (code !== 0) violations.push(`asked to stop, the server ended with ${code}`);
  const record = await readRecord(dataDir);
  violations.push(
    ...checkRecord(record, { oracle, erased: erasures.subjects, pairs: commands.pairs, subscriber, isFinal }),
  );
  if (rows !== null) violations.push(...checkWarehouse(rows, record, erasures.subjects));
  checks += 1;
  Object.assign(counts, {
    touchpoints: record.touchpoints.first.size,
    records: Object.values(record.touchpoints.records).reduce((sum, n) => sum + n, 0),
    quarantined: record.quarantined.length,
    customers: record.customers.length,
    events: record.events.count,
    streams: record.events.streams,
    feed: record.feed.length,
    rows: rows?.length ?? 'no warehouse',
  });
  say(
    `  check: ${number(counts.touchpoints)} touchpoints in ${number(counts.records)} records, ${number(counts.customers)} customers, ${number(counts.events)} events in ${number(counts.streams)} streams, ${number(counts.feed)} feed messages, warehouse rows ${number(counts.rows)}: ${violations.length === 0 ? 'all as it should be' : `${violations.length} VIOLATIONS`}`,
  );
  return violations;
};

const fail = (violations) => {
  for (const violation of violations.slice(0, 20)) say(`  VIOLATION: ${violation}`);
  if (violations.length > 20) say(`  … and ${violations.length - 20} more`);
  say(`crash test FAILED with seed ${seed}; the data folder and log are kept in ${folder}`);
  process.exit(1);
};

/** The ways a round may go; each ends with nothing running. */
const whileStarting = async () => {
  server.launch();
  const after = chance.between(30, 900);
  await sleep(after);
  await server.kill();
  return `server killed ${after} ms after its launch`;
};

const whileImportingAlone = async () => {
  await imports.start();
  const after = chance.between(400, 4_000);
  for (const until = Date.now() + after; Date.now() < until && imports.isRunning;) await sleep(20);
  const isDone = !imports.isRunning;
  await imports.kill();
  return isDone ? 'an import without a server came to its end' : `import without a server killed after ${after} ms`;
};

const underLoad = async () => {
  server.launch();
  await server.ready();
  const isQuiet = chance.happens(0.4);
  if (isQuiet) {
    await settled();
    await Promise.race([erasures.run(), sleep(chance.between(1, 400))]);
  }
  const withImport = chance.happens(0.6);
  const senders = chance.between(1, 5);
  load.start(senders);
  if (withImport) await imports.start();
  const deciding = commands.some(chance.between(0, 6));
  const after = chance.between(50, 3_500);
  const importDies = withImport && chance.happens(0.3) ? chance.below(after) : after;
  await sleep(importDies);
  if (importDies < after) await imports.kill();
  await sleep(after - importDies);
  await server.kill();
  // The import has lost its server; often it dies at the same moment.
  if (chance.happens(0.5)) await imports.kill();
  await Promise.all([load.stop(), deciding]);
  await imports.kill();
  return `killed ${after} ms into ${senders} sender${senders === 1 ? '' : 's'}${withImport ? `, import${importDies < after ? ` (killed ${after - importDies} ms before)` : ''}` : ''}${isQuiet ? ', erasures' : ''}`;
};

const leave = (n) => {
  for (; n > 0; n--) {
    const person = chance.pick(people);
    people = people.filter((other) => other !== person);
    erasures.add(person);
  }
};

let kills = 0;
let acked = 0;
for (let round = 1; round <= rounds; round++) {
  const way = round === 1 || chance.happens(0.7) ? underLoad : chance.pick([whileStarting, whileImportingAlone]);
  const what = await way();
  kills += 1;
  leave(chance.between(0, 3));
  say(
    `round ${String(round).padStart(2)}/${rounds}: ${what}; acknowledged ${number(oracle.acked)} (+${number(oracle.acked - acked)}), in doubt ${number(oracle.doubts)}, commands ${commands.answered} (${commands.inDoubt.length} in doubt), erased ${erasures.done}  [${seconds()}]`,
  );
  acked = oracle.acked;
  if (round % every !== 0 || round === rounds) continue;
  server.launch();
  await server.ready();
  await commands.finish();
  await settled();
  await commands.some(10);
  await erasures.run();
  const violations = await check(false);
  if (violations.length > 0) fail(violations);
}

// At last nothing is left in doubt: every producer, importer and person gets an answer.
server.launch();
await server.ready();
await load.clearDoubts();
await imports.finish();
await commands.finish();
await settled();
await erasures.run();
const violations = await check(true);
await subscriber.stop();
if (violations.length > 0) fail(violations);
if (!given.keep) rmSync(folder, { recursive: true, force: true });
say(
  `crash test passed: ${kills} kills, ${number(counts.touchpoints)} touchpoints exactly once out of ${number(counts.records)} records, ${imports.finished.length} files imported over ${imports.interrupted} interruptions${imports.hasRealData ? '' : ' (without real data: ../shared/data is not there)'}, ${commands.answered} commands (${commands.repeated} asked again), ${erasures.done} erasures, ${number(counts.feed)} feed messages over ${subscriber.resumed} resumptions, ${checks} full checks; seed ${seed}, ${seconds()}`,
);
