import { describe, expect, it } from '@jest/globals';
import { readFileSync } from 'node:fs';
import { folder } from '../testing/shop-file.js';
import { checkSamples } from './check-samples.js';
import { channelNamed, loadChannels, sourceFor } from './load-channels.js';

const channels = loadChannels();

describe('the shipped channels', () => {
  it('are these', () => {
    expect([...channels.keys()]).toEqual([
      ...['airbnb_sessions', 'airbnb_sessions_composed', 'app', 'call_centre', 'cdnow', 'community'],
      ...['online_retail', 'servicenow_incidents', 'stackexchange_meta', 'web_shop'],
    ]);
  });

  const samples = [...channels.values()].flatMap((channel) =>
    checkSamples(channel).map((s) => ({ name: channel.name, ...s })),
  );
  it.each(samples)('$name: $title', ({ problems }) => expect(problems).toEqual([]));

  it('each have samples', () => {
    for (const channel of channels.values()) expect(channel.samples.length).toBeGreaterThan(0);
  });

  it('know their file, also one that ends in .yml, and refuse a second of the same name', () => {
    const { dir, put, remove } = folder();
    try {
      const text = readFileSync(channels.get('app')?.file ?? '', 'utf8');
      const path = put('app.yml', text);
      expect(loadChannels(dir).get('app')?.file).toBe(path);
      put('app.yaml', text);
      expect(() => loadChannels(dir)).toThrow(/app\.yml: name is that of .*app\.yaml, too\. Keep one/);
    } finally {
      remove();
    }
  });

  it('choose the source by the file name, and say which names they know', () => {
    const meta = channelNamed('stackexchange_meta', channels);
    expect(sourceFor(meta, '/x/Users.csv.gz').name).toBe('users');
    expect(sourceFor(meta, 'votes_2021.csv').name).toBe('votes');
    expect(() => sourceFor(meta, 'tags.csv')).toThrow(/users\*\.csv, posts\*\.csv/);
    expect(() => channelNamed('online_retial', channels)).toThrow(/Did you mean online_retail\?/);
  });
});
