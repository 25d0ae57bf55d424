import { afterAll, describe, expect, it } from '@jest/globals';
import { type AnyTouchpoint, type Touchpoint } from '@tributary/domain';
import { type SubjectId } from '@tributary/kernel';
import avsc from 'avsc';
import fc from 'fast-check';
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { decodeBehaviourSum, encodeBehaviourSum, type BehaviourSum } from '../facts/behaviour-sum.js';
import { shippedSchemas } from '../shipped-files.js';
import { avroType } from './avro-types.js';
import { openCatalogue } from './catalogue.js';
import { fingerprintOf, readRegistry, registryFile, type RegistryEntry } from './registry-file.js';
import { Undecodable } from './undecodable.js';

const catalogue = openCatalogue();
const registry = readRegistry(shippedSchemas);

const golden = (path: string): { bytes: Buffer; value: unknown } => {
  const base = join(shippedSchemas, path.replace(/\.avsc$/, '.golden'));
  return {
    bytes: Buffer.from(readFileSync(`${base}.hex`, 'utf8').replace(/\s/g, ''), 'hex'),
    value: JSON.parse(readFileSync(`${base}.json`, 'utf8')),
  };
};
const decoded = (path: string, bytes: Uint8Array): unknown =>
  path.startsWith('touchpoint/') ? catalogue.decode(bytes) : decodeBehaviourSum(bytes);
const encoded = (path: string, value: unknown): Uint8Array =>
  path.startsWith('touchpoint/') ? catalogue.encode(value as AnyTouchpoint) : encodeBehaviourSum(value as BehaviourSum);

/** The newest schema of each subject: what is written today. */
const newest = registry.filter(
  ({ subject, version }) => !registry.some((other) => other.subject === subject && other.version > version),
);

interface Described {
  readonly type: unknown;
  readonly items?: unknown;
  readonly fields?: readonly { readonly name: string; readonly type: unknown; readonly default?: unknown }[];
}

/** A value of an older version as the newest reads it: with the defaults of all that it does not state. */
const withDefaults = (schema: unknown, value: unknown): unknown => {
  if (typeof schema !== 'object' || schema === null || Array.isArray(schema)) return value;
  const { type, items, fields } = schema as Described;
  if (type === 'array') return (value as readonly unknown[]).map((item) => withDefaults(items, item));
  if (type !== 'record') return value;
  const stated = value as Readonly<Record<string, unknown>>;
  return Object.fromEntries(
    (fields ?? []).map((field) => [
      field.name,
      field.name in stated ? withDefaults(field.type, stated[field.name]) : field.default,
    ]),
  );
};

const newestForm = ({ subject }: { readonly subject: string }, value: unknown): unknown => {
  const { schema } = newest.find((other) => other.subject === subject) as (typeof newest)[0];
  return { ...(value as object), ...(withDefaults(JSON.parse(schema), value) as object) };
};

const reasonOf = (read: () => unknown): string => {
  try {
    read();
  } catch (error) {
    if (error instanceof Undecodable) return error.reason;
    throw error;
  }
  return 'was decoded';
};

/** Any value of an Avro schema. */
const valueOf = (schema: unknown): fc.Arbitrary<unknown> => {
  if (Array.isArray(schema)) return fc.oneof(...schema.map(valueOf));
  if (typeof schema === 'object' && schema !== null) {
    const { type, fields, items, values, symbols, logicalType } = schema as {
      type: unknown;
      fields?: readonly { name: string; type: unknown }[];
      items?: unknown;
      values?: unknown;
      symbols?: readonly string[];
      logicalType?: string;
    };
    if (type === 'record')
      return fc.record(Object.fromEntries((fields ?? []).map((field) => [field.name, valueOf(field.type)])), {
        noNullPrototype: true,
      });
    if (type === 'array') return fc.array(valueOf(items), { maxLength: 4 });
    if (type === 'map')
      return fc.dictionary(
        fc.string({ unit: 'grapheme' }).filter((key) => key !== '__proto__'),
        valueOf(values) as fc.Arbitrary<string>,
        { maxKeys: 4, noNullPrototype: true },
      );
    if (type === 'enum') return fc.constantFrom(...(symbols ?? []));
    if (logicalType === 'tributary-subject')
      return fc.uint8Array({ minLength: 16, maxLength: 16 }).map((bytes) => `s_${Buffer.from(bytes).toString('hex')}`);
    return valueOf(type);
  }
  switch (schema) {
    case 'null':
      return fc.constant(null);
    case 'string':
      return fc.string({ unit: 'grapheme', maxLength: 100 });
    case 'long':
      return fc.integer({ min: -4e15, max: 9e15 }).map((n) => n + 0);
    case 'int':
      return fc.integer();
    case 'double':
      return fc.double({ noNaN: true });
    case 'boolean':
      return fc.boolean();
    default:
      throw new Error(`no values for ${String(schema)}`);
  }
};

