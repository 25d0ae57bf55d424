import { isChannelName } from '@tributary/domain';
import { fieldsOf } from '../../command-fields.js';
import { invalid } from '../../refusal.js';
import { type Settlement } from './settled-items.js';

/** So many offsets in one request: one record of the log, far below what any log takes. */
const MOST_OFFSETS = 1_000;
const MOST_OF_A_REASON = 500;

/** The body of `POST /v1/quarantine/settle`. */
export const readSettlement = (body: unknown): Omit<Settlement, 'at' | 'by'> => {
  const { channel, offsets, as, reason } = fieldsOf(body, ['channel', 'offsets', 'as', 'reason']);
  if (typeof channel !== 'string' || !isChannelName(channel))
    throw invalid('channel', 'not a channel name', 'name a channel as /v1/status lists it');
  if (as !== 'replayed' && as !== 'discarded')
    throw invalid('as', 'it is not said what became of them', 'send replayed or discarded');
  return { channel, offsets: readOffsets(offsets), as, ...readReason(reason, as === 'discarded') };
};

const readOffsets = (offsets: unknown): readonly number[] => {
  if (!Array.isArray(offsets) || offsets.length === 0 || offsets.length > MOST_OFFSETS)
    throw invalid('offsets', `offsets is not a list of 1 to ${MOST_OFFSETS}`, 'name offsets as the list shows them');
  const wrong = offsets.findIndex((each) => !Number.isSafeInteger(each) || each < 0);
  if (wrong >= 0)
    throw invalid(`offsets[${wrong}]`, 'not an offset', 'send whole numbers, as the list of the quarantine shows them');
  return [...new Set(offsets as number[])];
};

/** What was thrown away is asked about later; a replay speaks for itself. */
const readReason = (reason: unknown, needed: boolean): { readonly reason?: string } => {
  const remedy = `say why in at most ${MOST_OF_A_REASON} characters, without personal data: it is kept for ever`;
  if (reason === undefined && !needed) return {};
  if (typeof reason !== 'string' || reason.trim() === '') throw invalid('reason', 'no reason is given', remedy);
  if (reason.length > MOST_OF_A_REASON)
    throw invalid('reason', `the reason is longer than ${MOST_OF_A_REASON} characters`, remedy);
  return { reason: reason.trim() };
};
