import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { touchpointTypes } from '@tributary/domain';
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Field } from '../door/field.js';
import { payloadFields } from '../door/payload-fields.js';
import { shippedSchemas } from '../shipped-files.js';
import { avroType } from './avro-types.js';
import { openCatalogue } from './catalogue.js';
import { checkSchemas } from './compatibility.js';
import { fingerprintOf, registryFile, type RegistryEntry } from './registry-file.js';
import { subjectOfType } from './touchpoint-subject.js';

interface AvroField {
  readonly name: string;
  readonly type: unknown;
  readonly default?: unknown;
}
const fieldsOf = (schema: string): readonly AvroField[] =>
  (JSON.parse(schema) as { fields: readonly AvroField[] }).fields;

describe('the shipped schemas', () => {
  it('are listed, unchanged and compatible', () => {
    expect(checkSchemas(shippedSchemas)).toEqual([]);
  });

  const catalogue = openCatalogue();
  const newest = touchpointTypes.map(
    (type) => [type, fieldsOf(catalogue.schemaOf(subjectOfType(type), 'latest')?.schema ?? '')] as const,
  );

  it.each(newest)('%s has the envelope of all', (_, fields) => {
    const envelope = (all: readonly AvroField[]) => all.filter((field) => field.name !== 'payload');
    expect(envelope(fields)).toEqual(envelope((newest[0] as (typeof newest)[0])[1]));
  });

  it.each(newest)('%s holds the fields that the door reads', (type, fields) => {
    const payload = (fields.find((field) => field.name === 'payload') as unknown as { type: { fields: AvroField[] } })
      .type.fields;
    const door = payloadFields[type] as unknown as Readonly<Record<string, Field<unknown>>>;
    expect(payload.map((field) => field.name)).toEqual(Object.keys(door));
    // What the door may leave out has a default, and only that.
    expect(payload.map((field) => [field.name, 'default' in field])).toEqual(
      Object.entries(door).map(([name, field]) => [name, !field.required]),
    );
  });
});

describe('checkSchemas', () => {
  let directory: string;
  const search = 'touchpoint/Searched/1.avsc';
  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'tributary-schemas-'));
    cpSync(shippedSchemas, directory, { recursive: true });
  });
  afterEach(() => rmSync(directory, { recursive: true }));

  const entries = () => JSON.parse(readFileSync(join(directory, registryFile), 'utf8')) as RegistryEntry[];
  const writeEntries = (all: readonly RegistryEntry[]) =>
    writeFileSync(join(directory, registryFile), JSON.stringify(all));
  const edit = (path: string, change: (text: string) => string, to = path) =>
    writeFileSync(join(directory, to), change(readFileSync(join(directory, path), 'utf8')));
  const addVersion2 = (change: (text: string) => string) => {
    const path = 'touchpoint/Searched/2.avsc';
    edit(search, change, path);
    const schema = JSON.parse(readFileSync(join(directory, path), 'utf8')) as object;
    writeEntries([
      ...entries(),
      {
        id: entries().length + 1,
        subject: 'tributary.touchpoint.Searched',
        version: 2,
        path,
        fingerprint: fingerprintOf(avroType(schema)),
      },
    ]);
  };

  it('finds a schema that nobody listed', () => {
    edit(search, (text) => text, 'touchpoint/Searched/2.avsc');
    expect(checkSchemas(directory)).toEqual(['touchpoint/Searched/2.avsc: not listed in registry.json']);
  });

  it('finds a published schema that was changed, but lets its words be mended', () => {
    edit(search, (text) => text.replace('A search was made.', 'Something was looked for.'));
    expect(checkSchemas(directory)).toEqual([]);
    edit(search, (text) => text.replace('"name": "query"', '"name": "words"'));
    expect(checkSchemas(directory)).toEqual([expect.stringContaining('was changed after it was published')]);
  });

  it('finds ids that were moved', () => {
    const all = entries();
    writeEntries([all[1] as RegistryEntry, all[0] as RegistryEntry, ...all.slice(2)]);
    expect(checkSchemas(directory)).toHaveLength(2);
  });

  it('accepts a version that can read the older ones', () => {
    addVersion2((text) => text.replace('"name": "query"', '"name": "query", "aliases": ["words"]'));
    expect(checkSchemas(directory)).toEqual([]);
  });

  it('finds a version that cannot read an older one', () => {
    addVersion2((text) => text.replace('"name": "query"', '"name": "words"'));
    expect(checkSchemas(directory)).toEqual([expect.stringContaining('2.avsc: cannot read version 1')]);
  });
});
