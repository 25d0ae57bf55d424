import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { avroType, type AvroType } from './avro-types.js';

/** One line of `schemas/registry.json`. Lines are only ever added. */
export interface RegistryEntry {
  /** Stands in each message that was written with this schema; never changes, never comes back. */
  readonly id: number;
  /** Full name of the record: the subject by Confluent's record-name strategy. */
  readonly subject: string;
  /** From 1, without gaps. */
  readonly version: number;
  /** Of the schema, from the folder of `registry.json`. */
  readonly path: string;
  /** SHA-256 of the schema's canonical form: documentation may be mended afterwards, meaning may not. */
  readonly fingerprint: string;
}

export interface PublishedSchema extends RegistryEntry {
  /** The schema's JSON text as published, whole and self-contained. */
  readonly schema: string;
  readonly type: AvroType;
}

export const registryFile = 'registry.json';

export const fingerprintOf = (type: AvroType): string => type.fingerprint('sha256').toString('hex');

/** Reads `registry.json` and every schema that it lists. Throws where a file is absent or no Avro schema. */
export const readRegistry = (directory: string): readonly PublishedSchema[] => {
  const entries = JSON.parse(readFileSync(join(directory, registryFile), 'utf8')) as readonly RegistryEntry[];
  return entries.map((entry) => {
    const file = join(directory, entry.path);
    try {
      const parsed = JSON.parse(readFileSync(file, 'utf8')) as object;
      return { ...entry, schema: JSON.stringify(parsed), type: avroType(parsed) };
    } catch (cause) {
      throw new Error(`${file} cannot be read as an Avro schema`, { cause });
    }
  });
};
