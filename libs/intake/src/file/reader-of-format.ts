import { type SourceFormat } from '../channel/model.js';
import { CsvReader } from './csv.js';
import { ndjsonReader } from './ndjson.js';
import { type RecordReader, type RecordSink } from './record-reader.js';
import { WhitespaceReader } from './whitespace.js';

export const readerOfFormat = (format: SourceFormat, sink: RecordSink): RecordReader => {
  switch (format.kind) {
    case 'csv':
      return new CsvReader(format.delimiter, format.quote, format.header ? null : format.columns.length, sink);
    case 'whitespace':
      return new WhitespaceReader(format.header ? null : format.columns.length, sink);
    case 'ndjson':
      return ndjsonReader(sink);
  }
};
