import { cpSync, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { checkArrival } from './checks/arrival.js';
import { checkCdnow } from './checks/cdnow.js';
import { checkCommunity, checkSessions } from './checks/identity.js';
import { importAgain, importComposedSessions, importFiveSets } from './checks/imports.js';
import { checkRetail } from './checks/retail.js';
import { checkStages } from './checks/stages.js';
import { checkMergeOfStrangers, checkUnmergeOfVisitors } from './checks/unmerge.js';
import { checkWarehouse } from './checks/warehouse.js';
import { dataDir } from './data-sets.js';
import { type Finding, Findings, findingsText } from './findings.js';
import { openPlatform, type Platform } from './platform/platform.js';

/** Platforms on real data, started and fed when a check first asks for them. */
interface Stage {
  /** The five sets in one folder. */
  five(): Promise<Platform>;
  /** The composed sessions alone. */
  composed(): Promise<Platform>;
  /** Empty, with the secrets of the other two: the same identifiers have the same ids. */
  empty(): Promise<Platform>;
}

const checks: Readonly<Record<string, (stage: Stage, findings: Findings) => Promise<void>>> = {
  import: async (stage, findings) => importAgain(await stage.five(), findings),
  retail: async (stage, findings) => checkRetail(await stage.five(), findings),
  cdnow: async (stage, findings) => checkCdnow(await stage.five(), findings),
  stages: async (stage, findings) => checkStages(await stage.five(), findings),
  warehouse: async (stage, findings) => checkWarehouse(await stage.five(), findings),
  identity: async (stage, findings) => {
    await checkSessions(await stage.five(), 'airbnb_sessions', findings);
    await checkCommunity(await stage.five(), findings);
    await checkSessions(await stage.composed(), 'airbnb_sessions_composed', findings);
  },
  arrival: async (stage, findings) =>
    checkArrival(await stage.empty(), { cdnow: await stage.five(), sessions: await stage.composed() }, findings),
  unmerge: async (stage, findings) => {
    await checkMergeOfStrangers(await stage.five(), findings);
    await checkUnmergeOfVisitors(await stage.composed(), findings);
  },
};

const usage = `npm run check:data -- [--only <check>]… [--keep <folder>]
  --only   one of ${Object.keys(checks).join(', ')}; may be given several times
  --keep   work in this folder and leave it there (otherwise a temporary one, removed at the end)
Feeds real data sets (../shared/data) to the platform as a user would, and compares what comes out with what is known.
`;

const say = (line: string): void => void process.stdout.write(`${line}\n`);

/** Answers the exit code: 0 all equal (or nothing to check with), 1 something differs, 2 wrong usage. */
export const checkData = async (args: readonly string[]): Promise<number> => {
  const { only, keep, help } = optionsOf(args);
  const unknown = only.filter((name) => !(name in checks));
  if (help || unknown.length > 0) {
    say(unknown.length > 0 ? `no such check: ${unknown.join(', ')}\n\n${usage}` : usage);
    return help ? 0 : 2;
  }
  if (!existsSync(dataDir)) {
    say(`skipped: the real data sets are not at ${dataDir}`);
    return 0;
  }
  const folder = keep ?? mkdtempSync(join(tmpdir(), 'tributary-check-data-'));
  const all: Finding[] = [];
  const running: Platform[] = [];
  const began = performance.now();
  try {
    const stage = stageIn(folder, running, all);
    for (const [name, check] of Object.entries(checks)) {
      if (only.length > 0 && !only.includes(name)) continue;
      const findings = new Findings(name, say);
      // What one check stumbles over does not keep the others from being made.
      await check(stage, findings).catch((error: unknown) =>
        findings.add('could be carried out', 0, [error instanceof Error ? (error.stack ?? error.message) : String(error)]),
      );
      all.push(...findings.all);
    }
  } finally {
    for (const platform of running) await platform.stop();
    if (keep === undefined) rmSync(folder, { recursive: true, force: true });
  }
  const wrong = all.filter(({ differences }) => differences.length > 0).length;
  const seconds = Math.round((performance.now() - began) / 1000);
  say(`\n${findingsText(all)}`);
  say(wrong === 0 ? `all equal, in ${seconds} s` : `${wrong} of ${all.length} DIFFERENT, in ${seconds} s`);
  return wrong === 0 ? 0 : 1;
};

const optionsOf = (args: readonly string[]) => {
  const { values } = parseArgs({
    args: [...args],
    options: { only: { type: 'string', multiple: true }, keep: { type: 'string' }, help: { type: 'boolean' } },
  });
  const only = (values.only ?? []).flatMap((names) => names.split(','));
  return { only, keep: values.keep, help: values.help ?? false };
};

const stageIn = (folder: string, running: Platform[], all: Finding[]): Stage => {
  const open = async (name: string): Promise<Platform> => {
    const platform = await openPlatform(join(folder, name));
    running.push(platform);
    return platform;
  };
  const once = <T>(make: () => Promise<T>): (() => Promise<T>) => {
    let made: Promise<T> | undefined;
    return () => (made ??= make());
  };
  const feed = async (work: (findings: Findings) => Promise<void>): Promise<void> => {
    const findings = new Findings('import', say);
    await work(findings);
    all.push(...findings.all);
  };
  /** A folder whose feeding was broken off is begun anew. */
  const wasFed = (name: string): boolean => {
    if (existsSync(join(folder, `${name}.fed`))) return true;
    rmSync(join(folder, name), { recursive: true, force: true });
    return false;
  };
  const markFed = (name: string): void => writeFileSync(join(folder, `${name}.fed`), '');
  const withSecretsOfFive = (name: string): string => {
    const secrets = join(folder, 'five', 'secrets.json');
    const target = join(folder, name);
    mkdirSync(target, { recursive: true, mode: 0o700 });
    if (!existsSync(join(target, 'secrets.json'))) cpSync(secrets, join(target, 'secrets.json'));
    return target;
  };

  const five = once(async () => {
    const isFed = wasFed('five');
    const platform = await open('five');
    if (isFed) return platform;
    await feed((findings) => importFiveSets(platform, findings));
    markFed('five');
    return platform;
  });
  const composed = once(async () => {
    await five();
    if (!wasFed('composed')) {
      await feed((findings) => importComposedSessions(withSecretsOfFive('composed'), findings));
      markFed('composed');
    }
    const platform = await open('composed');
    await platform.settled();
    return platform;
  });
  const empty = once(async () => {
    await five();
    rmSync(join(folder, 'empty'), { recursive: true, force: true });
    withSecretsOfFive('empty');
    return open('empty');
  });
  return { five, composed, empty };
};
