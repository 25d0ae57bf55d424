import { isTimeZone } from '@tributary/contracts';
import { isChannelName } from '@tributary/domain';
import { parseDocument } from 'yaml';
import { cellOf } from './columns.js';
import { conditionOf } from './condition.js';
import { emissionOf } from './emission.js';
import { ChannelFileError, MapFailure } from './errors.js';
import { instantParser } from './instants.js';
import { nativeMapper, recordMapper } from './mapping.js';
import {
  type Channel,
  type ChannelSample,
  type ChannelSource,
  type Grouping,
  type NativeEnvelope,
  type Row,
  type SourceFormat,
} from './model.js';
import { formatsOf, zoneRemedy } from './stated-formats.js';
import { type Source } from './source.js';
import { Spec } from './spec.js';

/**
 * Compiles one channel file.
 * @param file how complaints call it
 * @throws ChannelFileError naming the place, what is wrong there and what to write instead
 */
export const parseChannel = (text: string, file: string): Channel => {
  const document = parseDocument(text);
  const [broken] = document.errors;
  if (broken)
    throw new ChannelFileError(
      file,
      '',
      `is not YAML: ${broken.message.split('\n')[0] ?? ''}`,
      'Mend the indentation or the quotes there.',
    );
  const root = new Spec(document.toJS(), '', file).only('name', 'title', 'description', 'sources', 'samples');
  const name = root.at('name').text();
  if (!isChannelName(name))
    root.at('name').fail('is not a channel name', 'Write small letters, digits and underscores, a letter first.');
  const title = root.at('title').only('en', 'zh');
  const sources = root.at('sources').items();
  if (sources.length === 0) root.at('sources').fail('is empty', 'Describe at least one source.');
  return {
    name,
    file,
    title: { en: title.at('en').text(), zh: title.at('zh').text() },
    description: root.at('description').textOr('').trim(),
    sources: sources.map((s, i) => sourceOf(s, i, sources.length > 1)),
    samples: root.at('samples').isAbsent ? [] : root.at('samples').items().map(sampleOf),
  };
};

const sourceOf = (spec: Spec, index: number, several: boolean): ChannelSource => {
  spec.only(
    ...['name', 'files', 'format', 'columns', 'header', 'skip', 'delimiter', 'quote', 'encoding', 'nulls', 'trim'],
    ...['dates', 'zone', 'group', 'ignore', 'emit'],
  );
  const format = formatOf(spec);
  const files = spec.at('files').textsOrNone();
  if (several && files.length === 0)
    spec.fail('has no `files`', "Where a channel has several sources, each says which files it reads: ['users*.csv'].");
  const named = { name: spec.at('name').textOr(`source ${index + 1}`), files, format };
  if (spec.at('emit').value === 'native') {
    if (format.kind !== 'ndjson') spec.at('emit').fail('is `native`', 'Touchpoints as they are come as ndjson.');
    return { ...named, group: null, map: nativeMapper };
  }
  const source = compileContext(spec, format);
  const group = spec.at('group').isAbsent ? null : groupingOf(spec.at('group'), source);
  const ignore = spec.at('ignore').isAbsent ? [] : spec.at('ignore').items();
  const rules = ignore.map((rule) => {
    rule.only('when', 'because');
    return { when: conditionOf(rule.at('when'), source), because: rule.at('because').text() };
  });
  const emit = spec.at('emit').items();
  if (emit.length === 0) spec.at('emit').fail('is empty', 'Say which touchpoints a record makes.');
  return {
    ...named,
    group,
    map: recordMapper(
      rules,
      emit.map((e) => emissionOf(e, source, group !== null)),
    ),
  };
};

