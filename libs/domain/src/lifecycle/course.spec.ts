import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { DAY_MS, type Instant } from '@tributary/kernel';
import { parse } from 'yaml';
import { course } from './course.js';
import { parseLifecycleRules } from './parse-rules.js';
import { type History, type Track } from './types.js';

const shipped = (file: string): unknown =>
  parse(readFileSync(new URL(`../../../../rules/${file}`, import.meta.url), 'utf8'));
const rules = parseLifecycleRules(shipped('lifecycle.yaml'), shipped('tiers.yaml'));

const day = (date: string): Instant => Date.parse(`${date}T00:00:00Z`);
const dated = (at: Instant | null): string | null => (at === null ? null : new Date(at).toISOString().slice(0, 10));

/** A life told by days: `{ '1997-01-05': 14.5, '1997-02-01': null }`, an amount for a purchase, `null` for a contact. */
const life = (days: Readonly<Record<string, number | null>>): History => {
  const at = Object.keys(days).map(day);
  return {
    firstSeen: at[0] ?? 0,
    purchases: Object.entries(days).flatMap(([date, amount]) =>
      amount === null ? [] : [{ at: day(date), amount: amount * 10_000 }],
    ),
    activeDays: at,
  };
};

const told = (history: History, track: Track, until = day('2030-01-01')): readonly string[] =>
  course(history, rules, until)
    .transitions.filter((transition) => transition.track === track)
    .map(({ to, at }) => `${dated(at)} ${to}`);

describe('the relationship', () => {
  it('of one purchase in January 1997 ends in exit when silence grew too long', () => {
    const { transitions, nextChange } = course(life({ '1997-01-12': 14.99 }), rules, day('1998-06-30'));
    expect(transitions.filter(({ track }) => track === 'relationship')).toEqual([
      {
        track: 'relationship',
        from: null,
        to: 'acquisition',
        at: day('1997-01-12'),
        evidence: { silence_days: 0, rhythm_days: 36, purchase_days: 1, tenure_days: 0 },
      },
      {
        track: 'relationship',
        from: 'acquisition',
        to: 'decline',
        at: day('1997-04-12'),
        evidence: { silence_days: 90, rhythm_days: 36 },
      },
      {
        track: 'relationship',
        from: 'decline',
        to: 'exit',
        at: day('1997-07-11'),
        evidence: { silence_days: 180, rhythm_days: 36 },
      },
    ]);
    expect(nextChange).toBeNull();
  });

  it('grows with purchases, and matures by tenure alone when the day comes', () => {
    const days = {
      '2020-01-01': 9,
      '2020-02-01': 9,
      '2020-03-01': 9,
      '2020-04-01': 9,
      '2020-05-01': 9,
      '2020-06-25': null,
    };
    expect(told(life(days), 'relationship', day('2020-07-01'))).toEqual([
      '2020-01-01 acquisition',
      '2020-02-01 growth',
      '2020-06-29 maturity',
    ]);
  });

  it('is judged by the own rhythm: who buys twice a year is not in decline after a quarter', () => {
    const slow = life({ '2020-01-01': 9, '2020-06-29': 9, '2020-12-26': 9 });
    expect(told(slow, 'relationship').slice(-2)).toEqual(['2021-12-21 decline', '2022-12-16 exit']);
  });

  it('begins again with a new touchpoint after an exit', () => {
    expect(told(life({ '2020-01-01': 9, '2020-02-01': 9, '2022-01-01': null }), 'relationship')).toEqual([
      '2020-01-01 acquisition',
      '2020-02-01 growth',
      '2020-04-18 decline',
      '2020-07-30 exit',
      '2022-01-01 growth',
      '2022-03-19 decline',
      '2022-06-30 exit',
    ]);
  });

  it('waits for the next change, to the millisecond', () => {
    const history = life({ '1997-01-12': 14.99 });
    const change = day('1997-04-12');
    expect(course(history, rules, change - 1).nextChange).toBe(change);
    expect(course(history, rules, change - 1).transitions).toHaveLength(3);
    expect(course(history, rules, change).transitions).toHaveLength(4);
  });
});

