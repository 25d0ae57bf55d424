import { FEED_TOPIC } from '@tributary/domain';
import { attributesOf, describedEvents, type DescribedEvent } from './profile-events.js';
import { customerId, object } from './shapes.js';

const SSE = 'profileEvents';
const KAFKA = 'profileEventsTopic';

const ref = (path: string) => ({ $ref: `#/${path}` });
const entries = Object.entries(describedEvents);
const ofEach = <T>(channel: string, make: (type: string, each: DescribedEvent) => T): Readonly<Record<string, T>> =>
  Object.fromEntries(entries.map(([type, each]) => [`${each.name}${channel}`, make(type, each)]));

/** Over SSE an event is one JSON text, attributes and data together. */
const structured = (type: string, { name, description, data }: DescribedEvent) => ({
  name: type,
  title: name,
  summary: description,
  contentType: 'application/cloudevents+json',
  payload: object({ ...attributesOf(type), datacontenttype: { const: 'application/json' }, data }),
});

/** In Kafka attributes are headers, and the data is the value. */
const binary = (type: string, { name, description, data }: DescribedEvent) => ({
  name: type,
  title: name,
  summary: description,
  contentType: 'application/json',
  headers: object({
    ...Object.fromEntries(Object.entries(attributesOf(type)).map(([attribute, schema]) => [`ce_${attribute}`, schema])),
    'content-type': { const: 'application/json' },
  }),
  payload: data,
  bindings: { kafka: { key: customerId, bindingVersion: '0.5.0' } },
});

const channel = (name: string) => ({
  messages: ofEach(name, (_, each) => ref(`components/messages/${each.name}${name}`)),
});

const send = (name: string, summary: string) => ({ action: 'send', channel: ref(`channels/${name}`), summary });

/** The AsyncAPI 3.0 document of what is told without being asked: profile events. */
export const asyncApiDocument = () => ({
  asyncapi: '3.0.0',
  info: {
    title: 'Tributary: profile events',
    version: '0.1.0',
    description: 'What changed of whom, without personal data; the profile is a call away (`/openapi.json`).',
    license: { name: 'Apache-2.0', url: 'https://www.apache.org/licenses/LICENSE-2.0' },
  },
  defaultContentType: 'application/json',
  channels: {
    [SSE]: {
      address: '/v1/profile-events',
      title: 'Server-sent events',
      description: 'Resumes with Last-Event-ID. Each `data:` is one CloudEvent in JSON.',
      ...channel(SSE),
    },
    [KAFKA]: {
      address: `{prefix}${FEED_TOPIC}`,
      title: 'Kafka, where the log is Kafka',
      description: 'CloudEvents in binary mode; to be read `read_committed`.',
      parameters: { prefix: { description: 'As `TRIBUTARY_LOG_URL` states it; none by itself.', default: '' } },
      ...channel(KAFKA),
      bindings: { kafka: { partitions: 1, bindingVersion: '0.5.0' } },
    },
  },
  operations: {
    tellSubscribers: send(SSE, 'Each event once, in order per customer'),
    tellConsumers: send(KAFKA, 'The same events, a moment before the profile says them'),
  },
  components: { messages: { ...ofEach(SSE, structured), ...ofEach(KAFKA, binary) } },
});
