import { day, money, number, say, withAside } from './language.js';

/**
 * What a customer is worth, currency by currency: `[title, rows]`, a row being its name, its text and the path by which it
 * is explained. `null`: not known, or not explained.
 */
export const worthOf = (worth) => {
  const others = Object.entries(worth.others);
  const inCurrency = (currency) => `${say('value')} · ${currency}`;
  // Days and dates are of all purchases, whatever they were paid in.
  const ofAll = (name) => (others.length > 0 ? withAside(say(name), say('anyCurrency')) : say(name));
  const { currency } = worth;
  return [
    [
      others.length > 0 ? inCurrency(currency) : say('value'),
      [
        [say('net'), money(worth.net, currency), 'value.net'],
        [say('gross'), money(worth.gross, currency), 'value.gross'],
        [say('purchases'), number(worth.purchases), 'value.purchases'],
        [ofAll('purchaseDays'), number(worth.purchaseDays), 'value.purchaseDays'],
        [say('averageOrder'), money(worth.averageOrder, currency), 'value.averageOrder'],
        [ofAll('lastPurchase'), day(worth.lastPurchase), 'value.lastPurchase'],
        [ofAll('recencyDays'), worth.recencyDays === null ? null : number(worth.recencyDays), null],
      ],
    ],
    ...others.map(([other, { net, gross, purchases }]) => [
      inCurrency(other),
      [
        [say('net'), money(net, other), `value.others.${other}.net`],
        [say('gross'), money(gross, other), `value.others.${other}.gross`],
        [say('purchases'), number(purchases), `value.others.${other}.purchases`],
      ],
    ]),
  ];
};
