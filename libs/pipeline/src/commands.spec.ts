import { expect, it } from '@jest/globals';
import { CustomerId, SubjectId } from '@tributary/kernel';
import fc from 'fast-check';
import { digestOfOrder } from './command-digest.js';
import { type Command, commandOf } from './commands.js';

const customer = CustomerId(`c_${'1'.repeat(32)}`);
const other = CustomerId(`c_${'2'.repeat(32)}`);
const subject = SubjectId(`s_${'2'.repeat(32)}`);
const said = { id: 'o-1', at: 1, by: 'spec', reason: 'asked for', customer };
const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text);
const of = (value: unknown) => commandOf(bytesOf(JSON.stringify(value)));

it.each<Command>([
  { type: 'merge', ...said, other },
  { type: 'unmerge', ...said, subject },
  { type: 'unmerge', ...said, subject, stays: subject },
  { type: 'erase', ...said },
])('a record holds the command that was written to it: $type', (command) => {
  expect(of(command)).toEqual(command);
});

it.each<[string, string]>([
  ['', 'it is empty'],
  ['Ann Lee, 13800138000', 'it is no JSON'],
  ['{"type":"erase"', 'it is no JSON'],
  ['null', 'it is no JSON object'],
  ['["erase"]', 'it is no JSON object'],
  ['{}', 'its "type" is not that of a command'],
  [JSON.stringify({ ...said, type: 'forget Ann Lee' }), 'its "type" is not that of a command'],
  [JSON.stringify({ ...said, type: 'erase', id: '' }), 'its "id" is not that of a command'],
  [JSON.stringify({ ...said, type: 'erase', id: 'o'.repeat(129) }), 'its "id" is not that of a command'],
  [JSON.stringify({ ...said, type: 'erase', at: '2026' }), 'its "at" is not that of a command'],
  [JSON.stringify({ ...said, type: 'erase', at: 8_640_000_000_000_001 }), 'its "at" is not that of a command'],
  [JSON.stringify({ ...said, type: 'erase', customer: 'Ann Lee' }), 'its "customer" is not that of a command'],
  [JSON.stringify({ ...said, type: 'merge' }), 'its "other" is not that of a command'],
  [JSON.stringify({ ...said, type: 'unmerge', subject, stays: 'Ann' }), 'its "stays" is not that of a command'],
])('and what is none is told by its shape, never by what it says: %s', (text, why) => {
  expect(commandOf(bytesOf(text))).toEqual({ type: 'none', bytes: bytesOf(text).length, why });
});

it('a field that no command has counts for nothing, however deep it is', () => {
  const deep = `${'['.repeat(20_000)}${']'.repeat(20_000)}`;
  const command = commandOf(bytesOf(`{"deep":${deep},${JSON.stringify({ ...said, type: 'erase' }).slice(1)}`));
  expect(command).toEqual({ ...said, type: 'erase' });
  expect(digestOfOrder(command as Command)).toBe(digestOfOrder({ ...said, type: 'erase' }));
});

it('whatever the bytes', () => {
  const json = fc.json().map(bytesOf);
  const nearly = fc
    .record(
      Object.fromEntries(
        ['type', 'id', 'at', 'by', 'reason', 'customer', 'other', 'subject', '__proto__'].map((name) => [
          name,
          fc.oneof(fc.constantFrom('erase', 'toString', customer, subject, 1), fc.jsonValue()),
        ]),
      ),
      { requiredKeys: [] },
    )
    .map((value) => bytesOf(JSON.stringify(value)));
  fc.assert(
    fc.property(fc.oneof(fc.uint8Array(), json, nearly), (bytes) => {
      const command = commandOf(bytes);
      if (command.type === 'none') expect(command.bytes).toBe(bytes.length);
      else expect(command.customer).toMatch(/^c_[0-9a-f]{32}$/);
    }),
    { numRuns: 500 },
  );
});
