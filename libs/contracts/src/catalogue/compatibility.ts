import { readdirSync } from 'node:fs';
import { join, relative, sep } from 'node:path';
import { fingerprintOf, readRegistry, type PublishedSchema } from './registry-file.js';

/**
 * What is wrong with a folder of schemas; empty if nothing is. Every schema file is listed, ids and versions are
 * unique and rise without gaps, what was published means what it meant, and each version reads all before it
 * (BACKWARD_TRANSITIVE), so that a consumer with today's schemas reads all history.
 */
export const checkSchemas = (directory: string): readonly string[] => {
  const published = readRegistry(directory);
  return [
    ...unlisted(directory, published),
    ...published.flatMap((schema, i) => [
      ...(schema.id === i + 1
        ? []
        : [`${schema.path}: id ${schema.id} stands where ${i + 1} belongs; lines are added at the end`]),
      ...entryFaults(schema),
    ]),
    ...[...bySubject(published).values()].flatMap(versionFaults),
  ];
};

const unlisted = (directory: string, published: readonly PublishedSchema[]): readonly string[] => {
  const listed = new Set(published.map((schema) => schema.path));
  return readdirSync(directory, { recursive: true, withFileTypes: true })
    .filter((file) => file.isFile() && file.name.endsWith('.avsc'))
    .map((file) => relative(directory, join(file.parentPath, file.name)).split(sep).join('/'))
    .filter((path) => !listed.has(path))
    .map((path) => `${path}: not listed in registry.json`);
};

const entryFaults = (schema: PublishedSchema): readonly string[] => {
  const faults: string[] = [];
  if (schema.type.name !== schema.subject)
    faults.push(`${schema.path}: defines ${schema.type.name}, listed as ${schema.subject}`);
  if (!schema.path.endsWith(`/${schema.version}.avsc`))
    faults.push(`${schema.path}: listed as version ${schema.version}`);
  const fingerprint = fingerprintOf(schema.type);
  if (fingerprint !== schema.fingerprint)
    faults.push(
      `${schema.path}: was changed after it was published; add a version instead (its fingerprint is ${fingerprint})`,
    );
  return faults;
};

const bySubject = (published: readonly PublishedSchema[]): ReadonlyMap<string, PublishedSchema[]> => {
  const subjects = new Map<string, PublishedSchema[]>();
  for (const schema of published) subjects.set(schema.subject, [...(subjects.get(schema.subject) ?? []), schema]);
  return subjects;
};

const versionFaults = (versions: readonly PublishedSchema[]): readonly string[] =>
  versions.flatMap((schema, i) => [
    ...(schema.version === i + 1 ? [] : [`${schema.path}: version ${schema.version} follows version ${i}`]),
    ...versions.slice(0, i).flatMap((older) => {
      try {
        schema.type.createResolver(older.type);
        return [];
      } catch (error) {
        return [
          `${schema.path}: cannot read version ${older.version}: ${error instanceof Error ? error.message : 'incompatible'}`,
        ];
      }
    }),
  ]);
