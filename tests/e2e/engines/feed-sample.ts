import { sample } from '@tributary/intake';
import { type Town } from './town.js';

export const CUSTOMERS = Number(process.env['TRIBUTARY_TEST_CUSTOMERS'] ?? 150);
const SEED = 20_250_101;
const REQUEST_ITEMS = 500;

/** The sample as `npm start` feeds it, the same for every mix. */
export const feedSample = async (
  town: Pick<Town, 'take'>,
  until: number,
  items_at_once = REQUEST_ITEMS,
): Promise<number> => {
  const waiting = new Map<string, object[]>();
  let fed = 0;
  const send = async (channel: string): Promise<void> => {
    const items = waiting.get(channel) ?? [];
    waiting.set(channel, []);
    if (items.length > 0) await town.take(channel, items);
    fed += items.length;
  };
  for (const { channel, envelope } of sample(SEED, CUSTOMERS, until)) {
    const items = waiting.get(channel) ?? [];
    waiting.set(channel, items);
    items.push(envelope);
    if (items.length >= items_at_once) await send(channel);
  }
  for (const channel of waiting.keys()) await send(channel);
  return fed;
};
