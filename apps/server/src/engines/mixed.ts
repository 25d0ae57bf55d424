import { type Connection } from '@tributary/embedded';
import { type KafkaLog } from '@tributary/kafka';
import { FEED_TOPIC, foreignInput, quarantineTopic } from '@tributary/pipeline';
import { type Engines } from './engines.js';
import { type EngineSettings } from './settings.js';

/** The embedded engines, with another in the place of each that has a URL. */
export interface Mixed {
  readonly store: Connection;
  /** `null`: the log is embedded. */
  readonly kafka: KafkaLog | null;
}

/** Whether one transaction holds all that the pipeline writes; else it works in stages. */
export const isFused = ({ eventsUrl, profilesUrl, keysUrl }: EngineSettings): boolean =>
  eventsUrl === undefined && profilesUrl === undefined && keysUrl === undefined;

/**
 * Whether offsets of the log are kept in the embedded store: of its own topics, or with all else in its transaction. Kafka's
 * topics are not known to it where stages work apart, and Kafka's retention asks no consumer.
 */
export const keepsOffsets = (settings: EngineSettings): boolean => settings.logUrl === undefined || isFused(settings);

/** Topics of ours that a relay copies to Kafka, where everything else stays in one transaction. */
export const outboxOf = (channels: readonly string[]): readonly string[] => [
  FEED_TOPIC,
  ...channels.map(quarantineTopic),
];

/** Without any URL: the embedded engines themselves. */
export const mixEngines = async (own: Connection, engines: Engines): Promise<Mixed> => {
  const { settings } = engines;
  if (isFused(settings)) {
    if (settings.logUrl === undefined) return { store: own, kafka: null };
    const kafka = await engines.kafka();
    const log = foreignInput(kafka, own, outboxTopics);
    return {
      kafka,
      store: {
        ...delegated(own),
        log,
        pressure: () => Math.max(own.pressure(), kafka.pressure()),
      },
    };
  }
  const log = settings.logUrl === undefined ? null : await engines.log();
  const profiles = settings.profilesUrl === undefined ? own : await engines.profiles();
  return {
    kafka: log?.kafka ?? null,
    store: {
      ...delegated(own),
      ...(log ? { log, pressure: () => log.kafka.pressure() } : {}),
      ...(settings.eventsUrl === undefined ? {} : { events: await engines.events() }),
      documents: profiles.documents,
      seen: profiles.seen,
      ...(settings.keysUrl === undefined ? {} : { vault: await engines.vault() }),
    },
  };
};

/** By name, so that a channel that comes later is in it, too. */
const outboxTopics = { has: (topic: string) => topic === FEED_TOPIC || topic.startsWith(quarantineTopic('')) } as Pick<
  ReadonlySet<string>,
  'has'
> as ReadonlySet<string>;

const delegated = (own: Connection): Connection => ({
  log: own.log,
  events: own.events,
  documents: own.documents,
  seen: own.seen,
  vault: own.vault,
  sink: own.sink,
  pressure: () => own.pressure(),
  onCommit: (listener) => own.onCommit(listener),
  expire: (now_ms) => own.expire(now_ms),
  scrub: () => own.scrub(),
  copy: (into) => own.copy(into),
  stats: () => own.stats(),
  rest: () => own.rest(),
  close: () => own.close(),
});
