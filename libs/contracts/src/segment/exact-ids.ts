import { type SegmentCall } from './from-segment.js';
import { checkId, part } from './loose.js';

/**
 * Refuses a call with an id that is not exact: those of every call, and those of its kind. Properties and traits are
 * checked where they are read.
 */
export const checkIds = (call: SegmentCall, body: Readonly<Record<string, unknown>>): void => {
  for (const name of ['messageId', 'userId', 'anonymousId']) checkId(name, body[name]);
  checkId('context.device.id', part(part(body['context'])['device'])['id']);
  if (call === 'alias') checkId('previousId', body['previousId']);
  if (call === 'group') checkId('groupId', body['groupId']);
  if (call === 'page' || call === 'screen')
    for (const name of ['product_id', 'productId']) checkId(`properties.${name}`, part(body['properties'])[name]);
};
