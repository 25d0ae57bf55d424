import { beforeEach, describe, expect, it } from '@jest/globals';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ExitCode } from '../exit-code.js';
import { type FakeServer, ok } from '../testing/fake-server.js';
import { type Invocations, withServer } from '../testing/invocation.js';

describe('tributary quarantine', () => {
  let server: FakeServer;
  let cli: Invocations;
  const fresh = withServer();
  beforeEach(() => void ({ server, cli } = fresh));

  it.each([
    [['list', 'nosuch']],
    [['replay', 'nosuch', '--all']],
    [['replay', 'nosuch', '3']],
    [['show', 'nosuch', '3']],
  ])('knows no channel of a misspelt name: %j', async (argv) => {
    const { exit, out, err } = await cli.run(['quarantine', ...argv]);
    expect({ exit, out }).toEqual({ exit: ExitCode.notFound, out: '' });
    expect(err).toContain('there is no channel nosuch');
    expect((await cli.run(['quarantine', 'list', 'web_shop'])).out).toBe('nothing is held\n');
  });

  it('shows and replays the quarantine, each message once', async () => {
    const item = (text: string, origin: 'http' | 'file') => ({
      reason: { code: 'x', field: 'type', found: 'string of 4 characters', expected: 'a type', remedy: 'mend it' },
      origin,
      bytes: Buffer.from(text).toString('base64'),
    });
    server.quarantine.push(
      item('{"type":"page_viewed","messageId":"m1"}', 'http'),
      item('a;b', 'file'),
      item('{"type":"page_viewed","messageId":"m2"}', 'http'),
    );
    expect((await cli.run(['quarantine', 'list', 'web_shop'])).out).toContain(
      'type: found string of 4 characters, expected a type',
    );
    expect((await cli.run(['quarantine', 'show', 'web_shop', '1', '--raw'])).out).toBe('a;b');
    expect((await cli.run(['quarantine', 'show', 'web_shop', '7'])).exit).toBe(ExitCode.notFound);
    server.problemOf = ({ messageId }) => (messageId === 'm2' ? item('', 'http').reason : undefined);
    const first = await cli.run(['quarantine', 'replay', 'web_shop', '--all', '--json']);
    expect(first.exit).toBe(ExitCode.failed);
    expect(JSON.parse(first.out)).toMatchObject({ accepted: 1, before: 0, files: 1, refused: [{ offset: 2 }] });
    server.problemOf = () => undefined;
    const second = await cli.run(['quarantine', 'replay', 'web_shop', '--all', '--json']);
    expect({ exit: second.exit, ...(JSON.parse(second.out) as object) }).toMatchObject({
      exit: ExitCode.ok,
      accepted: 1,
      before: 0,
      refused: [],
    });
    expect([...server.touchpoints.keys()]).toEqual(['m1', 'm2']);
    const named = await cli.run(['quarantine', 'replay', 'web_shop', '0', '--json']);
    expect(JSON.parse(named.out)).toMatchObject({ accepted: 0, before: 1 });
    const row = await cli.run(['quarantine', 'replay', 'web_shop', '1']);
    expect(row.exit).toBe(ExitCode.failed);
    expect(row.err).toContain('rows of files are not replayed as they are');
    expect((await cli.run(['quarantine', 'list', 'web_shop', '--json'])).out).toContain('"offset": 1,');
    expect(server.settled).toEqual(
      new Map([
        [0, 'replayed'],
        [2, 'replayed'],
      ]),
    );
  });

  it('replays each of Segment’s calls at the door it came to, and says truly why one cannot be', async () => {
    const held = (text: string, position?: string) => ({
      reason: { code: 'x', field: 'event', found: 'nothing', expected: 'the name of the event', remedy: 'mend it' },
      ...(position === undefined ? {} : { position }),
      origin: 'http' as const,
      bytes: Buffer.from(text).toString('base64'),
    });
    server.quarantine.push(
      held('{"userId":"u1","event":"e"}', 'track'),
      held('{"type":"page","userId":"u1"}', 'batch[3]'),
      held('{"userId":"u1"}'),
      held('7', 'batch[0]'),
    );
    server.first = ({ path }) =>
      /^\/v1\/(track|batch|identify)$/.test(path) ? ok({ success: true, accepted: 1, quarantined: 0 }) : undefined;
    const { out } = await cli.run(['quarantine', 'replay', 'web_shop', '--all', '--json']);
    expect(JSON.parse(out)).toMatchObject({
      accepted: 2,
      refused: [
        { offset: 2, why: 'the event names no type, and nothing says by which call it came' },
        { offset: 3, why: 'not JSON of one event' },
      ],
    });
    const sent = () =>
      server.calls.flatMap(({ path, query, body }) =>
        query.has('replay') ? [[path, query.get('replay'), JSON.parse(body) as unknown]] : [],
      );
    expect(sent()).toEqual([
      ['/v1/track', '0', { userId: 'u1', event: 'e' }],
      ['/v1/batch', '1', { batch: [{ type: 'page', userId: 'u1' }] }],
    ]);
    const mended = join(cli.dataDir, 'mended.json');
    writeFileSync(mended, '{"userId":"u2","event":"f"}');
    await cli.run(['quarantine', 'replay', 'web_shop', '0', '--with', mended]);
    expect(sent()[2]).toEqual(['/v1/track', '0', { userId: 'u2', event: 'f' }]);
  });

  it('replays a CloudEvent at its door, in the JSON format, whatever type it names', async () => {
    const held = (text: string, position: string) => ({
      reason: { code: 'missing', field: 'id', found: 'nothing', expected: 'text', remedy: 'State id.' },
      position,
      origin: 'http' as const,
      bytes: Buffer.from(text).toString('base64'),
    });
    const event = '{"specversion":"1.0","type":"page_viewed","id":7201234567890123457}';
    server.quarantine.push(held(event, 'cloudevents[1]'), held('{"type":"page"}', 'cloudevent'));
    server.first = ({ path, body }) =>
      path !== '/v1/cloudevents'
        ? undefined
        : body === event
          ? ok({ accepted: 1, quarantined: 0, items: [] })
          : { status: 422, body: { error: { code: 'x', message: 'found nothing', field: 'specversion', remedy: '' } } };
    const { out } = await cli.run(['quarantine', 'replay', 'web_shop', '--all', '--json']);
    expect(JSON.parse(out)).toMatchObject({
      accepted: 1,
      refused: [{ offset: 1, why: 'found nothing (specversion)' }],
    });
    const sent = server.calls.filter(({ path }) => path === '/v1/cloudevents');
    expect(sent.map(({ query, headers }) => [query.get('replay'), headers['content-type']])).toEqual([
      ['0', 'application/cloudevents+json'],
      ['1', 'application/cloudevents+json'],
    ]);
    expect(sent[0]?.body).toBe(event);
  });

  it('replays all that was held when it began, however much is held meanwhile', async () => {
    const held = (n: number) => ({
      reason: { code: 'x', field: 'event', found: 'nothing', expected: 'the name of the event', remedy: 'mend it' },
      position: `batch[${n}]`,
      origin: 'http' as const,
      bytes: Buffer.from(`{"type":"track","messageId":"m${n}"}`).toString('base64'),
    });
    for (let n = 0; n < 120; n++) server.quarantine.push(held(n));
    server.first = ({ path }) => {
      if (path !== '/v1/batch') return undefined;
      if (server.quarantine.length < 1_000) server.quarantine.push(held(server.quarantine.length));
      return {
        status: 422,
        body: {
          error: { code: 'missing', message: 'found nothing, expected its name', field: 'batch[0].event', remedy: '' },
        },
      };
    };
    const { exit, out } = await cli.run(['quarantine', 'replay', 'web_shop', '--all']);
    expect(exit).toBe(ExitCode.failed);
    const sent = server.calls.filter(({ path }) => path === '/v1/batch');
    expect(sent.map(({ query }) => Number(query.get('replay'))).sort((a, b) => a - b)).toEqual(
      Array.from({ length: 120 }, (_, n) => n),
    );
    expect(out).toContain(
      '120 not understood this time either; they are held as before:\n  0  found nothing, expected its name (event)\n',
    );
    expect(out).toContain('  and 100 more\n');
  });

  const native = (n: number) => ({
    reason: { code: 'x', field: 'type', found: 'text', expected: 'a type', remedy: 'mend it' },
    origin: 'http' as const,
    bytes: Buffer.from(`{"type":"page_viewed","messageId":"m${n}"}`).toString('base64'),
  });

  it('sends some at once, and settles what was taken although another failed', async () => {
    for (let n = 0; n < 40; n++) server.quarantine.push(native(n));
    let isBroken = true;
    server.first = ({ path, body }) =>
      isBroken && path === '/v1/touchpoints' && body.includes('"m20"')
        ? { status: 403, body: { error: { code: 'key_not_enough', message: 'no', remedy: '' } } }
        : undefined;
    expect((await cli.run(['quarantine', 'replay', 'web_shop', '--all'])).exit).toBe(ExitCode.refused);
    const taken = [...server.touchpoints.keys()].map((id) => Number(id.slice(1)));
    expect(taken).toEqual(expect.arrayContaining(Array.from({ length: 20 }, (_, n) => n)));
    expect([...server.settled.keys()].sort((a, b) => a - b)).toEqual(taken.sort((a, b) => a - b));
    isBroken = false;
    const { out } = await cli.run(['quarantine', 'replay', 'web_shop', '--all', '--json']);
    expect(JSON.parse(out)).toMatchObject({ accepted: 40 - taken.length, before: 0 });
  });

  it('sends nothing again that an earlier version noted as replayed, and takes it off the list', async () => {
    server.quarantine.push(native(0), native(1));
    mkdirSync(join(cli.dataDir, 'imports'), { recursive: true });
    writeFileSync(join(cli.dataDir, 'imports', 'replayed-web_shop.json'), '[0]');
    const { out } = await cli.run(['quarantine', 'replay', 'web_shop', '--all', '--json']);
    expect(JSON.parse(out)).toMatchObject({ accepted: 1, before: 1 });
    expect([...server.touchpoints.keys()]).toEqual(['m1']);
    expect([...server.settled.keys()].sort()).toEqual([0, 1]);
  });

  it.each([
    [true, ExitCode.ok, 30],
    [false, ExitCode.refused, 8],
  ])('goes on where the server was started again meanwhile: %s', async (isSame, exit, most) => {
    for (let n = 0; n < 30; n++) server.quarantine.push(native(n));
    server.onDelivered = () => {
      server.token = 'made-at-the-next-start';
      if (isSame) cli.serveBy(server);
    };
    expect((await cli.run(['quarantine', 'replay', 'web_shop', '--all'])).exit).toBe(exit);
    expect(server.touchpoints.size).toBeLessThanOrEqual(most);
    expect(server.settled.size).toBe(isSame ? 30 : 0);
  });

  it.each([
    [3, [3, 4, 5]],
    [6, []],
  ])('is not held up by what the retention takes meanwhile: all before %d', async (begin, settled) => {
    for (let n = 0; n < 6; n++) server.quarantine.push(native(n));
    server.onDelivered = () => void (server.quarantineBegin = begin);
    const { exit, out } = await cli.run(['quarantine', 'replay', 'web_shop', '--all', '--json']);
    expect({ exit, ...(JSON.parse(out) as object) }).toMatchObject({ exit: ExitCode.ok, accepted: 6, refused: [] });
    expect([...server.settled.keys()].sort()).toEqual(settled);
  });
});
