import { describe, expect, it } from '@jest/globals';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { channelNamed, loadChannels } from '../channel/load-channels.js';
import { countChannelFile } from '../file/count-file.js';
import { readChannelFile } from '../file/read-file.js';
import { cdnowCustomers, readCdnowSummary } from './cdnow-summary.js';
import { readRetailOracle, retailCustomers } from './retail-oracle.js';

/** The real sets lie beside the repository, not in it. */
const data = join(process.cwd(), '..', 'shared', 'data');
const there = existsSync(data);
if (!there) process.stderr.write(`skipped: the real data sets are not at ${data}\n`);
// A fifth of a gigabyte goes through here, beside other suites.
const channels = loadChannels();
const named = (name: string) => channelNamed(name, channels);

(there ? describe : describe.skip)('the real sets', () => {
  it.each([
    ['online_retail', 'online_retail/online_retail.csv.gz', 541_909, 23_799, 2_111],
    ['servicenow_incidents', 'servicenow_incidents/incident_event_log.zip', 141_712, 174_987, 0],
    ['stackexchange_meta', 'stackexchange_meta/users.csv.gz', 4_270, 4_270, 0],
    ['stackexchange_meta', 'stackexchange_meta/posts.csv.gz', 2_615, 2_615, 0],
    ['stackexchange_meta', 'stackexchange_meta/comments.csv.gz', 4_989, 4_989, 0],
    ['stackexchange_meta', 'stackexchange_meta/votes.csv.gz', 5_468, 5_468, 0],
    ['stackexchange_meta', 'stackexchange_meta/badges.csv.gz', 9_545, 9_545, 0],
    ['airbnb_sessions', 'airbnb_sessions/airbnb-session-data.txt.gz', 7_756, 7_756, 0],
    ['airbnb_sessions_composed', 'airbnb_sessions/airbnb-session-data.txt.gz', 7_756, 7_756, 0],
    ['cdnow', 'cdnow/CDNOW_master.txt.gz', 69_659, 69_659, 0],
    ['cdnow', 'cdnow/CDNOW_sample.txt', 6_919, 6_919, 0],
  ])('%s %s: every row is accounted for', async (channel, file, rows, touchpoints, ignored) => {
    const account = await countChannelFile(named(channel), join(data, file));
    expect(account).toMatchObject({ rows, touchpoints, rejected: 0, covered: rows - ignored, damage: null });
    expect(Object.values(account.ignored).reduce((a, b) => a + b, 0)).toBe(ignored);
  });

  it('online_retail equals the oracle for every customer', async () => {
    const oracle = await readRetailOracle(join(data, 'online_retail/derived_customer_oracle.csv'));
    const found = await retailCustomers(named('online_retail'), join(data, 'online_retail/online_retail.csv.gz'));
    expect(oracle.size).toBe(4_338);
    expect([...found].sort()).toEqual([...oracle].sort());
  });

  it('cdnow equals the published summary for every customer of the sample', async () => {
    const published = await readCdnowSummary(join(data, 'cdnow/cdnow_customers_summary_with_transactions.csv'));
    const found = await cdnowCustomers(named('cdnow'), join(data, 'cdnow/CDNOW_sample.txt'));
    expect(found.size).toBe(2_357);
    expect(published.size).toBe(2_357);
    for (const [id, { x, t_x, T, zbar }] of published) {
      const customer = found.get(id);
      expect(customer?.x).toBe(x);
      // Published to two decimals.
      expect(Math.abs((customer?.t_x ?? NaN) - t_x)).toBeLessThan(0.0051);
      expect(Math.abs((customer?.T ?? NaN) - T)).toBeLessThan(0.0051);
      expect(Math.abs((customer?.zbar ?? NaN) - zbar)).toBeLessThan(0.0051);
    }
  });

  it('the composed sessions show each visitor on each device exactly once', async () => {
    const shown = new Map<string, number>();
    const visitors = new Set<string>();
    for await (const { items } of readChannelFile(
      named('airbnb_sessions_composed'),
      join(data, 'airbnb_sessions/airbnb-session-data.txt.gz'),
    ))
      for (const { envelope } of items) {
        const of = (type: string) => envelope.identifiers.find((i) => i.type === type)?.value;
        const [device, visitor] = [of('device') ?? '', of('visitor')];
        shown.set(device, (shown.get(device) ?? 0) + (visitor === undefined ? 0 : 1));
        if (visitor !== undefined) visitors.add(visitor);
      }
    expect(visitors.size).toBe(630);
    expect([...shown.values()].every((n) => n === 1)).toBe(true);
  });
});
