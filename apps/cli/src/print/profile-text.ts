import { type Profile } from '../http/api.js';
import { grouped, groupedDecimal } from './numbers.js';
import { pairs } from './table.js';

const day = (iso: string | null): string => iso?.slice(0, 10) ?? '–';

/** A profile as a person reads it; the whole of it is in `--json`. */
export const profileText = (p: Profile): string => {
  const { lifecycle, value, activity } = p;
  const stage = (standing: { readonly stage: string; readonly since: string } | null) =>
    standing === null ? '–' : `${standing.stage}  since ${day(standing.since)}`;
  const money = (amount: string, currency = value.currency) => `${groupedDecimal(amount)} ${currency ?? ''}`.trimEnd();
  const others = Object.entries(value.others);
  // Days count in whatever currency, so what stands beside them has to.
  const purchases = others.reduce((sum, [, other]) => sum + other.purchases, value.purchases);
  const sections: [string, [string, string][]][] = [
    ['', [['customer', p.customerId], ...Object.entries(p.traits)]],
    [
      'Lifecycle 生命周期',
      [
        ['stage', stage(lifecycle.relationship)],
        ['buyer', stage(lifecycle.buyer)],
        ['tier', stage(lifecycle.tier)],
      ],
    ],
    [
      'Value 价值',
      [
        ['purchases', `${grouped(purchases)} on ${grouped(value.purchaseDays)} days`],
        ...(others.length > 0 ? [[`in ${value.currency}`, grouped(value.purchases)] satisfies [string, string]] : []),
        ['gross / net', `${money(value.gross)} / ${money(value.net)}`],
        ...others.flatMap(([currency, other]): [string, string][] => [
          [`in ${currency}`, grouped(other.purchases)],
          ['gross / net', `${money(other.gross, currency)} / ${money(other.net, currency)}`],
        ]),
        ['first / last', `${day(value.firstPurchase)} / ${day(value.lastPurchase)}`],
        ['recency', value.recencyDays === null ? '–' : `${grouped(value.recencyDays)} days`],
      ],
    ],
    [
      'Contacts 互动',
      [
        ['touchpoints', grouped(activity.touchpoints)],
        ...Object.entries(activity.channels).map(([channel, { count, last }]): [string, string] => [
          channel,
          `${grouped(count)}, last ${day(last)}`,
        ]),
      ],
    ],
    [
      'Identifiers 标识',
      p.identifiers.map(({ type, value: text, firstSeen }): [string, string] => [
        type,
        `${text}  (since ${day(firstSeen)})`,
      ]),
    ],
    ['Subjects', p.subjects.map((subject): [string, string] => ['', subject])],
  ];
  return sections
    .filter(([, rows]) => rows.length > 0)
    .map(([title, rows]) => (title === '' ? pairs(rows) : `${title}\n${pairs(rows, '  ')}`))
    .join('\n');
};
