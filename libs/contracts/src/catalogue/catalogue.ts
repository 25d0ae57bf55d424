import { touchpointTypes, type AnyTouchpoint, type TouchpointType } from '@tributary/domain';
import { shippedSchemas } from '../shipped-files.js';
import { type AvroType } from './avro-types.js';
import { readRegistry, type PublishedSchema } from './registry-file.js';
import { subjectOfType } from './touchpoint-subject.js';
import { Undecodable } from './undecodable.js';
import { readBody, schemaIdOf, WireWriter } from './wire.js';

const NEWER = 'if a newer version of the platform wrote it, upgrade who reads before who writes: docs/guide/running.md';

/** What the Confluent registry's read API answers from. */
export interface SchemaListing {
  readonly id: number;
  readonly subject: string;
  readonly version: number;
  /** JSON text of the Avro schema, whole and self-contained. */
  readonly schema: string;
}

export interface Catalogue {
  /**
   * A touchpoint in the Confluent wire format, by the newest schema of its type. The bytes are a view on a chunk of
   * 64 KB shared with other messages: copy what is kept for long or posted to another thread, and never transfer its
   * buffer. Throws TypeError, which names the field and not its value.
   */
  encode(touchpoint: AnyTouchpoint): Uint8Array;
  /** The touchpoint in a message of any published version. Throws `Undecodable`. */
  decode(bytes: Uint8Array): AnyTouchpoint;
  /** As `encode`, for a record of any subject. */
  encodeRecord(subject: string, record: object): Uint8Array;
  /** The record in a message of any version of `subject`, in its newest form. Throws `Undecodable`. */
  decodeRecord(subject: string, bytes: Uint8Array): unknown;
  /** All that was ever published, ascending by id. */
  schemas(): readonly SchemaListing[];
  schemaById(id: number): SchemaListing | undefined;
  /** Sorted. */
  subjects(): readonly string[];
  /** Ascending; empty for an unknown subject. */
  versions(subject: string): readonly number[];
  schemaOf(subject: string, version: number | 'latest'): SchemaListing | undefined;
}

/** How a schema's messages are read: its subject's newest type, through a resolver where it is not the newest itself. */
interface Reading {
  readonly subject: string;
  readonly touchpointType: TouchpointType | undefined;
  readonly type: AvroType;
  readonly resolver: ReturnType<AvroType['createResolver']> | undefined;
}

interface Writing {
  readonly id: number;
  readonly type: AvroType;
}

type Envelope = Omit<AnyTouchpoint, 'type'>;

/** Opens the published schemas of a folder (default: those that the project ships). Throws where they cannot be read. */
export const openCatalogue = (directory: string = shippedSchemas): Catalogue => {
  const published = readRegistry(directory);
  const newest = new Map<string, PublishedSchema>();
  for (const schema of published) {
    const known = newest.get(schema.subject);
    if (known === undefined || known.version < schema.version) newest.set(schema.subject, schema);
  }

  const typeOfSubject = new Map(touchpointTypes.map((type) => [subjectOfType(type), type]));
  const readings = new Map<number, Reading>();
  for (const schema of published) {
    const { type, id } = newest.get(schema.subject) as PublishedSchema;
    const resolver = id === schema.id ? undefined : type.createResolver(schema.type);
    readings.set(schema.id, {
      subject: schema.subject,
      touchpointType: typeOfSubject.get(schema.subject),
      type,
      resolver,
    });
  }

  const writings = new Map<TouchpointType, Writing>();
  for (const type of touchpointTypes) {
    const schema = newest.get(subjectOfType(type));
    if (schema === undefined) throw new Error(`no schema is published for touchpoint type ${type} in ${directory}`);
    writings.set(type, schema);
  }

  const listings = published
    .map(({ id, subject, version, schema }) => ({ id, subject, version, schema }))
    .sort((a, b) => a.id - b.id);
  const byId = new Map(listings.map((listing) => [listing.id, listing]));
  const versionsOf = (subject: string) =>
    listings.filter((listing) => listing.subject === subject).sort((a, b) => a.version - b.version);

  const writer = new WireWriter();
  const write = (name: string, writing: Writing, value: object): Uint8Array => {
    try {
      return writer.write(writing.id, writing.type, value);
    } catch {
      // avsc's own message quotes the value, which may be personal.
      throw new TypeError(`a record of ${name} does not fit its schema at ${misfitOf(writing.type, value)}`);
    }
  };
  const readingOf = (bytes: Uint8Array): Reading => {
    const id = schemaIdOf(bytes);
    const reading = readings.get(id);
    if (reading === undefined) throw new Undecodable('unknown_schema_id', `${id} is not in the catalogue; ${NEWER}`);
    return reading;
  };

  return {
    encode: (touchpoint) => {
      const writing = writings.get(touchpoint.type);
      if (writing === undefined) throw new TypeError('not a touchpoint type of the catalogue');
      return write(touchpoint.type, writing, touchpoint);
    },
    decode: (bytes) => {
      const { subject, touchpointType, type, resolver } = readingOf(bytes);
      if (touchpointType === undefined) throw new Undecodable('not_a_touchpoint', `a record of ${subject}`);
      const read = readBody(bytes, type, resolver) as Envelope;
      return {
        channel: read.channel,
        type: touchpointType,
        messageId: read.messageId,
        occurredAt: read.occurredAt,
        receivedAt: read.receivedAt,
        identifiers: read.identifiers,
        payload: read.payload,
      } as AnyTouchpoint;
    },
    encodeRecord: (subject, record) => {
      const schema = newest.get(subject);
      if (schema === undefined) throw new TypeError(`no schema is published for ${subject}`);
      return write(subject, schema, record);
    },
    decodeRecord: (subject, bytes) => {
      const reading = readingOf(bytes);
      if (reading.subject !== subject)
        throw new Undecodable('unknown_schema_id', `a record of ${reading.subject}, not of ${subject}`);
      return readBody(bytes, reading.type, reading.resolver);
    },
    schemas: () => listings,
    schemaById: (id) => byId.get(id),
    subjects: () => [...newest.keys()].sort(),
    versions: (subject) => versionsOf(subject).map((listing) => listing.version),
    schemaOf: (subject, version) => {
      const all = versionsOf(subject);
      return version === 'latest' ? all.at(-1) : all.find((listing) => listing.version === version);
    },
  };
};

const misfitOf = (type: AvroType, value: object): string => {
  let at = 'an unknown place';
  type.isValid(value, { errorHook: (path) => void (at = path.join('.') || 'its root') });
  return at;
};
