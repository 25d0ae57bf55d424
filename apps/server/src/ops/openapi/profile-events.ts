import { type JsonSchema } from '@tributary/contracts';
import { type ProfileEventType } from '@tributary/query';
import { count, customerId, instant, list, mapOf, object, orNull, subjectId, text } from './shapes.js';

const rules: JsonSchema = { ...text, description: 'Version of the rules that decided.' };
const track: JsonSchema = { enum: ['relationship', 'buyer', 'tier'] };
const evidence: JsonSchema = {
  ...mapOf({ type: 'number' }),
  description:
    'The features that decided, as they were. Names ending in `_e4` are amounts in ten-thousandths of the reporting currency of `rules`.',
};

const entered = (...tracks: readonly string[]): JsonSchema =>
  object({ track: { enum: tracks }, from: orNull(text), to: text, evidence, rules });

export interface DescribedEvent {
  readonly name: string;
  readonly description: string;
  readonly data: JsonSchema;
}

/** What each event says; the guide of the feed (`docs/guide/profile-events.md`) says what to make of it. */
export const describedEvents: Readonly<Record<ProfileEventType, DescribedEvent>> = {
  'tributary.profile.updated.v1': {
    name: 'ProfileUpdated',
    description: 'Touchpoints of the customer were taken; `time` is that of the newest.',
    data: object({ touchpoints: { ...mapOf(count), description: 'How many, by type.' } }),
  },
  'tributary.stage.entered.v1': {
    name: 'StageEntered',
    description: 'A stage was entered, behind all entered before; `time`: when it became true.',
    data: entered('relationship', 'buyer'),
  },
  'tributary.tier.entered.v1': {
    name: 'TierEntered',
    description: 'A tier was entered, behind all entered before; `time`: when it became true.',
    data: entered('tier'),
  },
  'tributary.customer.linked.v1': {
    name: 'CustomerLinked',
    description: 'The customer holds these subjects from now on, some of which others held.',
    data: object({
      subjects: { ...list(subjectId), description: 'All that it holds.' },
      added: { ...list(subjectId), description: 'Of these, the new ones.' },
      absorbed: {
        ...list(customerId),
        description: 'Customers that are none any more by it; what they held may have gone to several.',
      },
      rules,
    }),
  },
  'tributary.customer.released.v1': {
    name: 'CustomerReleased',
    description: 'Subjects left the customer, for others.',
    data: object({
      subjects: { ...list(subjectId), description: 'All that it still holds.' },
      released: {
        ...list(object({ customerId, subjects: list(subjectId) })),
        description: 'Whose they are now, besides what each may have held before.',
      },
      rules,
    }),
  },
  'tributary.link.refused.v1': {
    name: 'LinkRefused',
    description: 'Two subjects were named together and are not one person by it.',
    data: object({
      a: subjectId,
      b: subjectId,
      reason: { enum: ['blocked_identifier', 'shared_identifier', 'too_many_of_type', 'kept_apart'] },
      identifierType: orNull(text),
      rules,
    }),
  },
  'tributary.course.revised.v1': {
    name: 'CourseRevised',
    description:
      'Of all stages and tiers entered so far, the last `withdrawn` do not hold; `transitions` do instead, 500 at most. A long one comes in several: those behind the first withdraw nothing and go on behind it.',
    data: object({
      withdrawn: count,
      transitions: list(
        object({
          track,
          from: orNull(text),
          to: text,
          at: { type: 'integer', description: 'When it became true, in milliseconds since 1970.' },
          evidence,
        }),
      ),
      rules,
    }),
  },
  'tributary.customer.erased.v1': {
    name: 'CustomerErased',
    description: 'The person was erased: told once for each subject of theirs, the whole of it each time.',
    data: object({ subject: subjectId, members: { ...list(subjectId), description: 'All subjects of the person.' } }),
  },
};

/** What CloudEvents say of an event beside its data. */
export const attributesOf = (type: string): Readonly<Record<string, JsonSchema>> => ({
  specversion: { const: '1.0' },
  id: { ...text, description: 'Told once: what tells one event from another.' },
  source: text,
  type: { const: type },
  subject: { ...customerId, description: 'The customer.' },
  time: instant,
  partitionkey: customerId,
  sequence: {
    type: 'string',
    pattern: '^\\d{16}$',
    description:
      'Never falls for a customer; several events of one decision share it. The profile that says the event has a `version` at least as high.',
  },
});

const eventOf = (type: string, { description, data }: DescribedEvent): JsonSchema => ({
  ...object({ ...attributesOf(type), datacontenttype: { const: 'application/json' }, data }),
  description,
});

export const profileEventSchemas: Readonly<Record<string, JsonSchema>> = {
  ...Object.fromEntries(Object.entries(describedEvents).map(([type, each]) => [each.name, eventOf(type, each)])),
  ProfileEvent: {
    oneOf: Object.values(describedEvents).map(({ name }) => ({ $ref: `#/components/schemas/${name}` })),
    discriminator: {
      propertyName: 'type',
      mapping: Object.fromEntries(
        Object.entries(describedEvents).map(([type, { name }]) => [type, `#/components/schemas/${name}`]),
      ),
    },
  },
};
