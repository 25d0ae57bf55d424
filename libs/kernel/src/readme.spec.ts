import { expect, it } from '@jest/globals';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
// region example
import { WrongExpectedRevision } from './index.js';
import { memoryStore } from './memory/memory-store.js';

const { events } = memoryStore();
const said = (id: string) => ({ id, type: 'Said', data: new Uint8Array(), metadata: { recordedAt: 0 } });

await events.append([{ stream: 'talk-1', expectedRevision: -1, events: [said('a')] }]);
// The very same again counts as done; something else at that place is a conflict.
await events.append([{ stream: 'talk-1', expectedRevision: -1, events: [said('a')] }]);
const conflict = await events
  .append([{ stream: 'talk-1', expectedRevision: -1, events: [said('b')] }])
  .catch((error: unknown) => error instanceof WrongExpectedRevision);
// endregion

it('does what the README shows', async () => {
  expect(conflict).toBe(true);
  expect(await events.readStream('talk-1', 0, 10)).toHaveLength(1);
});

it('is what the README shows', () => {
  const source = readFileSync(fileURLToPath(import.meta.url), 'utf8');
  const example = /\/\/ region example\n([^]*?)\/\/ endregion/.exec(source)?.[1] ?? '';
  const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8');
  expect(readme).toContain(
    example
      .replace("'./index.js'", "'@tributary/kernel'")
      .replace("'./memory/memory-store.js'", "'@tributary/kernel/memory'")
      .trim(),
  );
});
