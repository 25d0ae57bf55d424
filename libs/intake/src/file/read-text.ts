import { sourceFor } from '../channel/load-channels.js';
import { type Channel } from '../channel/model.js';
import { LineCutter } from './lines.js';
import { type FileBatch, Reading } from './reading.js';

/** Reads a whole, small text as if it were a file of this name: for the samples of channel files. */
export const readText = (channel: Channel, fileName: string, text: string): FileBatch => {
  const reading = new Reading(fileName, sourceFor(channel, fileName), 0);
  reading.file = 'sample';
  const cutter = new LineCutter('utf-8');
  const bytes = Buffer.from(text);
  for (const line of cutter.push(bytes)) reading.line(line);
  const rest = cutter.rest();
  if (rest !== null) reading.line(rest);
  reading.end();
  return reading.take({ bytesRead: () => bytes.length, bytesTotal: bytes.length });
};
