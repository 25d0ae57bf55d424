import { describe, expect, it } from '@jest/globals';
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { checkSamples } from './check-samples.js';
import { operators } from './operators.js';
import { parseChannel } from './parse-channel.js';

const readme = readFileSync(join(dirname(fileURLToPath(import.meta.url)), '../../README.md'), 'utf8');

describe('the README', () => {
  const examples = [...readme.matchAll(/```yaml\n(name: (\w+).*?)```/gs)].map(([, text = '', name]) => [name, text]);

  it('teaches channels', () => {
    expect(examples.map(([name]) => name)).toEqual(['market_stall', 'mini_program']);
  });

  it.each(examples)('teaches a channel that works: %s', (_name, text = '') => {
    const outcomes = checkSamples(parseChannel(text, 'README.md'));
    expect(outcomes.flatMap((o) => o.problems)).toEqual([]);
    expect(outcomes).toHaveLength(1);
  });

  it('names every operator', () => {
    for (const name of Object.keys(operators)) expect(readme).toContain(`\`${name}:`);
  });
});
