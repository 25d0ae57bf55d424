import { describe, expect, it } from '@jest/globals';
import { ExitCode } from './exit-code.js';
import { type Client } from './http/client.js';
import { settlePast } from './server/settle-past.js';
import { ok, refused } from './testing/fake-server.js';
import { withServer } from './testing/invocation.js';

const CUSTOMER = `c_${'1'.repeat(32)}`;
const erase = ['erase', CUSTOMER, '--reason', 'asked', '--yes'];

describe('an erasure', () => {
  const platform = withServer();
  /** What the server answers to erasures, one after the other, and to the end of retention. */
  const answering = (...outcomes: readonly ('pending' | 'done')[]): void => {
    const rest = [...outcomes];
    platform.server.first = ({ path }) => {
      if (path === `/v1/customers/${CUSTOMER}`) return ok({ customerId: CUSTOMER });
      if (path.endsWith('/erase')) {
        const status = rest.shift() ?? 'done';
        return status === 'pending'
          ? { status: 202, body: { commandId: 'e', status } }
          : ok({ commandId: 'e', status, receipt: { keysDestroyed: 1 } });
      }
      return path === '/v1/ops/end-retention' ? ok({ topics: 1, records: 7 }) : undefined;
    };
  };
  const asked = (path: string) => platform.server.calls.filter((call) => call.path.endsWith(path));

  it('that is not carried out yet is told as such, not as done', async () => {
    answering('pending');
    const { exit, out } = await platform.cli.run(erase);
    expect(exit).toBe(ExitCode.ok);
    expect(out).toContain('soon: the decision is durable');
    expect(out).not.toContain('erased c_');
  });

  it('is asked for again, as the same, until it is carried out, before any input is dropped', async () => {
    answering('pending', 'pending', 'done');
    const { exit, out } = await platform.cli.run([...erase, '--end-retention', '--json']);
    expect(exit).toBe(ExitCode.ok);
    expect(JSON.parse(out)).toMatchObject({ status: 'done', receipt: { keysDestroyed: 1 }, retention: { records: 7 } });
    expect(asked('/erase')).toHaveLength(3);
    expect(new Set(asked('/erase').map(({ headers }) => headers['idempotency-key'])).size).toBe(1);
    expect(platform.server.calls.at(-1)?.path).toBe('/v1/ops/end-retention');
  });

  it('that stays undecided drops no input, and says what to do', async () => {
    answering(...Array.from({ length: 99 }, () => 'pending' as const));
    const { exit, err } = await platform.cli.run([...erase, '--end-retention']);
    expect(exit).toBe(ExitCode.failed);
    expect(err).toContain('tributary retention end');
    expect(asked('/end-retention')).toHaveLength(0);
  });

  it('of somebody whom only the quarantine knows says how that is dropped', async () => {
    platform.server.first = ({ path }) =>
      path.startsWith('/v1/customers') ? refused(404, 'not_found', 'no customer is known by this') : undefined;
    const { exit, err } = await platform.cli.run([...erase, '--end-retention']);
    expect(exit).toBe(ExitCode.notFound);
    expect(err).toContain('tributary retention end');
  });
});

describe('the end of retention', () => {
  const platform = withServer();

  it('is a command of its own', async () => {
    platform.server.first = ({ path }) =>
      path === '/v1/ops/end-retention' ? ok({ topics: 2, records: 9 }) : undefined;
    const { exit, out } = await platform.cli.run(['retention', 'end', '--reason', 'asked', '--yes']);
    expect([exit, out]).toEqual([ExitCode.ok, 'dropped 9 records\n']);
    expect(JSON.parse(platform.server.calls.at(-1)?.body ?? '')).toEqual({ reason: 'asked' });
  });
});

describe('what was there when it was asked', () => {
  /** A platform of which each look finds the next of these lags; the last for good. */
  const looks = (...lags: readonly Readonly<Record<string, number>>[]) => {
    let looked = 0;
    const status = async () => ({ lag: lags[Math.min(looked++, lags.length - 1)] });
    return { client: { status } as unknown as Pick<Client, 'status'>, looked: () => looked };
  };

  it('is past as soon as so much was done, though something always waits', async () => {
    const { client, looked } = looks(
      { pipeline: 5, facts: 9 },
      { pipeline: 8, facts: 9 },
      { pipeline: 4, facts: 9 },
      // Of five, four were done; one more falls with the next.
      { pipeline: 7, facts: 9 },
      { pipeline: 3, facts: 9, erasures: 4 },
      { pipeline: 9, facts: 3, erasures: 2 },
      { pipeline: 9, facts: 5, erasures: 6 },
      { pipeline: 9, facts: 2, erasures: 1 },
    );
    await settlePast(client);
    expect(looked()).toBe(8);
  });

  it('waits neither for rows of customers nor for who is due', async () => {
    const { client, looked } = looks({ pipeline: 0, facts: 0, erasures: 0, customers: 70, timers: 3 });
    await settlePast(client);
    expect(looked()).toBe(2);
  });

  it('is given up with the reason where it does not move', async () => {
    const { client } = looks({ pipeline: 0, facts: 0, erasures: 1 });
    await expect(settlePast(client, { stalled_ms: 150 })).rejects.toThrow('erasures');
  });
});