describe('the buyer', () => {
  it('becomes loyal by purchase days within a year, and lapses as the year slides on', () => {
    const days = { '2020-01-01': null, '2020-01-10': 5, '2020-03-10': 5, '2020-05-10': 5, '2020-07-10': 5 };
    const history = life(days);
    expect(told(history, 'buyer')).toEqual([
      '2020-01-01 prospect',
      '2020-01-10 first_time',
      '2020-03-10 repeat',
      '2020-07-10 loyal',
      '2021-01-09 repeat',
    ]);
    const lapse = course(history, rules, day('2021-06-01')).transitions.findLast(({ track }) => track === 'buyer');
    expect(lapse?.evidence).toEqual({ purchase_days: 4 });
  });

  it('who orders twice on one day is a first-time buyer still', () => {
    const at = day('2020-01-10');
    const purchases = [at, at + 1, at + DAY_MS - 1].map((instant) => ({ at: instant, amount: 1 }));
    expect(told({ firstSeen: at, purchases, activeDays: [at] }, 'buyer')).toEqual(['2020-01-10 first_time']);
  });
});

describe('who cancels an order as a whole', () => {
  it('was a buyer until then', () => {
    const [bought, cancelled] = [day('2026-10-01'), day('2026-11-01')];
    const history: History = {
      firstSeen: bought,
      purchases: [{ at: bought, amount: 1_000_000, voidAt: cancelled }],
      activeDays: [bought, cancelled],
    };
    expect(told(history, 'buyer')).toEqual(['2026-10-01 first_time', '2026-11-01 prospect']);
    expect(told(history, 'buyer', day('2026-10-15'))).toEqual(['2026-10-01 first_time']);
  });

  it('may do so thirty thousand times, each while the others stand', () => {
    const bought = day('2026-03-01');
    const orders = Array.from({ length: 30_000 }, (_, i) => i);
    const history: History = {
      firstSeen: bought,
      purchases: orders.map((i) => ({ at: bought + i, amount: 10_000, voidAt: bought + 40_000 + i })),
      activeDays: [bought],
    };
    expect(told(history, 'buyer', bought + DAY_MS)).toEqual(['2026-03-01 first_time', '2026-03-01 prospect']);
    expect(course(history, rules, bought + DAY_MS).transitions.at(-1)?.at).toBe(bought + 69_999);
  });
});

describe('the tier', () => {
  it('rises at once, and drops only at the start of a quarter', () => {
    const history = life({ '2020-02-10': 200, '2020-03-10': 900, '2020-08-20': 100 });
    const { transitions } = course(history, rules, day('2030-01-01'));
    expect(transitions.filter(({ track }) => track === 'tier')).toEqual([
      { track: 'tier', from: null, to: 'bronze', at: day('2020-02-10'), evidence: { net_spend_365d_e4: 200_0000 } },
      { track: 'tier', from: 'bronze', to: 'gold', at: day('2020-03-10'), evidence: { net_spend_365d_e4: 1100_0000 } },
      // 900 of March left the window on 2021-03-10; the tier is held to the end of the quarter.
      { track: 'tier', from: 'gold', to: 'bronze', at: day('2021-04-01'), evidence: { net_spend_365d_e4: 100_0000 } },
    ]);
  });

  it('is kept by a purchase in time before the quarter ends', () => {
    const history = life({ '2020-02-10': 1000, '2021-02-20': 100, '2021-03-30': 950 });
    expect(told(history, 'tier', day('2022-01-01'))).toEqual(['2020-02-10 gold']);
  });

  it('is dropped at the next quarter if a purchase came too small', () => {
    const history = life({ '2020-02-10': 1000, '2021-02-20': 300 });
    expect(told(history, 'tier')).toEqual(['2020-02-10 gold', '2021-04-01 silver', '2022-04-01 bronze']);
  });

  it('was held until a refund of the quarter is looked at, and stays so in the history', () => {
    const [bought, refunded] = [day('2026-08-05'), day('2026-08-25')];
    const history: History = {
      firstSeen: bought,
      purchases: [{ at: bought, amount: 20_000_000, returns: [{ at: refunded, amount: 19_000_000 }] }],
      activeDays: [bought, refunded],
    };
    expect(told(history, 'tier', refunded)).toEqual(['2026-08-05 gold']);
    expect(told(history, 'tier', day('2026-12-31'))).toEqual(['2026-08-05 gold', '2026-10-01 bronze']);
  });

  it('is none before the first purchase', () => {
    expect(told(life({ '2020-02-10': null }), 'tier')).toEqual([]);
  });
});

