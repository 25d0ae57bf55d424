/**
 * Writes the pages that are made from the code: the data dictionary and the touchpoint types. With `--check`, says which
 * of them are out of date instead, and exits with 1.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import {
  loadIdentityRules,
  payloadJsonSchemas,
  readRegistry,
  shippedSchemas,
  subjectOfType,
} from '@tributary/contracts';
import { touchpointTypes, volumeClass } from '@tributary/domain';
import { dataDictionary } from '@tributary/warehouse';
import { format, resolveConfig } from 'prettier';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');

const shape = (schema) => {
  if (schema.enum) return schema.enum.map((value) => `\`${value}\``).join(' \\| ');
  if (schema.oneOf ?? schema.anyOf) return (schema.oneOf ?? schema.anyOf).map(shape).join(' or ');
  if (schema.type === 'array') return `list of ${shape(schema.items ?? {})}`;
  if (schema.type === 'object' && Object.keys(schema.properties ?? {}).length > 0) return `object (${members(schema)})`;
  return [schema.type].flat().join(' or ') + (schema.format ? ` (${schema.format})` : '') + range(schema);
};

/** Amounts say theirs in words: of their number it is but one half. */
const range = ({ minimum, maximum }) =>
  minimum === undefined || maximum === undefined ? '' : ` (${[minimum, maximum].map(grouped).join(' to ')})`;
const grouped = (number) => number.toLocaleString('en');

const members = ({ properties, required = [] }) => {
  const optional = Object.keys(properties).filter((name) => !required.includes(name));
  return [required.length > 0 ? `required: ${required.join(', ')}` : '', optional.join(', ')]
    .filter(Boolean)
    .join('; ');
};

/** What a type is for, as its newest schema says. */
const saidOfTypes = new Map(
  readRegistry(shippedSchemas).map(({ subject, schema }) => [subject, JSON.parse(schema).doc]),
);

const identifierTypes = () => {
  const { types } = loadIdentityRules({ lookupKey: new Uint8Array(32) });
  return Object.entries(types).sort(([, a], [, b]) => a.priority - b.priority);
};

const touchpoints = () =>
  [
    '# Touchpoint types',
    '',
    '<!-- Generated from libs/contracts and schemas/. Do not edit. -->',
    '',
    'What `POST /v1/touchpoints` takes. Every touchpoint has `type`, `messageId` (the producer’s own, unique within the channel; a',
    'retry carries the same one), `occurredAt` (ISO 8601 with an offset, or milliseconds), `identifiers` (a list of',
    '`{ type, value }`, possibly empty) and `payload`, whose fields stand below. Amounts are decimal texts such as `"12.34"`.',
    'A fact is an event of its own; behaviour is summed per batch, and each row goes to ClickHouse.',
    '',
    'Types of identifiers, the strongest first (the touchpoint is filed under its strongest one), each written as people write it:',
    `${identifierTypes()
      .map(([type]) => `\`${type}\``)
      .join(', ')}. Their rules, and types of your own: \`rules/identity.yaml\`.`,
    '',
    ...touchpointTypes.flatMap((type) => {
      const schema = payloadJsonSchemas[type];
      const required = new Set(schema.required ?? []);
      return [
        `## \`${type}\``,
        '',
        `${saidOfTypes.get(subjectOfType(type))} Class: ${volumeClass[type]}.`,
        '',
        '| Field | | What |',
        '|---|---|---|',
        ...Object.entries(schema.properties ?? {}).map(
          ([name, field]) =>
            `| \`${name}\` | ${required.has(name) ? 'required' : ''} | ${shape(field)}${field.description ? `. ${field.description.replaceAll('|', '\\|')}` : ''} |`,
        ),
        '',
      ];
    }),
  ].join('\n');

const pages = { 'docs/data-dictionary.md': dataDictionary(), 'docs/guide/touchpoints.md': touchpoints() };
let stale = 0;
for (const [path, text] of Object.entries(pages)) {
  const file = join(root, path);
  const wanted = await format(text, { ...(await resolveConfig(file)), filepath: file });
  if (process.argv.includes('--check')) {
    let held = '';
    try {
      held = readFileSync(file, 'utf8');
    } catch {
      // Missing is out of date.
    }
    if (held !== wanted) {
      stale += 1;
      process.stderr.write(`${path} is out of date: run npm run docs\n`);
    }
  } else writeFileSync(file, wanted);
}
process.exit(stale > 0 ? 1 : 0);