describe.each(registry.map((schema) => [schema.path, schema] as const))('%s', (path, schema) => {
  it('still reads the bytes that were published with it', () => {
    const { bytes, value } = golden(path);
    expect(bytes.readUInt32BE(1)).toBe(schema.id);
    expect(decoded(path, bytes)).toStrictEqual(newestForm(schema, value));
  });

  it('says what every field means', () => {
    const undocumented: string[] = [];
    const visit = (node: unknown): void => {
      if (Array.isArray(node)) return node.forEach(visit);
      if (typeof node !== 'object' || node === null) return;
      const record = node as { name?: string; fields?: readonly { name: string; doc?: string }[] };
      for (const field of record.fields ?? []) if (!field.doc) undocumented.push(`${record.name}.${field.name}`);
      Object.values(node).forEach(visit);
    };
    visit(JSON.parse(schema.schema));
    expect(undocumented).toEqual([]);
  });
});

describe.each(
  newest.filter(({ path }) => path.startsWith('touchpoint/')).map((schema) => [schema.subject, schema] as const),
)('%s', (_, { path, schema }) => {
  it('gives back what was written, for any values', () => {
    const { type } = golden(path).value as AnyTouchpoint;
    fc.assert(
      fc.property(valueOf(JSON.parse(schema)), (record) => {
        const touchpoint = { ...(record as object), type } as AnyTouchpoint;
        expect(catalogue.decode(catalogue.encode(touchpoint))).toStrictEqual(touchpoint);
      }),
      { numRuns: 50 },
    );
  });
});

const page: Touchpoint<'page_viewed'> = {
  channel: 'app',
  type: 'page_viewed',
  messageId: 'm-1',
  occurredAt: 1_717_151_400_250,
  receivedAt: 1_717_151_401_000,
  identifiers: [{ type: 'device', value: 'd-1', subject: `s_${'0f'.repeat(16)}` as SubjectId }],
  payload: { path: '/', title: null, productId: null, category: '家居', campaign: null },
};

describe('the wire', () => {
  it('is written in the same bytes every time', () => {
    for (const { path } of newest) {
      const { bytes, value } = golden(path);
      expect(Buffer.from(encoded(path, value))).toEqual(bytes);
    }
  });

  it('is plain Avro that a stranger’s library reads and writes alike', () => {
    for (const { path, schema } of registry) {
      const { bytes } = golden(path);
      const type = avsc.Type.forSchema(JSON.parse(schema) as avsc.Schema, { wrapUnions: 'always' });
      expect(type.toBuffer(type.fromBuffer(bytes.subarray(5)))).toEqual(bytes.subarray(5));
    }
  });

  it('keeps earlier messages as later ones are written, however large', () => {
    const large = { ...page, payload: { ...page.payload, title: '大'.repeat(100_000) } };
    const messages = Array.from({ length: 2_000 }, (_, i) => ({
      ...(i % 500 === 7 ? large : page),
      messageId: `m-${i}`,
    }));
    const bytes = messages.map((message) => catalogue.encode(message));
    expect(bytes.map((message) => catalogue.decode(message))).toEqual(messages);
  });

  it('reads a plain Uint8Array, too', () => {
    expect(catalogue.decode(Uint8Array.from(catalogue.encode(page)))).toStrictEqual(page);
  });

  it('names the field and not the value of what does not fit', () => {
    const wrong = { ...page, payload: { ...page.payload, title: 42_424_242 } } as unknown as AnyTouchpoint;
    expect(() => catalogue.encode(wrong)).toThrow(/page_viewed .* at payload\.title/);
    expect(() => catalogue.encode(wrong)).not.toThrow(/42424242/);
  });
});

