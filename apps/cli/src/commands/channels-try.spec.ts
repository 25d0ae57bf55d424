import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ExitCode } from '../exit-code.js';
import { Invocations } from '../testing/invocation.js';

const channelFile = `
name: my_shop
title: { en: My shop, zh: 我的店 }
description: A channel that is being written.
sources:
  - format: csv
    columns: [id, day, card, amount]
    ignore: [{ when: { id: total }, because: a line of totals }]
    emit:
      - type: order_placed
        messageId: <id>
        occurredAt: <day>
        identifiers: [{ member_no: <card> }]
        payload: { orderId: <id>, amount: { $money: <amount> }, currency: CNY }
`;

describe('tributary channels try', () => {
  let cli: Invocations;
  beforeEach(() => void (cli = new Invocations()));
  afterEach(() => cli.remove());

  const put = (name: string, text: string): string => {
    const path = join(cli.dataDir, name);
    writeFileSync(path, text);
    return path;
  };
  const rows = 'id,day,card,amount\no1,2025-01-02,7,¥12.50\no2,2999-01-02,,1\no3,2025-01-02,8,many\ntotal,,,\n';

  it('accounts for a file as an import would, and needs no server and no shipped channel', async () => {
    const { exit, out } = await cli.run(['channels', 'try', put('my_shop.yaml', channelFile), put('o.csv', rows)]);
    expect(exit).toBe(ExitCode.ok);
    expect(out.split('\n').map((line) => line.trim())).toEqual([
      'o.csv  (nothing was sent)',
      'rows               4',
      'in touchpoints   1  made 1 touchpoint',
      'ignored by rule  1  a line of totals',
      'quarantined      2',
      '1  occurredAt (column "day"): found number, expected a date at most 24 hours ahead (row 2)',
      '1  emit[0].payload.amount.$money (<amount>) is not an amount such as ¥1,234.50 (line 4)',
      '1 order_placed; 0 of them name nobody',
      '',
    ]);
  });

  it('says of which identifiers nothing would be kept, and what would count as known', async () => {
    const masked = put(
      'm.csv',
      'id,day,card,amount\no1,2025-01-02,8888****1234,1\no2,2025-01-02,无,2\no2,2025-01-02,9,3\n',
    );
    const { out } = await cli.run(['channels', 'try', put('my_shop.yaml', channelFile), masked]);
    expect(out.split('\n').slice(-4, -1)).toEqual([
      '  3 order_placed; 2 of them name nobody',
      '  placeholders, masked or blocked values that name nobody: 2 member_no',
      '  1 repeat a messageId of this file, and would count as known already',
    ]);
  });

  it('shows touchpoints as they would be sent', async () => {
    const path = put('my_shop.yaml', channelFile);
    const { out } = await cli.run(['channels', 'try', path, put('o.csv', rows), '--show', '5', '--json']);
    expect(JSON.parse(out)).toMatchObject([
      {
        file: 'o.csv',
        rows: 4,
        touchpoints: 1,
        first: [{ messageId: 'o1', identifiers: [{ type: 'member_no', value: '7' }], payload: { amount: '12.5' } }],
      },
    ]);
  });

  it('shows when something happened in words that tell a wrong time zone', async () => {
    const path = put('my_shop.yaml', channelFile.replace('columns:', 'zone: Asia/Shanghai\n    columns:'));
    const { out } = await cli.run(['channels', 'try', path, put('o.csv', rows), '--show', '1']);
    expect(out).toContain('"occurredAt": "2025-01-01T16:00:00.000Z"');
  });

  it('shows an instant that its producer wrote as text as it is, which JavaScript may not read', async () => {
    const path = put(
      'native.yaml',
      'name: native\ntitle: { en: N, zh: 原 }\nsources:\n  - { format: ndjson, emit: native }\n',
    );
    const occurredAt = '2025-01-02T18:30:00,5Z';
    const line = { type: 'page_viewed', messageId: 'm', occurredAt, identifiers: [], payload: { path: '/' } };
    const file = put('n.ndjson', `${JSON.stringify(line)}\n`);
    const { exit, out } = await cli.run(['channels', 'try', path, file, '--show', '1']);
    expect([exit, out]).toEqual([ExitCode.ok, expect.stringContaining(`"occurredAt": "${occurredAt}"`)]);
  });

  it('fails where nothing was understood, or there is no such channel or file', async () => {
    const path = put('my_shop.yaml', channelFile);
    const bad = put('bad.csv', 'id,day,card,amount\no1,soon,7,1\n');
    expect((await cli.run(['channels', 'try', path, bad])).exit).toBe(ExitCode.failed);
    expect((await cli.run(['channels', 'try', path, `${bad}.none`])).exit).toBe(ExitCode.notFound);
    expect((await cli.run(['channels', 'try', 'no_such', bad])).exit).toBe(ExitCode.notFound);
  });
});
