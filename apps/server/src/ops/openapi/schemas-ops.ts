import { type JsonSchema } from '@tributary/contracts';
import { count, instant, list, mapOf, object, orNull, text } from './shapes.js';

/** Orders to the platform as a whole, and its state. */
export const schemasOps: Readonly<Record<string, JsonSchema>> = {
  Verification: object({
    outcome: {
      enum: ['equal', 'different', 'not_compared'],
      description: 'Of all projections: different before not compared before equal.',
    },
    equal: { type: 'boolean', description: 'Everything was compared, and is equal.' },
    position: { type: 'integer' },
    projections: list({
      type: 'object',
      required: ['name', 'outcome', 'equal'],
      properties: {
        name: text,
        outcome: { enum: ['equal', 'different', 'not_compared'] },
        equal: { type: 'boolean' },
        rows: count,
        difference: { ...text, description: 'What differs, or why it was not compared.' },
      },
    }),
  }),
  BackupMade: object(
    {
      folder: text,
      takenAt: instant,
      position: { type: 'integer', description: 'Of the newest event when it was done; it may end a little before.' },
      bytes: count,
      left: { ...text, description: 'What is not in it, and has to be kept apart.' },
    },
    ['folder', 'takenAt', 'position', 'bytes', 'left'],
  ),
  Dropped: object({ topics: count, records: count, remaining: text }, ['topics', 'records']),
  Status: {
    type: 'object',
    properties: {
      channels: list(
        object(
          {
            channel: text,
            title: { ...object({ en: text, zh: text }), description: 'What its channel file calls it.' },
            accepted: count,
            duplicates: count,
            quarantined: { ...count, description: 'Ever put aside.' },
            held: { ...count, description: 'Of these, what waits to be replayed or discarded.' },
            last: orNull(instant),
          },
          ['channel', 'accepted', 'duplicates', 'quarantined', 'held', 'last'],
        ),
      ),
      stages: object({ relationship: mapOf(count), buyer: mapOf(count), tier: mapOf(count) }),
      customers: count,
      touchpoints: count,
      events: {
        type: 'integer',
        description: 'Position of the newest event; -1: none. No count, where positions are bytes.',
      },
      lag: mapOf(count),
      lagUnknown: {
        ...list(text),
        description: 'Consumers that are not in `lag`: an engine that is away or not ready hides what waits for them.',
      },
      startedAt: instant,
      now: instant,
      uptime_s: count,
      identifierTypes: list(text),
      notice: text,
    },
  },
};
