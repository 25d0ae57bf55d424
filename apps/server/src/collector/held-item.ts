import { type FastifyRequest } from 'fastify';
import { type ParsedTouchpoint } from '@tributary/contracts';
import { quarantineTopic } from '@tributary/domain';
import { type Instant, type Log } from '@tributary/kernel';
import { invalid, Refusal } from '../refusal.js';
import { type Quarantined } from './quarantine.js';
import { refusalFor } from './refusal-for.js';

/**
 * Since when the item is held that a request says to be the replay of (`?replay=<offset>`); `undefined`: it is no replay. What
 * one may claim of its past is read here, from the channel's own quarantine, so that nobody has to be trusted with it.
 */
export const heldSinceOf = async (
  request: FastifyRequest,
  channel: string,
  log: Pick<Log, 'partitions' | 'read'>,
): Promise<Instant | undefined> => {
  const { replay } = request.query as { replay?: unknown };
  if (replay === undefined) return undefined;
  if (typeof replay !== 'string' || !/^\d{1,15}$/.test(replay))
    throw invalid('replay', 'replay is not an offset', 'name the offset at which the item is held: ?replay=<offset>');
  const offset = Number(replay);
  const topic = quarantineTopic(channel);
  const [range] = await log.partitions(topic);
  const [record] =
    range === undefined || offset < range.begin || offset >= range.end
      ? []
      : await log.read({ topic, partition: range.partition }, offset, 1);
  if (record?.offset !== offset)
    throw new Refusal(
      404,
      'not_held',
      'the channel holds nothing at this offset',
      'look with `tributary quarantine list`; it may have left with the retention',
      'replay',
    );
  const { receivedAt } = JSON.parse(new TextDecoder().decode(record.value)) as Quarantined;
  return Date.parse(receivedAt);
};

/** Throws where a replay is not of one item, or that item is still not understood: it is held already. */
export const requireUnderstood = (
  items: number,
  parse: (index: number) => ParsedTouchpoint,
  onRejected: () => void,
): void => {
  if (items !== 1)
    throw invalid('replay', 'a replay is of one held item', 'send one item with the offset at which it is held');
  const outcome = parse(0);
  if (outcome.ok) return;
  onRejected();
  throw refusalFor(outcome.problem, 422);
};
