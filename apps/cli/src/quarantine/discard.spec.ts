import { beforeEach, describe, expect, it } from '@jest/globals';
import { ExitCode } from '../exit-code.js';
import { type FakeServer } from '../testing/fake-server.js';
import { type Invocations, withServer } from '../testing/invocation.js';

describe('tributary quarantine discard', () => {
  let server: FakeServer;
  let cli: Invocations;
  const fresh = withServer();
  beforeEach(() => {
    ({ server, cli } = fresh);
    for (const position of [
      'orders.csv:1',
      'orders.csv row 7',
      'orders.csv:7:a',
      'others.csv:1',
      'orders.csv row 7 row 2',
    ])
      server.quarantine.push({
        reason: { code: 'x', field: 'row', found: '3 fields', expected: '8 fields', remedy: 'mend the row' },
        position,
        origin: 'file',
        bytes: '',
      });
  });
  const discard = (...argv: readonly string[]) => cli.run(['quarantine', 'discard', 'web_shop', ...argv]);
  const why = ['--reason', 'mended and imported again'];

  it.each([
    [['0', '3'], '2 items discarded\n', [0, 3]],
    [['--file', 'orders.csv'], '2 items discarded\n', [0, 1]],
    [['--file', 'orders.csv row 7'], '1 item discarded\n', [4]],
    [['--all'], '5 items discarded\n', [0, 1, 2, 3, 4]],
    [['--file', 'orders'], '0 items discarded\n', []],
  ])('takes %j off the list', async (argv, said, settled) => {
    const { exit, out } = await discard(...argv, ...why);
    expect({ exit, out }).toEqual({ exit: ExitCode.ok, out: said });
    expect([...server.settled.keys()]).toEqual(settled);
    const { out: list } = await cli.run(['quarantine', 'list', 'web_shop', '--settled']);
    expect(list.match(/ discarded  /g) ?? []).toHaveLength(settled.length);
  });

  it.each([[[]], [['0', '--all']], [['--all', '--file', 'orders.csv']]])('is told what: %j', async (argv) => {
    const { exit, err } = await discard(...argv, ...why);
    expect(exit).toBe(ExitCode.usage);
    expect(err).toContain('name offsets, or --file, or --all');
    expect(server.settled.size).toBe(0);
  });

  it('asks why', async () => {
    expect((await discard('0')).exit).toBe(ExitCode.usage);
  });
});
