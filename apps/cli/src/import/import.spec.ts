import { beforeEach, describe, expect, it } from '@jest/globals';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { ExitCode } from '../exit-code.js';
import { type FakeServer, refused } from '../testing/fake-server.js';
import { Invocations, withServer } from '../testing/invocation.js';

const envelope = (n: number): string =>
  JSON.stringify({
    type: 'page_viewed',
    messageId: `m${n}`,
    occurredAt: 1_700_000_000_000 + n,
    identifiers: [{ type: 'cookie', value: `ck-${n}` }],
    payload: { path: '/' },
  });
const problem = { code: 'bad', field: 'payload.path', found: 'nothing', expected: 'a path', remedy: 'add it' };

interface Summary {
  readonly rows: number;
  readonly covered: number;
  readonly quarantined: number;
  readonly touchpoints: number;
  readonly sent: number;
  readonly new: number | null;
  readonly duplicates: number | null;
  readonly files: readonly {
    readonly resumed_from: number;
    readonly complete: boolean;
    readonly taken_before: string | null;
    readonly damage: string | null;
  }[];
}

describe('tributary import', () => {
  let server: FakeServer;
  let cli: Invocations;
  const fresh = withServer();
  beforeEach(() => void ({ server, cli } = fresh));

  const file = (name: string, content: string | Buffer): string => {
    const path = join(cli.dataDir, name);
    writeFileSync(path, content);
    return path;
  };
  const lines = (from: number, to: number): string =>
    Array.from({ length: to - from + 1 }, (_, i) => `${envelope(from + i)}\n`).join('');
  const importing = async (...argv: string[]): Promise<{ exit: ExitCode; err: string; summary: Summary }> => {
    const { exit, out, err } = await cli.run(['import', 'web_shop', ...argv, '--json']);
    return { exit, err, summary: JSON.parse(out === '' ? '{}' : out) as Summary };
  };

  it('names the column of the file for what the door refuses of a mapped row, in the summary and in the quarantine', async () => {
    server.problemOf = ({ messageId }) =>
      messageId.includes('2') ? { ...problem, field: 'payload.amount' } : undefined;
    const path = file(
      'CDNOW_master.txt',
      'customer_id date number_of_cds dollar_value\n 00001 19970101  1   11.77\n 00002 19970112  1   12.00\n',
    );
    const { out } = await cli.run(['import', 'cdnow', path]);
    const field = 'payload.amount (column "dollar_value")';
    expect(out).toContain(`${field}: found ${problem.found}`);
    expect(server.quarantine.map(({ reason }) => reason)).toEqual([{ ...problem, field }]);
    expect((await cli.run(['quarantine', 'list', 'cdnow'])).out).toContain(field);
  });

  it('accounts for every row: touchpoints, what the reader and what the door did not understand', async () => {
    server.problemOf = ({ messageId }) => (messageId === 'm7' ? problem : undefined);
    const path = file('events.ndjson', `${lines(1, 10)}{ broken\n${lines(11, 20)}`);
    const { exit, summary } = await importing(path);
    expect(exit).toBe(ExitCode.ok);
    expect(summary).toMatchObject({
      rows: 21,
      covered: 19,
      ignored: 0,
      quarantined: 2,
      touchpoints: 19,
      sent: 19,
      new: 19,
      duplicates: 0,
    });
    expect(
      server.quarantine.map(({ position, origin, bytes }) => [
        position,
        origin,
        Buffer.from(bytes, 'base64').toString(),
      ]),
    ).toEqual([
      ['events.ndjson:11', 'file', '{ broken'],
      ['events.ndjson row 7', 'file', envelope(7)],
    ]);
    expect(server.quarantine[1]?.reason).toEqual(problem);
    const delivered = server.calls.find(({ path: at }) => at === '/v1/touchpoints');
    expect(delivered?.query.get('channel')).toBe('web_shop');
  });

  it('tells rows of two files of one name apart, and knows those of one that it takes again', async () => {
    mkdirSync(join(cli.dataDir, 'm1'));
    mkdirSync(join(cli.dataDir, 'm2'));
    const [first, second] = [1, 2].map((n) => file(`m${n}/orders.ndjson`, `{ broken\n${lines(n, n)}`)) as [
      string,
      string,
    ];
    await importing(first, second);
    await importing(first, '--again');
    const [one, other, again] = server.quarantine;
    expect(one).toMatchObject({ position: 'orders.ndjson:1', source: expect.stringMatching(/^[0-9a-f]{32}$/) });
    expect(other).toMatchObject({ position: 'orders.ndjson:1', bytes: one?.bytes });
    expect(other?.source).not.toBe(one?.source);
    expect(again).toEqual(one);
  });

  it('sends a file once, however often it is asked to, and knows what it had sent when asked again', async () => {
    const path = file('events.ndjson.gz', gzipSync(lines(1, 50)));
    await importing(path);
    const calls = server.calls.filter(({ path: at }) => at === '/v1/touchpoints').length;
    const second = await importing(path);
    expect(second.summary).toMatchObject({ rows: 50, touchpoints: 50, sent: 0, new: 0, duplicates: 0 });
    expect(second.summary.files[0]?.taken_before).toMatch(/^\d{4}-/);
    expect(server.calls.filter(({ path: at }) => at === '/v1/touchpoints')).toHaveLength(calls);
    const third = await importing(path, '--again');
    expect(third.summary).toMatchObject({ rows: 50, sent: 50, duplicates: 50 });
    expect(server.touchpoints.size).toBe(50);
  });

  it('waits while the doors are busy, and halves what is too large for them', async () => {
    let busy = 3;
    server.first = ({ path }) =>
      path === '/v1/touchpoints' && busy-- > 0
        ? { ...refused(busy % 2 ? 429 : 503, 'busy', 'busy'), headers: { 'retry-after': '0' } }
        : undefined;
    server.mostItems = 300;
    const { exit, summary } = await importing(file('events.ndjson', lines(1, 2_500)));
    expect(exit).toBe(ExitCode.ok);
    expect(summary).toMatchObject({ rows: 2_500, covered: 2_500, quarantined: 0 });
    expect(server.touchpoints.size).toBe(2_500);
  });

  it('puts aside a touchpoint that no request can hold', async () => {
    server.first = ({ path, body }) =>
      path === '/v1/touchpoints' && body.includes('"m2"') ? refused(413, 'body_too_large', 'large') : undefined;
    const { summary } = await importing(file('events.ndjson', lines(1, 3)));
    expect(summary).toMatchObject({ rows: 3, covered: 2, quarantined: 1 });
    expect(server.quarantine[0]?.reason.code).toBe('too_large');
  });

  it('goes on where Ctrl-C stopped it, and ends with the same account', async () => {
    const path = file('events.ndjson', lines(1, 60_000));
    server.onDelivered = () => void (server.touchpoints.size > 12_000 && cli.interrupt.abort());
    const first = await importing(path);
    expect(first.exit).toBe(ExitCode.interrupted);
    expect(first.summary.files[0]).toMatchObject({ complete: false });
    expect(first.summary.rows).toBeLessThan(60_000);
    const taken = server.touchpoints.size;
    expect(first.summary.rows).toBe(taken);

    const again = new Invocations();
    const checkpoint = readdirSync(join(cli.dataDir, 'imports'))[0] ?? '';
    const noted = readFileSync(join(cli.dataDir, 'imports', checkpoint), 'utf8');
    expect(JSON.parse(noted)).toMatchObject({ resumeAt: taken, finishedAt: null });
    // A file may be named after a person, and its checkpoint outlives that one's erasure.
    expect(checkpoint + noted).not.toContain('events');
    Object.assign(again, { dataDir: cli.dataDir });
    const { exit, out } = await again.run(['import', 'web_shop', path, '--json']);
    const summary = JSON.parse(out) as Summary;
    expect(exit).toBe(ExitCode.ok);
    expect(summary).toMatchObject({
      rows: 60_000,
      covered: 60_000,
      touchpoints: 60_000,
      sent: 60_000 - taken,
      duplicates: 0,
    });
    expect(summary.files[0]?.resumed_from).toBe(taken);
    expect(server.touchpoints.size).toBe(60_000);
  });

  it('keeps what could be read of a cut file, says so, and fails', async () => {
    const whole = gzipSync(Buffer.from(Array.from({ length: 20_000 }, (_, i) => envelope(i * 7_919)).join('\n')));
    const cut = file('events.ndjson.gz', whole.subarray(0, whole.length / 2));
    const { exit, err, summary } = await importing(cut);
    const [note = ''] = readdirSync(join(cli.dataDir, 'imports'));
    expect(readFileSync(join(cli.dataDir, 'imports', note), 'utf8')).not.toContain('events');
    expect((await importing(cut)).summary.files[0]?.damage).toBe(summary.files[0]?.damage);
    expect(exit).toBe(ExitCode.failed);
    expect(err).toContain('damaged');
    expect(summary.files[0]?.damage).toContain('events.ndjson.gz');
    expect(summary.covered).toBeGreaterThan(1_000);
    expect(summary.covered).toBe(server.touchpoints.size);
    expect(summary.rows).toBe(summary.covered + summary.quarantined);
  });

  it('keeps the acknowledged part when the server goes away for good', async () => {
    server.first = ({ path }) =>
      path === '/v1/touchpoints' && server.touchpoints.size > 0
        ? refused(401, 'key_needed', 'the key is not known')
        : undefined;
    const { exit } = await importing(file('events.ndjson', lines(1, 30_000)));
    expect(exit).toBe(ExitCode.refused);
  });

  it('tells people the account in words', async () => {
    const { out } = await cli.run(['import', 'web_shop', file('events.ndjson', `${lines(1, 3)}x\n`)]);
    expect(out.replace(/\(.*\)/, '(…)')).toBe(
      [
        'events.ndjson  (…)',
        '  rows               4',
        '    in touchpoints   3  made 3 touchpoints',
        '    ignored by rule  0',
        `    quarantined      1  ${server.quarantine[0]?.reason.found}`,
        '',
        '3 touchpoints new, 0 known already',
        '',
      ].join('\n'),
    );
  });

  it('says where bad rows are, and fails where a file has no others', async () => {
    const some = await cli.run(['import', 'web_shop', file('some.ndjson', `${lines(1, 3)}x\ny\n`)]);
    expect(some).toMatchObject({
      exit: ExitCode.ok,
      err: '2 rows in the quarantine: `tributary quarantine list web_shop`\n',
    });
    const path = file('none.ndjson', 'x\ny\n');
    for (const again of [[], ['--again'], []]) {
      const { exit, err, summary } = await importing(path, ...again);
      expect(exit).toBe(ExitCode.failed);
      expect(err).toContain('nothing was understood of none.ndjson');
      expect(summary).toMatchObject({ rows: 2, quarantined: 2, touchpoints: 0 });
    }
    expect((await importing(file('empty.ndjson', ''))).exit).toBe(ExitCode.ok);
  });

  it('does not claim what others wrote to the channel meanwhile', async () => {
    const path = file('events.ndjson', lines(1, 3));
    server.onDelivered = () =>
      void server.touchpoints.set('of-others', { type: 'page_viewed', messageId: 'of-others' });
    const { out } = await cli.run(['import', 'web_shop', path]);
    expect(out).toContain(
      '3 touchpoints sent; web_shop took more than these meanwhile, so how many of them were new is not known',
    );
    expect(out).toContain('(all of the channel meanwhile: 4 new, 0 known already)');
    server.onDelivered = () => void server.duplicates++;
    const { summary } = await importing(path, '--again');
    expect(summary).toMatchObject({
      sent: 3,
      new: null,
      duplicates: null,
      channel_meanwhile: { new: 0, duplicates: 4 },
    });
  });

  it('may be run twice at once over one file', async () => {
    const path = file('events.ndjson', lines(1, 500));
    const both = await Promise.all([cli.run(['import', 'web_shop', path]), cli.run(['import', 'web_shop', path])]);
    expect(both.map(({ exit, err }) => ({ exit, err }))).toEqual([
      { exit: ExitCode.ok, err: '' },
      { exit: ExitCode.ok, err: '' },
    ]);
    expect(server.touchpoints.size).toBe(500);
    expect(readdirSync(join(cli.dataDir, 'imports'))).toEqual([expect.stringMatching(/\.json$/)]);
  });

  it('looks at every file before the first is sent', async () => {
    const path = file('events.ndjson', lines(1, 3));
    expect((await importing(path, join(cli.dataDir, 'missing.ndjson'))).exit).toBe(ExitCode.notFound);
    expect(server.touchpoints.size).toBe(0);
    expect((await cli.run(['import', 'stackexchange_meta', path])).exit).toBe(ExitCode.usage);
  });
});