describe('spend beyond what a number holds', () => {
  const huge = [1, 3, 5].map((less, i) => ({ at: day('2020-01-01') + i, amount: 9e15 - less }));
  const spent = (last: History['purchases'][number], purchases: History['purchases'] = huge) =>
    course(
      { firstSeen: day('2020-01-01'), purchases: [...purchases, last], activeDays: [day('2020-01-01')] },
      rules,
      day('2021-02-01'),
    )
      .transitions.filter(({ track }) => track === 'tier')
      .map(({ to, evidence }) => [to, evidence['net_spend_365d_e4']])
      .at(-1);

  it.each([
    [2_499_999, 'bronze'],
    [2_500_000, 'silver'],
  ])('leaves the window without a trace: %d is %s', (amount, tier) => {
    expect(spent({ at: day('2020-12-01'), amount })).toEqual([tier, amount]);
  });

  it('is given back without a trace, also several times over', () => {
    const returns = [7, 5, 3].map((less, i) => ({ at: day('2020-02-01') + i, amount: 9e15 - less }));
    for (const taken of [{ returns }, { voidAt: day('2020-03-01') }]) {
      const takenBack = huge.map((order) => ({ ...order, ...taken }));
      expect(spent({ at: day('2021-01-15'), amount: 2_500_000 }, takenBack)).toEqual(['silver', 2_500_000]);
    }
  });
});

describe('before the first touchpoint', () => {
  it('there is no course', () => {
    expect(course(life({ '2020-02-10': 1 }), rules, day('2020-02-09'))).toEqual({ transitions: [], nextChange: null });
  });
});

const sample = new URL('../../../../../shared/data/cdnow/CDNOW_sample.txt', import.meta.url);
const onRealData = existsSync(sample) ? describe : describe.skip;

onRealData('CDNOW (skipped where ../shared/data is absent)', () => {
  const customers = new Map<string, { at: Instant; amount: number }[]>();
  if (existsSync(sample)) {
    for (const line of readFileSync(sample, 'utf8').split('\r\n')) {
      const [, id, date, , dollars] = line.trim().split(/\s+/);
      if (!id || !date || !dollars) continue;
      const at = day(`${date.slice(0, 4)}-${date.slice(4, 6)}-${date.slice(6, 8)}`);
      const purchases = customers.get(id) ?? [];
      customers.set(id, [...purchases, { at, amount: Math.round(Number(dollars) * 10_000) }]);
    }
  }
  const histories = [...customers.values()].map((purchases): History => {
    const activeDays = [...new Set(purchases.map(({ at }) => at))].sort((x, y) => x - y);
    return { firstSeen: activeDays[0] ?? 0, purchases: purchases.sort((x, y) => x.at - y.at), activeDays };
  });
  const end = day('1998-06-30');

  it('dates all changes within the data', () => {
    expect(histories).toHaveLength(2357);
    for (const history of histories) {
      const { transitions } = course(history, rules, end);
      for (const { at } of transitions) {
        expect(at).toBeGreaterThanOrEqual(history.firstSeen);
        expect(at).toBeLessThanOrEqual(end);
      }
    }
  });

  it('has those with one purchase in January 1997 in exit 180 days later', () => {
    const once = histories.filter((h) => h.purchases.length === 1 && h.firstSeen < day('1997-02-01'));
    expect(once.length).toBeGreaterThan(300);
    for (const history of once) {
      const last = course(history, rules, end).transitions.findLast(({ track }) => track === 'relationship');
      expect(last).toMatchObject({ to: 'exit', at: history.firstSeen + 180 * DAY_MS });
    }
  });
});
