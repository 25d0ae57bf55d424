import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { type Verification } from '@tributary/server';
import { tributary } from './command-line.js';
import { RunningPlatform } from './running-platform.js';
import { call, order, traits, view } from './touchpoints.js';

const scanner = fileURLToPath(new URL('scan-folder.mjs', import.meta.url));

/** Values that name one person, in the forms in which they came in and in which they are kept. */
const values = [
  'M730001',
  '13912340987',
  '139-1234-0987',
  'xu.jing@town.example',
  'Xu Jing',
  '徐静',
  'dev-xu-4711',
  '梧桐路88号',
  'called about her lost parcel',
  'XUJING-BIRTHDAY',
  'XUJING-CANDLE',
  'for-xu-jing-4711',
  'letter-to-xu-4711',
];
const stays = 'Chen Stays';

type Sent = ReturnType<typeof order>;
const boughtBy = ({ payload, ...envelope }: Sent): Sent => {
  const [line] = payload['lines'] as readonly object[];
  const campaign = { name: 'for-xu-jing-4711' };
  const lines = [{ ...line, coupon: 'XUJING-CANDLE' }];
  return { ...envelope, payload: { ...payload, lines, coupon: 'XUJING-BIRTHDAY', tax: '1.20', campaign } };
};
const cameBy = ({ payload, ...envelope }: Sent): Sent => ({
  ...envelope,
  payload: { ...payload, campaign: { source: 'newsletter', content: 'letter-to-xu-4711' } },
});

describe('an erasure', () => {
  let town: RunningPlatform;
  beforeAll(async () => void (town = await RunningPlatform.begin()));
  afterAll(() => town.end());

  /** From another process, which sees only what is on the disk: every file, plain, UTF-16 and inflated where it is packed. */
  const found = async (): Promise<Record<string, string[]>> => {
    const { stdout } = await promisify(execFile)(process.execPath, [scanner, town.dataDir, ...values, stays]);
    return JSON.parse(stdout) as Record<string, string[]>;
  };

  test('leaves a receipt, and nothing of the person in any file once the input’s retention is ended', async () => {
    const xu = { member_no: 'M730001', phone: '139-1234-0987', email: 'xu.jing@town.example' };
    await town.take('web_shop', [
      traits('x-1', '2025-01-01T00:00:00Z', xu, { name: 'Xu Jing', address: '梧桐路88号', alias: '徐静' }),
      order('x-2', '2025-01-02T00:00:00Z', { member_no: 'M730001' }),
      view('x-3', '2025-01-03T00:00:00Z', { member_no: 'M730001', device: 'dev-xu-4711' }),
      boughtBy(order('x-6', '2025-01-05T00:00:00Z', { member_no: 'M730001' })),
      cameBy(view('x-7', '2025-01-05T00:00:00Z', { member_no: 'M730001' })),
      traits('y-1', '2025-01-01T00:00:00Z', { member_no: 'M730002' }, { name: stays }),
    ]);
    await town.take('call_centre', [
      call('x-4', '2025-01-04T00:00:00Z', { phone: '13912340987' }, 'called about her lost parcel'),
    ]);
    // What nobody could understand holds personal data, too: a message without a type.
    const key = await town.keyFor('web_shop');
    await town.ask('/v1/track', {
      headers: { authorization: `Bearer ${key}` },
      body: { userId: 'M730001', messageId: 'x-5', traits: { email: 'xu.jing@town.example' } },
    });
    await town.settled();
    const { customerId, subjects } = await town.profile('member_no=M730001');
    expect(subjects.length).toBeGreaterThan(2);
    // Which makes all of it a second time, and leaves nothing of that behind.
    expect(JSON.parse((await tributary(['verify', '--json'], town.dataDir)).out)).toMatchObject({ equal: true });

    // The scan sees what is there: it would prove nothing of an erasure if it saw nothing before.
    const before = await found();
    for (const value of values.filter((each) => each !== '139-1234-0987')) expect(Object.keys(before)).toContain(value);
    const places = Object.values(before).flat().join(' ');
    expect(places).toMatch(/tributary\.db/);
    expect(places).toMatch(/clickhouse\/store/);

    const erased = await tributary(
      ['erase', 'member_no=M730001', '--reason', 'asked for', '--yes', '--end-retention', '--json'],
      town.dataDir,
    );
    expect(erased.err).toBe('');
    const { receipt, retention } = JSON.parse(erased.out) as {
      receipt: { subjects: string[]; keysDestroyed: number };
      retention: { records: number };
    };
    expect(receipt.subjects.slice().sort()).toEqual([...subjects].sort());
    expect(receipt.keysDestroyed).toBeGreaterThan(0);
    expect(retention.records).toBeGreaterThan(0);
    await town.settled();

    for (const query of ['member_no=M730001', 'phone=13912340987', 'email=xu.jing@town.example', 'device=dev-xu-4711'])
      expect((await town.ask(`/v1/customers?${query}`)).status).toBe(404);
    expect((await town.ask(`/v1/customers/${customerId}`)).status).toBe(404);
    expect((await town.ask(`/v1/customers/${customerId}/timeline`)).status).toBe(404);
    const list = subjects.map((subject) => `'${subject}'`).join(',');
    for (const table of ['raw_touchpoints', 'fct_orders', 'fct_order_lines', 'fct_interactions'])
      expect(await town.sql(`SELECT toUInt32(count()) AS n FROM ${table} WHERE subject_id IN (${list})`)).toEqual([
        { n: 0 },
      ]);
    // Others are as they were.
    expect((await town.profile('member_no=M730002')).traits).toEqual({ name: stays });
    // The input is gone, so rows made from it cannot be compared any more, and are not called equal.
    const { body: verified } = await town.ask<Verification>('/v1/ops/verify', { body: {} });
    expect(verified.outcome).toBe('not_compared');
    for (const { name, outcome } of verified.projections)
      expect([name, outcome]).toEqual([name, /raw_|fct_/.test(name) ? 'not_compared' : 'equal']);

    expect(Object.fromEntries(Object.entries(await found()).filter(([value]) => value !== stays))).toEqual({});

    // Nor after a restart; and a repeat of an old message does not bring the person back.
    await town.stop();
    expect(Object.keys(await found()).filter((value) => value !== stays)).toEqual([]);
    await town.start();
    await town.take('web_shop', [order('x-2', '2025-01-02T00:00:00Z', { member_no: 'M730001' })]);
    await town.settled();
    expect((await town.ask('/v1/customers?member_no=M730001')).status).toBe(404);
    expect((await town.profile('member_no=M730002')).traits).toEqual({ name: stays });
  });
});
