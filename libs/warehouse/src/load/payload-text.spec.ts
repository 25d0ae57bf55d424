import { expect, test } from '@jest/globals';
import { openCatalogue, shippedSchemas } from '@tributary/contracts';
import { type AnyTouchpoint } from '@tributary/domain';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { payloadText } from './payload-text.js';
import { rowsOf } from './rows-of.js';

const catalogue = openCatalogue();
const golden = (name: string): { readonly told: AnyTouchpoint; readonly read: AnyTouchpoint } => {
  const file = (ending: string): string =>
    readFileSync(join(shippedSchemas, 'touchpoint', `${name}.golden.${ending}`), 'utf8');
  const bytes = Buffer.from(file('hex').replace(/\s/g, ''), 'hex');
  return { told: JSON.parse(file('json')) as AnyTouchpoint, read: catalogue.decode(bytes) };
};
const evolved = ['OrderPlaced', 'OrderCancelled', 'OrderRefunded', 'PageViewed', 'SessionEnded'];

test.each(evolved)('what was written by the first version of %s makes the row that it made then', (name) => {
  const { told, read } = golden(`${name}/1`);
  expect(payloadText(read)).toBe(JSON.stringify(told.payload));
});

test.each(evolved)(
  'what the second version of %s says stands in the row, and what it does not say is not there',
  (name) => {
    const { read } = golden(`${name}/2`);
    const text = payloadText(read);
    expect(catalogue.decode(catalogue.encode({ ...read, payload: JSON.parse(text) } as AnyTouchpoint))).toEqual(read);
    expect(text).not.toMatch(/"(?:brand|variant|coupon|discount|tax|shipping|campaign)":null/);
  },
);

test('what an order says beside its amount stands in columns, and a line that went back takes its discount along', () => {
  const rows = (name: string) => rowsOf(golden(name).read, { topic: 't', partition: 0, offset: 1, intake: 2 });
  const placed = rows('OrderPlaced/2');
  const campaign = ['双十一', 'wechat', 'social', '', 'banner-2'];
  expect(placed.order?.slice(-13, -4)).toEqual([16_106, 80_000, 13_000, '双十一20', ...campaign]);
  expect(placed.raw.slice(-9, -4)).toEqual(campaign);
  expect(placed.lines.map((line) => line.slice(-8, -4))).toEqual([
    ['雾山', '白色/M', '烛台9折', 17_000],
    ['', '', '', null],
  ]);
  expect(rows('OrderRefunded/2').lines[0]?.slice(-8, -4)).toEqual(['雾山', '白色/M', '烛台9折', -17_000]);
  expect(rows('OrderPlaced/1').order?.slice(-13, -4)).toEqual([null, null, null, '', '', '', '', '', '']);
});
