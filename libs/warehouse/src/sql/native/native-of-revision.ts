import { type AnswerPart } from '../../chdb/protocol.js';
import { columnEnd } from './column-end.js';
import { varUInt } from './var-uint.js';

/** From here on a block says of each column whether it is written in an unusual way. */
const TELLS_SERIALIZATION = 54_454;
/** Neither an overflow of totals, nor a bucket of an aggregation. */
const blockInfo = Buffer.from([1, 0, 2, 255, 255, 255, 255, 0]);
const usual = Buffer.from([0]);

/** Blocks as the engine renders them in the oldest revision, with what the newer ones have in addition. */
const revised = (bytes: Buffer): Buffer => {
  const pieces: Buffer[] = [];
  for (let at = 0; at < bytes.length;) {
    const columns = varUInt(bytes, at);
    const rows = varUInt(bytes, columns.end);
    pieces.push(blockInfo, bytes.subarray(at, rows.end));
    at = rows.end;
    for (let column = 0; column < columns.value; column++) {
      const name = varUInt(bytes, at);
      const type = varUInt(bytes, name.end + name.value);
      const values = type.end + type.value;
      const end = columnEnd(bytes, values, bytes.toString('utf8', type.end, values), rows.value);
      pieces.push(bytes.subarray(at, values), usual, bytes.subarray(values, end));
      at = end;
    }
  }
  return Buffer.concat(pieces);
};

/**
 * Native as a client reads it that names its revision of the protocol (`client_protocol_version`), as clickhouse-go does,
 * and Grafana with it. Earlier revisions are told as none: who names one of them, as clickhouse-connect, looks which it got.
 */
export const nativeOfRevision = (revision: number, parts: AsyncIterable<AnswerPart>): AsyncIterable<AnswerPart> => {
  if (!(revision >= TELLS_SERIALIZATION)) return parts;
  return (async function* () {
    for await (const { bytes, ...rest } of parts)
      yield { ...rest, bytes: revised(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length)) };
  })();
};
