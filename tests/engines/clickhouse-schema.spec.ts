import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, it, jest } from '@jest/globals';
import { views } from '@tributary/warehouse';
import { quoted } from '../../libs/warehouse/src/schema/ddl.js';
import { schemaStatements } from '../../libs/warehouse/src/schema/migrate.js';
import { installChdb } from '../../infra/local/chdb-install.mjs';

jest.setTimeout(600_000);

/** The line that the image is pinned to, and the oldest that is promised; with the last package whose engine is of it. */
const IMAGE = '25.8';
const lines = [
  { line: IMAGE, version: '3.7.2' },
  { line: '24.8', version: '2.1.1' },
];

const program = fileURLToPath(new URL('clickhouse-statements.py', import.meta.url));
const compose = fileURLToPath(new URL('../../docker-compose.yml', import.meta.url));

/** chDB, on which all else is tested, is newer than the servers that people run: what it takes, they may refuse. */
describe.each(lines)('the schema on ClickHouse $line', ({ line, version: packaged }) => {
  let env: NodeJS.ProcessEnv;
  beforeAll(() => void (env = installChdb(packaged)));

  /** Statements that the engine refuses, with its complaints. */
  const refused = (statements: readonly string[]): unknown[] => {
    const dir = mkdtempSync(join(tmpdir(), 'tributary-statements-'));
    const file = join(dir, 'statements.json');
    writeFileSync(file, JSON.stringify(statements));
    const { status, stdout, stderr } = spawnSync('python3', [program, file], {
      env,
      stdio: ['ignore', 'pipe', 'pipe'],
      encoding: 'utf8',
      timeout: 120_000,
    });
    rmSync(dir, { recursive: true });
    expect({ status, stderr }).toMatchObject({ status: 0 });
    const [version = '', outcomes = '[]'] = stdout.split('\n');
    expect(version).toContain(`${line}.`);
    const complaints = JSON.parse(outcomes) as readonly (string | null)[];
    expect(complaints).toHaveLength(statements.length);
    return complaints.flatMap((complaint, i) => (complaint === null ? [] : [[statements[i], complaint]]));
  };

  it('stands, twice, and every view answers', () => {
    const asked = views.map(({ name, parameters }) =>
      parameters ? `SELECT * FROM ${name}(as_of = '2026-01-01')` : `SELECT * FROM ${name}`,
    );
    expect(asked.length).toBeGreaterThan(5);
    expect(refused([...schemaStatements(), ...schemaStatements(), ...asked])).toEqual([]);
  });

  it('is understood in its form for a cluster, too', () => {
    const statements = schemaStatements('ours').map((statement) => `SELECT formatQuery(${quoted(statement)})`);
    expect(refused(statements)).toEqual([]);
    expect(refused(['SELECT nope'])).toHaveLength(1);
  });
});

it('the image is of a line that the schema is tried on', () => {
  expect(readFileSync(compose, 'utf8')).toContain(`clickhouse/clickhouse-server:${IMAGE}.`);
});
