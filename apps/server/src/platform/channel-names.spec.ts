import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { copyFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ChannelFileError, defaultChannelsDir } from '@tributary/intake';
import { basic, json, openTestServer, own, searched } from '../testing/test-server.js';
import { channelNames } from './channel-names.js';

describe('channels that have a file', () => {
  let dir: string;
  const put = (name: string) => copyFileSync(join(defaultChannelsDir(), `${name}.yaml`), join(dir, `${name}.yaml`));
  beforeEach(() => {
    dir = mkdtempSync(join(tmpdir(), 'tributary-channels-'));
    put('app');
  });
  afterEach(() => rmSync(dir, { recursive: true }));

  it('are known with those of the settings, also when the file comes later', () => {
    const names = channelNames(dir, ['foreign']);
    expect(names.all()).toEqual(['app', 'foreign']);
    expect(names.has('cdnow')).toBe(false);
    expect(names.titleOf('app')).toMatchObject({ en: 'App', zh: expect.any(String) });
    expect(names.titleOf('foreign')).toBeUndefined();
    put('cdnow');
    writeFileSync(join(dir, 'Not A Channel.yaml'), '');
    expect(names.has('cdnow')).toBe(true);
    expect(names.all()).toEqual(['app', 'cdnow', 'foreign']);
  });

  it('are refused at the start where a file cannot be used', () => {
    writeFileSync(join(dir, 'odd.yaml'), 'name: other\n');
    expect(() => channelNames(dir, [])).toThrow(ChannelFileError);
  });

  it('are written to through a server that was running before', async () => {
    const it = await openTestServer({ deps: { channels: channelNames(dir, []) } });
    const send = () =>
      it.server.fastify.inject({
        method: 'POST',
        url: '/v1/touchpoints?channel=cdnow',
        payload: JSON.stringify([searched('m1')]),
        headers: { ...own, ...json, ...basic(it.admin) },
      });
    expect((await send()).json().error).toMatchObject({ code: 'unknown_channel' });
    put('cdnow');
    expect((await send()).json()).toMatchObject({ accepted: 1 });
    const held = await it.server.fastify.inject({ url: '/v1/quarantine', headers: own });
    expect(held.json<{ channels: { channel: string }[] }>().channels).toContainEqual({ channel: 'cdnow', held: 0 });
    await it.close();
  });
});