describe('bytes that are no message', () => {
  const good = catalogue.encode(page);

  it.each([
    ['empty', new Uint8Array()],
    ['truncated', good.subarray(0, 3)],
    ['bad_magic', Uint8Array.of(1, ...good.subarray(1))],
    ['unknown_schema_id', Uint8Array.of(0, 255, 255, 255, 255, ...good.subarray(5))],
    ['trailing_bytes', Uint8Array.of(...good, 0)],
    ['not_a_touchpoint', golden('subject/BehaviourSummed/1.avsc').bytes],
  ])('are refused as %s', (reason, bytes) => {
    expect(reasonOf(() => catalogue.decode(bytes))).toBe(reason);
  });

  it('are refused wherever they are cut off', () => {
    for (let end = 5; end < good.length; end++)
      expect(reasonOf(() => catalogue.decode(good.subarray(0, end)))).toBe('truncated');
  });

  it('do not fill the memory by announcing a list of billions', () => {
    // Empty channel and messageId, two zero instants, then a block count of 2^40.
    const body = Uint8Array.of(0, 0, 0, 0, 0x80, 0x80, 0x80, 0x80, 0x80, 0x40);
    expect(reasonOf(() => catalogue.decode(Uint8Array.of(...good.subarray(0, 5), ...body)))).toBe('truncated');
  });

  it('never do anything but be refused or read', () => {
    const ids = registry.map((schema) => schema.id);
    fc.assert(
      fc.property(fc.constantFrom(...ids), fc.uint8Array({ maxLength: 200 }), (id, body) => {
        reasonOf(() => catalogue.decode(Uint8Array.of(0, 0, 0, 0, id, ...body)));
      }),
      { numRuns: 5_000 },
    );
  });

  it('never do anything but be refused or read, when one byte is damaged', () => {
    const order = golden('touchpoint/OrderPlaced/1.avsc').bytes;
    fc.assert(
      fc.property(fc.nat(order.length - 1), fc.nat(255), (at, byte) => {
        const damaged = Buffer.from(order);
        damaged[at] = byte;
        reasonOf(() => catalogue.decode(damaged));
      }),
      { numRuns: 2_000 },
    );
  });
});

describe('a newer version', () => {
  const directory = mkdtempSync(join(tmpdir(), 'tributary-schemas-'));
  afterAll(() => rmSync(directory, { recursive: true }));
  cpSync(shippedSchemas, directory, { recursive: true });
  const entries = JSON.parse(readFileSync(join(directory, registryFile), 'utf8')) as RegistryEntry[];
  const latest = entries.filter((entry) => entry.subject.endsWith('PageViewed')).at(-1) as RegistryEntry;
  const schema = JSON.parse(readFileSync(join(directory, latest.path), 'utf8')) as {
    fields: { name: string; type: { fields: object[] } }[];
  };
  schema.fields
    .find((field) => field.name === 'payload')
    ?.type.fields.push({ name: 'referrer', type: ['null', 'string'], default: null, doc: 'Where from.' });
  const version = latest.version + 1;
  const path = join(dirname(latest.path), `${version}.avsc`);
  writeFileSync(join(directory, path), JSON.stringify(schema));
  const added = { ...latest, id: entries.length + 1, version, path, fingerprint: fingerprintOf(avroType(schema)) };
  writeFileSync(join(directory, registryFile), JSON.stringify([...entries, added]));
  const newer = openCatalogue(directory);

  it('reads what older ones wrote', () => {
    const read = newer.decode(catalogue.encode(page));
    expect(read).toStrictEqual({ ...page, payload: { ...page.payload, referrer: null } });
    expect(newer.decode(newer.encode(read))).toStrictEqual(read);
  });

  it('is what is written from then on, while a reader that has not got it says so', () => {
    const bytes = newer.encode({ ...page, payload: { ...page.payload, referrer: 'x' } } as AnyTouchpoint);
    expect(Buffer.from(bytes).readUInt32BE(1)).toBe(added.id);
    expect(reasonOf(() => catalogue.decode(bytes))).toBe('unknown_schema_id');
    expect(() => catalogue.decode(bytes)).toThrow('upgrade who reads before who writes');
  });

  it('guards the lists of older versions, too', () => {
    const header = catalogue.encode(page).subarray(0, 5);
    const body = Uint8Array.of(0, 0, 0, 0, 0x80, 0x80, 0x80, 0x80, 0x80, 0x40);
    expect(reasonOf(() => newer.decode(Uint8Array.of(...header, ...body)))).toBe('truncated');
  });

  it('is listed', () => {
    expect(newer.versions(latest.subject)).toEqual(Array.from({ length: version }, (_, i) => i + 1));
    expect(newer.schemaOf(latest.subject, 'latest')?.id).toBe(added.id);
    expect(newer.schemaOf(latest.subject, latest.version)?.id).toBe(latest.id);
    expect(newer.schemaById(added.id)?.version).toBe(version);
  });
});

describe('the listing', () => {
  it('holds whole schemas that a stranger can read', () => {
    for (const { id, schema } of catalogue.schemas()) {
      expect(avroType(JSON.parse(schema) as object).name).toBe(catalogue.schemaById(id)?.subject);
    }
    expect(catalogue.subjects()).toEqual([...new Set(registry.map(({ subject }) => subject))].sort());
    expect(catalogue.versions('nobody')).toEqual([]);
    expect(catalogue.schemaById(0)).toBeUndefined();
  });
});
