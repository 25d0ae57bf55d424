import { afterAll, describe, expect, it } from '@jest/globals';
import { channel, folder } from '../testing/shop-file.js';
import { countChannelFile } from './count-file.js';

const { put, remove } = folder();
afterAll(remove);

describe('counting a file', () => {
  it('accounts for a file without taking it', async () => {
    expect(await countChannelFile(channel(), put('t.csv', 'id,who,amount\no1,,1\no2,c,x\nnope\n'))).toEqual({
      rows: 3,
      covered: 1,
      rejected: 2,
      ignored: {},
      reasons: {
        'emit[0].payload.amount.$total (<amount>) is not a plain decimal number': 1,
        'the row has 1 fields, 3 are expected': 1,
      },
      touchpoints: 1,
      byType: { order_placed: 1 },
      anonymous: 1,
      unkept: {},
      repeats: 0,
      first: [],
      places: {
        'emit[0].payload.amount.$total (<amount>) is not a plain decimal number': 'line 3',
        'the row has 1 fields, 3 are expected': 'line 4',
      },
      damage: null,
    });
  });

  it('says how many would be taken for repeats of others', async () => {
    const path = put('r.csv', 'id,who,amount\no1,a,1\no2,b,2\no1,c,3\no1,a,1\n');
    expect(await countChannelFile(channel(), path)).toMatchObject({ rows: 4, touchpoints: 4, repeats: 2 });
  });

  it('asks the door, too, where it is told when', async () => {
    const path = put('t.csv', 'id,who,amount\no1,,1\no2,c,-5\no3,d,2\n');
    const asked = { receivedAt: Date.UTC(2100, 0, 1), first: 1 };
    expect(await countChannelFile(channel(), path, asked)).toMatchObject({
      rows: 3,
      covered: 2,
      rejected: 1,
      reasons: { 'payload.amount (column "amount"): found string of 2 characters, expected an amount of 0 or more': 1 },
      places: {
        'payload.amount (column "amount"): found string of 2 characters, expected an amount of 0 or more': 'row 2',
      },
      touchpoints: 2,
      first: [{ messageId: 'o1' }],
    });
    const early = await countChannelFile(channel(), path, { receivedAt: 0 });
    expect(early).toMatchObject({ covered: 0, rejected: 3 });
  });
});
