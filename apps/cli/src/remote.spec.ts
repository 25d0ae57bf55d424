import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { ExitCode } from './exit-code.js';
import { FakeServer, refused } from './testing/fake-server.js';
import { Invocations } from './testing/invocation.js';

const NAMES = ['TRIBUTARY_URL', 'TRIBUTARY_COLLECTOR_URL', 'TRIBUTARY_SQL_URL', 'TRIBUTARY_KEY', 'TRIBUTARY_KEY_FILE'];

describe('a platform that runs elsewhere', () => {
  let api: FakeServer;
  let collector: FakeServer;
  let cli: Invocations;
  let file: string;
  beforeEach(async () => {
    [api, collector] = [new FakeServer(), new FakeServer()];
    await Promise.all([api.listen(), collector.listen()]);
    cli = new Invocations();
    file = join(cli.dataDir, 'events.ndjson');
    writeFileSync(
      file,
      ['m1', 'm2'].map((messageId) => `${JSON.stringify({ type: 'page_viewed', messageId })}\n`).join(''),
    );
  });
  afterEach(async () => {
    for (const name of NAMES) delete process.env[name];
    await Promise.all([api.close(), collector.close()]);
    cli.remove();
  });
  const named = (key = api.token): readonly string[] => [
    '--url',
    api.url,
    '--collector-url',
    collector.url,
    '--key',
    key,
  ];

  it('is asked with the key; no data folder is needed, and no platform started', async () => {
    const { exit, out } = await cli.run(['status', '--json', ...named()]);
    expect(exit).toBe(ExitCode.ok);
    expect(JSON.parse(out)).toMatchObject({ running: true, url: api.url, sqlUrl: null });
    expect((await cli.run(['status', ...named('another')])).exit).toBe(ExitCode.refused);
  });

  it('is named by the environment, the key by a file', async () => {
    writeFileSync(join(cli.dataDir, 'key'), `${api.token}\n`);
    process.env['TRIBUTARY_URL'] = `${api.url}/`;
    process.env['TRIBUTARY_KEY_FILE'] = join(cli.dataDir, 'key');
    expect((await cli.run(['status'])).exit).toBe(ExitCode.ok);
  });

  it('is asked to verify and to rebuild', async () => {
    const verification = {
      outcome: 'equal',
      equal: true,
      position: 7,
      projections: [{ name: 'customers', outcome: 'equal', equal: true, rows: 3 }],
    };
    api.first = ({ path }) => (path.startsWith('/v1/ops/') ? { status: 200, body: verification } : undefined);
    expect((await cli.run(['verify', ...named()])).exit).toBe(ExitCode.ok);
    expect((await cli.run(['rebuild', ...named()])).out).toContain('customers');
    api.first = () => ({
      ...refused(503, 'stage_away', 'no projector took up the order'),
      headers: { 'retry-after': '60' },
    });
    expect(await cli.run(['verify', ...named()])).toMatchObject({
      exit: ExitCode.unreachable,
      err: expect.stringContaining('no projector'),
    });
  });

  it('takes files in at its collector, and what was taken elsewhere is not taken for taken there', async () => {
    collector.onDelivered = () =>
      collector.touchpoints.forEach((touchpoint, id) => api.touchpoints.set(id, touchpoint));
    const imported = (...options: readonly string[]) => cli.run(['import', 'web_shop', file, ...options]);
    expect((await imported(...named())).exit).toBe(ExitCode.ok);
    expect(collector.touchpoints.size).toBe(2);
    expect(api.calls.some(({ path }) => path === '/v1/touchpoints')).toBe(false);
    const other = new FakeServer();
    await other.listen();
    expect((await imported('--url', other.url, '--key', other.token)).exit).toBe(ExitCode.ok);
    expect(other.touchpoints.size).toBe(2);
    await other.close();
  });

  it('answers SQL by its ClickHouse, with that one’s user, reading only', async () => {
    expect(await cli.run(['sql', 'SELECT 1', ...named()])).toMatchObject({ err: expect.stringContaining('--sql-url') });
    collector.first = () => ({ status: 200, body: '1\n' });
    const sqlUrl = collector.url.replace('//', '//ann:se%2Fcret@').concat('/tributary');
    expect((await cli.run(['sql', 'SELECT 1', '--sql-url', sqlUrl, ...named()])).out).toBe('1\n');
    const [call] = collector.calls;
    expect(Object.fromEntries(call?.query ?? [])).toMatchObject({ database: 'tributary', readonly: '1' });
    expect(call?.headers.authorization).toBe(`Basic ${Buffer.from('ann:se/cret').toString('base64')}`);
    expect((await cli.run(['status', '--json', '--sql-url', sqlUrl, ...named()])).out).not.toContain('cret');
  });

  it.each([['127.0.0.1:8080'], ['ftp://x'], ['http://ann:secret@x'], ['http://x/?key=secret']])(
    'refuses %s for an address without quoting it',
    async (url) => {
      const { exit, err } = await cli.run(['status', '--url', url]);
      expect(exit).toBe(ExitCode.usage);
      expect(err).not.toContain('secret');
    },
  );
});
