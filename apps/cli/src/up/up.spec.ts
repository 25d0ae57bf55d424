import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { sample } from '@tributary/intake';
import { openClient } from '../http/client.js';
import { ExitCode } from '../exit-code.js';
import { FakeServer } from '../testing/fake-server.js';
import { Invocations } from '../testing/invocation.js';
import { feedHistory } from './feed-history.js';
import { markFed, readSampleMarker, sampleMarker } from './sample-marker.js';

describe('tributary up', () => {
  let server: FakeServer;
  let cli: Invocations;
  let stopped: number;
  beforeEach(async () => {
    server = new FakeServer();
    await server.listen();
    cli = new Invocations();
    stopped = 0;
    cli.startPlatform = async () => ({
      url: server.url,
      sqlUrl: null,
      token: server.token,
      keys: cli.keys,
      stop: async () => void stopped++,
    });
  });
  afterEach(async () => {
    await server.close();
    cli.remove();
  });

  it('prints where to look, and stops cleanly when it is interrupted', async () => {
    setTimeout(() => cli.interrupt.abort(), 100);
    const { exit, out, err } = await cli.run(['up', '--no-sample']);
    expect(exit).toBe(ExitCode.ok);
    expect(stopped).toBe(1);
    expect(out).toContain(`curl '${server.url}/v1/customers?limit=5'`);
    expect(out).toContain('/v1/profile-events');
    expect(out).toContain('客户');
    expect(err).toContain('stopped');
    expect(server.touchpoints.size).toBe(0);
  });

  it('names the folder in what it tells to try, or that would begin another', async () => {
    setTimeout(() => cli.interrupt.abort(), 100);
    const { out } = await cli.run(['up', '--no-sample']);
    expect(out).toContain(`npx tributary profile phone=<number> --data '${cli.dataDir}'`);
    expect(out).toContain(`npx tributary key create --channel my_shop --data '${cli.dataDir}'`);
  });

  it('is refused on an address for others without an admin key, with what to do', async () => {
    const missing = Object.assign(new Error('there is no admin key: make one'), { name: 'AdminKeyMissing' });
    cli.startPlatform = () => Promise.reject(missing);
    const { exit, err } = await cli.run(['up', '--no-sample', '--host', '0.0.0.0']);
    expect([exit, err]).toEqual([ExitCode.refused, 'tributary: there is no admin key: make one\n']);
  });

  it('has the people of the examples in its sample', async () => {
    const { seed, customers, until } = await sampleMarker(cli.dataDir, Date.now());
    const known = new Set<string>();
    for (const { envelope } of sample(seed, customers, until))
      for (const { type, value } of envelope.identifiers) known.add(`${type}=${value.replace(/^\+86|[ -]/g, '')}`);
    for (const help of [['--help'], ...['profile', 'timeline', 'explain'].map((command) => [command, '--help'])]) {
      const { out } = await cli.run(help);
      const named = [...out.matchAll(/ (?:phone|email|member_no)=[\w@.]+/g)].map(([who]) => who.trim());
      expect(named).not.toEqual([]);
      expect(named.filter((who) => !known.has(who))).toEqual([]);
    }
  });

  it('makes write keys for the sample at the first start only', async () => {
    server.first = ({ path }) => (path === '/v1/touchpoints' ? (cli.interrupt.abort(), undefined) : undefined);
    const { exit, out } = await cli.run(['up', '--json']);
    expect(exit).toBe(ExitCode.ok);
    expect(Object.keys((JSON.parse(out) as { keys: object }).keys).sort()).toEqual([
      'app',
      'call_centre',
      'community',
      'web_shop',
    ]);
    const delivered = server.calls.find(({ path }) => path === '/v1/touchpoints');
    expect(delivered?.headers.authorization).toMatch(/^Bearer trib_test_/);
    expect(delivered?.query.has('channel')).toBe(false);
    expect((await readSampleMarker(cli.dataDir))?.isFed).toBe(false);
  });

  it('feeds the same history again after an interruption, and marks it when it is in', async () => {
    const marker = { ...(await sampleMarker(cli.dataDir, 1_760_000_000_000)), customers: 20 };
    expect(await sampleMarker(cli.dataDir, 1_790_000_000_000)).toMatchObject({
      until: 1_760_000_000_000,
      isFed: false,
    });
    const client = openClient({ url: server.url, sqlUrl: null, token: server.token });
    const never = new AbortController().signal;
    const fed = await feedHistory(client, marker, {}, never, () => undefined);
    expect(fed).toBe(server.touchpoints.size);
    expect(await feedHistory(client, marker, {}, never, () => undefined)).toBe(fed);
    expect(server.duplicates).toBe(fed);
    await markFed(cli.dataDir, marker);
    expect((await readSampleMarker(cli.dataDir))?.isFed).toBe(true);
    client.close();
  });

  it('passes on why a platform could not start', async () => {
    cli.startPlatform = () => Promise.reject(Object.assign(new Error('listen'), { code: 'EADDRINUSE', port: 8080 }));
    expect(await cli.run(['up'])).toMatchObject({
      exit: ExitCode.refused,
      err: 'tributary: port 8080 is taken by another program; choose another: --port or --sql-port\n',
    });
  });
});
