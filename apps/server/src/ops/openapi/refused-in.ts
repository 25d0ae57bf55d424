import { type Operation, query, ref } from './operation.js';
import { channelName } from './shapes.js';

/** What every door in may answer. */
export const refused: Operation['answers'] = {
  '400': { description: 'The body cannot be read: nothing was accepted.', schema: ref('Refusal') },
  '413': { description: 'Too large: nothing was accepted.', schema: ref('Refusal') },
  '415': { description: 'Neither JSON nor JSON in gzip.', schema: ref('Refusal') },
  '429': {
    description: 'The door holds as much as it may; `Retry-After` says when to come again.',
    schema: ref('Refusal'),
  },
  '503': { description: 'The store is away or full; `Retry-After` says when to come again.', schema: ref('Refusal') },
};

export const channel = query(
  'channel',
  'With an admin key: the channel to write to. A write key names its own.',
  channelName,
);
