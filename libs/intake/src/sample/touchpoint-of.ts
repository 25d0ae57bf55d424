import { type NativeEnvelope } from '../channel/model.js';
import { chance } from './chance.js';
import { app } from './deeds/app.js';
import { callCentre } from './deeds/call-centre.js';
import { community } from './deeds/community.js';
import { type Maker, type SampleChannel } from './deeds/deed.js';
import { webShop } from './deeds/web-shop.js';
import { type Deed, type Moment } from './life-course.js';
import { type Person } from './people.js';

export interface SampleTouchpoint {
  readonly channel: SampleChannel;
  readonly envelope: NativeEnvelope;
}

type Told = readonly [channel: SampleChannel, make: Maker];

const toldBy = <D extends string>(channel: SampleChannel, deeds: Readonly<Record<D, Maker>>): Record<D, Told> => {
  const told = Object.entries<Maker>(deeds).map(([deed, make]): [string, Told] => [deed, [channel, make]]);
  return Object.fromEntries(told) as Record<D, Told>;
};

const deeds: Readonly<Record<Deed, Told>> = {
  ...toldBy('web_shop', webShop),
  ...toldBy('app', app),
  ...toldBy('call_centre', callCentre),
  ...toldBy('community', community),
};

/** The touchpoint that a moment is, as the channel's own system would send it. */
export const touchpointOf = (seed: number, person: Person, moment: Moment, prefix = ''): SampleTouchpoint => {
  const { deed, n, at } = moment;
  const [channel, make] = deeds[deed];
  const [type, named, payload] = make(person, chance(seed, prefix, person.index, deed, n), { seed, n, at, prefix });
  return {
    channel,
    envelope: {
      type,
      messageId: `${prefix}${deed}-${person.index}-${n}`,
      occurredAt: at,
      identifiers: named.map(([t, value]) => ({ type: t, value })),
      payload,
    },
  };
};