const formatOf = (spec: Spec): SourceFormat => {
  const kind = spec.at('format').choiceOr(['csv', 'whitespace', 'ndjson'], 'csv');
  const columns = spec.at('columns').textsOrNone();
  if (kind !== 'ndjson' && columns.length === 0)
    spec.at('columns').fail('is missing', "List the file's columns in their order: [InvoiceNo, StockCode].");
  if (new Set(columns).size !== columns.length)
    spec.at('columns').fail('names a column twice', 'Give each its own name.');
  const delimiter = spec.at('delimiter').textOr(',');
  const quote = spec.at('quote').value === null ? null : spec.at('quote').textOr('"');
  if (delimiter.length !== 1) spec.at('delimiter').fail('must be one character', "Write ',' or ';' or '|' or \"\\t\".");
  if (quote !== null && quote.length !== 1)
    spec.at('quote').fail('must be one character', "Write '\"', or null for none.");
  const encoding = encodingOf(spec.at('encoding'));
  const header = spec.at('header').flagOr(kind === 'csv');
  // Without a header nothing would tell that rows are left out once a file comes without its title.
  if (!header && !spec.at('skip').isAbsent)
    spec.at('skip').fail('stands where there is no header', 'Say `ignore` of rows that mean nothing.');
  return { kind, columns, header, skip: spec.at('skip').countOr(0, 100), delimiter, quote, encoding };
};

const encodingOf = (spec: Spec): string => {
  const label = spec.textOr('utf-8');
  let name: string;
  try {
    name = new TextDecoder(label).encoding;
  } catch {
    return spec.fail('is not a known encoding', 'Write utf-8, gb18030, big5, windows-1252 …');
  }
  // By the name that the label stands for: `unicode` and `ucs-2` are UTF-16, too.
  if (/^utf-16/.test(name))
    spec.fail(
      `is ${name.toUpperCase()}, which cannot be read line by line`,
      'Convert the file to utf-8 first (iconv -f UTF-16 -t UTF-8).',
    );
  return label;
};

const compileContext = (spec: Spec, format: SourceFormat): Source => {
  const zone = spec.at('zone').textOr('UTC');
  if (!isTimeZone(zone)) spec.at('zone').fail('is not a time zone', zoneRemedy);
  const formats = spec.at('dates').isAbsent ? ['iso'] : formatsOf(spec.at('dates'));
  return {
    columns: {
      kind: format.kind,
      names: format.columns,
      nulls: new Set(spec.at('nulls').textsOrNone()),
      trim: spec.at('trim').flagOr(true),
    },
    zone,
    formats,
    parseInstant: instantParser(formats, zone),
  };
};

const groupingOf = (spec: Spec, source: Source): Grouping => {
  spec.only('by', 'orderBy', 'open', 'maxRows');
  const by = spec.at('by').texts();
  if (by.length === 0) spec.at('by').fail('is empty', 'Name the columns whose values make rows one record.');
  const cells = by.map((column) => cellOf(column, { ...source.columns, areIds: true }, spec.at('by')));
  return {
    keyOf: (row: Row) => {
      const scope = { rows: [row], index: 0, file: '' };
      const parts = cells.map((cell) => cell(scope));
      const empty = parts.indexOf(null);
      // Rows that nothing ties together would become one record of strangers.
      if (empty >= 0) throw new MapFailure(`<${by[empty] ?? ''}>, by which rows are one record, is empty`);
      return parts.join('\0');
    },
    order: spec.at('orderBy').isAbsent ? null : orderOf(spec.at('orderBy'), source),
    open: spec.at('open').countOr(1, 100_000),
    maxRows: spec.at('maxRows').countOr(10_000, 1_000_000),
  };
};

/** By a date column; rows without a readable date stand last, equal ones as in the file. */
const orderOf = (spec: Spec, source: Source): ((a: Row, b: Row) => number) => {
  const cell = cellOf(spec.text(), source.columns, spec);
  const at = (row: Row): number => {
    try {
      const text = cell({ rows: [row], index: 0, file: '' });
      return (text === null ? null : source.parseInstant(text)) ?? Number.MAX_SAFE_INTEGER;
    } catch (error) {
      if (error instanceof MapFailure) return Number.MAX_SAFE_INTEGER;
      throw error;
    }
  };
  return (a, b) => at(a) - at(b);
};

const sampleOf = (spec: Spec): ChannelSample => {
  spec.only('title', 'file', 'given', 'then', 'ignored', 'rejected');
  const ignored = spec.at('ignored');
  return {
    title: spec.at('title').text(),
    file: spec.at('file').textOr(null),
    given: spec.at('given').text(),
    then: spec.at('then').isAbsent
      ? []
      : spec
          .at('then')
          .items()
          .map((item) => item.value as NativeEnvelope),
    ignored: ignored.isAbsent
      ? {}
      : Object.fromEntries(ignored.keys().map((key) => [key, ignored.at(key).countOr(1, 1e6)])),
    rejected: spec.at('rejected').textsOrNone(),
  };
};
