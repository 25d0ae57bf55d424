import { beforeEach, describe, expect, it } from '@jest/globals';
import { EngineError } from '@tributary/kernel';
import { ExitCode } from './exit-code.js';
import { type FakeServer, ok, refused } from './testing/fake-server.js';
import { Invocations, withServer } from './testing/invocation.js';

const CUSTOMER = 'c_0123456789abcdef0123456789abcdef';

describe('the command line', () => {
  let server: FakeServer;
  let cli: Invocations;
  const fresh = withServer();
  beforeEach(() => void ({ server, cli } = fresh));

  it('shows help with every command, its options, environment and examples', async () => {
    const help = await cli.run(['--help']);
    expect(help.exit).toBe(ExitCode.ok);
    for (const command of [
      'up',
      'key',
      'import',
      'profile',
      'timeline',
      'explain',
      'merge',
      'unmerge',
      'erase',
      'retention',
      'quarantine',
      'sql',
      'rebuild',
      'verify',
      'status',
      'channels',
    ])
      expect(help.out).toMatch(new RegExp(`^  ${command} `, 'm'));
    expect(help.out).toContain('env: TRIBUTARY_DATA');
    expect(help.out).toContain('130  interrupted');
    const up = await cli.run(['up', '--help']);
    for (const text of ['--no-sample', '--port', 'env: PORT', 'TRIBUTARY_SQL_PORT', '$ npx tributary up', '--json'])
      expect(up.out).toContain(text);
  });

  it('suggests the nearest of a misspelt command, option and channel', async () => {
    expect(await cli.run(['imprt'])).toMatchObject({
      exit: ExitCode.usage,
      err: expect.stringContaining('Did you mean import?'),
    });
    expect(await cli.run(['up', '--prot', '1'])).toMatchObject({
      exit: ExitCode.usage,
      err: expect.stringContaining('--port'),
    });
    expect(await cli.run(['import', 'online_retial', 'x.csv'])).toMatchObject({
      exit: ExitCode.notFound,
      err: expect.stringContaining('online_retail'),
    });
  });

  it.each([
    [['key', 'create']],
    [['key', 'create', '--role', 'boss']],
    [['key', 'create', '--channel', 'a', '--role', 'read']],
    [['key', 'create', '--channel', 'Not A Name']],
    [['profile', '13800001234']],
    [['timeline', 'phone=1', '--limit', '0']],
    [['merge', 'phone=1', 'phone=2']],
    [['unmerge', 'phone=1', 'the other', '--reason', 'x']],
    [['erase', 'phone=1', '--reason', 'x']],
    [['retention', 'end', '--reason', 'x']],
    [['quarantine', 'replay', 'web_shop']],
    [['up', '--port', 'http']],
  ])('takes %j for wrong usage', async (argv) => {
    const { exit, err, out } = await cli.run(argv);
    expect(exit).toBe(ExitCode.usage);
    expect(err).toMatch(/^tributary: /);
    expect(out).toBe('');
  });

  it.each<[readonly string[], string]>([
    [['imprt'], "unknown command 'imprt' (Did you mean import?)"],
    [['import', 'web_shop'], "missing required argument 'files'"],
    [['merge', 'phone=1', 'phone=2'], "required option '--reason <text>' not specified"],
    [['status', '--nosuch'], "unknown option '--nosuch'"],
    [['quarantine', 'list', '--limit', '0'], "option '--limit <n>' argument '0' is invalid. Write a whole number"],
    [['quarantine'], 'a command is missing'],
  ])('tells machines of wrong usage in JSON: %j', async (argv, message) => {
    const { exit, err, out } = await cli.run([...argv, '--json']);
    expect({ exit, out }).toEqual({ exit: ExitCode.usage, out: '' });
    const { error } = JSON.parse(err) as { error: object };
    expect(error).toMatchObject({ exit: 2, message: expect.stringContaining(message) });
    expect((await cli.run(argv)).err).not.toContain('{');
  });

  it.each([['merge'], ['unmerge'], ['erase']])('shows what %s cannot do without', async (name) => {
    const { out } = await cli.run([name, '--help']);
    expect(out).toMatch(/^Usage: tributary \w+ \[options\] --reason <text> <who>/m);
    expect(out.replace(/\s+/g, ' ')).toMatch(/--reason <text> why, .* kept for ever \(required\)/);
    expect((await cli.run(['status', '--help'])).out).not.toContain('(required)');
  });

  it('never repeats a person’s value in an error', async () => {
    const { err } = await cli.run(['profile', '13800001234']);
    expect(err).not.toContain('13800001234');
  });

  it('looks a customer up by identifier, with the server’s token', async () => {
    server.first = ({ path }) => (path === '/v1/customers' ? ok({ customerId: CUSTOMER }) : undefined);
    const { exit, out } = await cli.run(['profile', 'phone=+86 138', '--json']);
    expect({ exit, out: JSON.parse(out) as unknown }).toEqual({ exit: ExitCode.ok, out: { customerId: CUSTOMER } });
    const call = server.calls.at(-1);
    expect([...(call?.query ?? [])]).toEqual([
      ['identifier_type', 'phone'],
      ['identifier_value', '+86 138'],
    ]);
    expect(call?.headers.authorization).toBe('Bearer test-token');
  });

  it.each([
    [404, ExitCode.notFound],
    [400, ExitCode.usage],
    [403, ExitCode.refused],
    [409, ExitCode.refused],
    [500, ExitCode.failed],
  ])('maps an answer of %i to exit code %i, with the remedy', async (status, exit) => {
    server.first = ({ path }) =>
      path.startsWith('/v1/customers') ? refused(status, 'code', 'it is so', 'do this') : undefined;
    expect(await cli.run(['profile', CUSTOMER])).toEqual({ exit, out: '', err: 'tributary: it is so; do this\n' });
  });

  it('tells failures to machines as JSON', async () => {
    server.first = ({ path }) =>
      path.startsWith('/v1/customers') ? refused(404, 'not_found', 'nobody', 'look') : undefined;
    const { err } = await cli.run(['profile', CUSTOMER, '--json']);
    expect(JSON.parse(err)).toEqual({ error: { exit: 3, message: 'nobody', remedy: 'look' } });
  });

  it('sends commands with a reason and an idempotency key', async () => {
    server.first = ({ path, method }) =>
      method === 'POST'
        ? ok({ commandId: '1', status: 'done', customers: [] })
        : path.startsWith('/v1/customers')
          ? ok({ customerId: CUSTOMER })
          : undefined;
    expect((await cli.run(['merge', CUSTOMER, 'email=a@example.com', '--reason', 'same'])).exit).toBe(ExitCode.ok);
    const call = server.calls.at(-1);
    expect(call?.path).toBe(`/v1/customers/${CUSTOMER}/merge`);
    expect(JSON.parse(call?.body ?? '')).toEqual({ with: CUSTOMER, reason: 'same' });
    expect(call?.headers['idempotency-key']).toMatch(/^[\w-]{36}$/);
  });

  it('ends with 1 where a projection differs', async () => {
    const projections = [
      { name: 'customers', outcome: 'equal', equal: true, rows: 3 },
      { name: 'subjects', outcome: 'different', equal: false, rows: 4, difference: '1 differs' },
    ];
    server.first = ({ path }) =>
      path === '/v1/ops/verify' ? ok({ outcome: 'different', equal: false, position: 9, projections }) : undefined;
    const { exit, out, err } = await cli.run(['verify', '--quiet']);
    expect(exit).toBe(ExitCode.failed);
    expect(out).toBe(
      'PROJECTION             ROWS\ncustomers   equal         3\nsubjects    DIFFERENT     4  1 differs\n',
    );
    expect(err).toContain('subjects');
  });

  it('ends with 6 where a projection was not compared, and does not call it equal', async () => {
    const projections = [
      { name: 'customers', outcome: 'equal', equal: true, rows: 3 },
      { name: 'facts', outcome: 'not_compared', equal: false, difference: 'not compared: input never paused' },
    ];
    server.first = ({ path }) =>
      path === '/v1/ops/verify' ? ok({ outcome: 'not_compared', equal: false, position: 9, projections }) : undefined;
    const { exit, out, err } = await cli.run(['verify', '--quiet']);
    expect(exit).toBe(ExitCode.notCompared);
    expect(out).toMatch(/facts +NOT COMPARED +not compared: input never paused/);
    expect(err).toContain('facts');
  });

  it('ends `verify` with 6, not with 1, where the store could not be looked at: that is no difference', async () => {
    const damaged = 'tributary.db: database disk image is malformed; the file is damaged: restore a backup';
    server.first = ({ path }) =>
      path === '/v1/ops/verify' ? refused(500, 'engine_failed', damaged, 'restore a backup') : undefined;
    const asked = await cli.run(['verify', '--quiet']);
    expect(asked.exit).toBe(ExitCode.notCompared);
    expect(asked.err).toContain(damaged);

    const alone = new Invocations();
    alone.startPlatform = () => Promise.reject(new EngineError('embedded store', 'fatal', damaged));
    expect(await alone.run(['verify'])).toMatchObject({
      exit: ExitCode.notCompared,
      err: expect.stringContaining(damaged),
    });
    alone.startPlatform = () =>
      Promise.reject(new EngineError('e', 'fatal', 'the data folder /x is in use by process 1'));
    expect((await alone.run(['verify'])).exit).toBe(ExitCode.refused);
    expect((await alone.run(['rebuild'])).exit).toBe(ExitCode.refused);
    alone.remove();
  });

  it('passes SQL through, in a format for the reader, and ClickHouse’s errors as they are', async () => {
    server.first = ({ path, body }) =>
      path !== '/'
        ? undefined
        : body === 'bad'
          ? { status: 400, body: 'Code: 62. DB::Exception: Syntax error' }
          : { status: 200, body: '1\n' };
    expect(await cli.run(['sql', 'SELECT 1'])).toMatchObject({ exit: ExitCode.ok, out: '1\n' });
    expect(server.calls.at(-1)?.query.get('default_format')).toBe('TabSeparated');
    await cli.run(['sql', '--json'], 'SELECT 1');
    expect(server.calls.at(-1)).toMatchObject({ body: 'SELECT 1' });
    expect(server.calls.at(-1)?.query.get('default_format')).toBe('JSON');
    expect(await cli.run(['sql', 'bad'])).toMatchObject({
      exit: ExitCode.failed,
      err: 'tributary: Code: 62. DB::Exception: Syntax error\n',
    });
  });

  it('makes keys with and without a server, and shows them once', async () => {
    const made = await cli.run(['key', 'create', '--channel', 'web_shop', '--json']);
    expect(JSON.parse(made.out)).toEqual({ key: 'trib_test_000000000000', channel: 'web_shop', role: 'write' });
    expect(JSON.parse((await cli.run(['key', 'create', '--role', 'admin', '--json'])).out)).toMatchObject({
      channel: null,
      role: 'admin',
    });
    const list = await cli.run(['key', 'list']);
    expect(list.out).toContain('web_shop');
    expect(list.out).not.toContain('trib_');
    expect((await cli.run(['key', 'revoke', '000000000000'])).exit).toBe(ExitCode.ok);
    expect((await cli.run(['key', 'revoke', '000000000000'])).exit).toBe(ExitCode.notFound);
    expect(server.calls).toEqual([]);
  });

  it('refuses a second `up` on the folder', async () => {
    const { exit, err } = await cli.run(['up']);
    expect(exit).toBe(ExitCode.refused);
    expect(err).toContain(`process ${process.pid}`);
  });

  it('runs a platform of its own where none runs, and stops it again', async () => {
    cli.serveBy(server, 'of another folder');
    let stopped = 0;
    cli.startPlatform = async ({ host, port, quiet }) => {
      expect({ host, port, quiet }).toEqual({ host: '127.0.0.1', port: 0, quiet: true });
      return { url: server.url, sqlUrl: null, token: server.token, keys: cli.keys, stop: async () => void stopped++ };
    };
    const { exit, out } = await cli.run(['status']);
    expect(exit).toBe(ExitCode.ok);
    expect(out).toContain('no server is running on this data folder');
    expect(out).toMatch(/growth +2 /);
    expect(stopped).toBe(1);
    server.first = ({ path }) => (path.startsWith('/v1/customers') ? refused(404, 'not_found', 'nobody') : undefined);
    expect((await cli.run(['profile', CUSTOMER])).exit).toBe(ExitCode.notFound);
    expect(stopped).toBe(2);
  });

  it.each([
    ['status', '--memory', '3g'],
    ['rebuild', '--memory', '3g'],
    ['up', '--no-sample', '--memory', '3g'],
  ])('plans the memory of its own platform by what it is told: %s', async (...argv) => {
    cli.serveBy(server, 'of another folder');
    const told: (number | undefined)[] = [];
    cli.startPlatform = async ({ memory_bytes }) => {
      told.push(memory_bytes);
      throw new Error('enough is seen');
    };
    await cli.run(argv);
    await cli.run(argv.slice(0, -2));
    expect(told).toEqual([3 * 2 ** 30, undefined]);
  });

  it('refuses a size of memory that is none, by name', async () => {
    const { exit, err } = await cli.run(['status', '--memory', 'much']);
    expect([exit, err]).toEqual([ExitCode.usage, expect.stringContaining('--memory (TRIBUTARY_MEMORY) is not a size')]);
  });
});

describe('without a data folder', () => {
  it('says so instead of making one from a misspelt path', async () => {
    const cli = new Invocations();
    cli.remove();
    expect(await cli.run(['status'])).toMatchObject({
      exit: ExitCode.notFound,
      err: expect.stringContaining('--data'),
    });
  });
});
