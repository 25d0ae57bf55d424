import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Profile } from '@tributary/domain';
import { RunningPlatform } from './running-platform.js';

const guide = readFileSync(new URL('../../docs/guide/profile-events.md', import.meta.url), 'utf8');
const program = /```js\n([^]*?)```/.exec(guide)?.[1] ?? '';
/** Asked of it by this test alone: what the copy holds. */
const tell = "process.on('message', () => process.send([...copy.values()]));";

describe('the program of the guide to profile events', () => {
  let platform: RunningPlatform;
  let follower: ChildProcess | undefined;
  beforeEach(async () => {
    platform = await RunningPlatform.begin();
  });
  afterEach(async () => {
    follower?.kill('SIGKILL');
    await platform.end();
  });

  const start = (): void => {
    const path = join(platform.dataDir, 'follower.mjs');
    writeFileSync(path, program.replace('let position;', `${tell}\nlet position;`));
    follower = fork(path, { env: { ...process.env, PLATFORM: platform.platform.url, NODE_OPTIONS: '' } });
  };
  const running = (): ChildProcess => {
    if (!follower) throw new Error('it was not started');
    return follower;
  };
  const copy = async (): Promise<readonly Profile[]> => {
    const told = once(running(), 'message', { signal: AbortSignal.timeout(10_000) });
    // It does not hear what is asked before it listens.
    const asking = setInterval(() => running().send('tell'), 20);
    try {
      return ((await told) as [readonly Profile[]])[0];
    } finally {
      clearInterval(asking);
    }
  };
  const visit = (id: string, ...identifiers: readonly (readonly [type: string, value: string])[]): Promise<void> =>
    platform.take('web_shop', [
      {
        type: 'ticket_opened',
        messageId: id,
        occurredAt: '2026-01-01T00:00:00Z',
        identifiers: identifiers.map(([type, value]) => ({ type, value })),
        payload: { ticketId: id },
      },
    ]);
  const inOrder = (profiles: readonly Profile[]): readonly Profile[] =>
    [...profiles].sort((a, b) => (a.customerId < b.customerId ? -1 : 1));
  /** Resolves when the copy holds these customers, as they are, and nobody else. */
  const agrees = async (...members: readonly string[]): Promise<void> => {
    await platform.accepted('web_shop');
    const wanted = async (): Promise<readonly Profile[]> =>
      inOrder(await Promise.all(members.map((member) => platform.profile(`member_no=${member}`))));
    for (let tries = 0; tries < 600; tries++) {
      if (JSON.stringify(inOrder(await copy())) === JSON.stringify(await wanted())) return;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    expect(inOrder(await copy())).toEqual(await wanted());
  };

  it('keeps a copy that is right: what was there, what comes, merges, unmerges and erasures', async () => {
    await visit('v1', ['member_no', 'M1'], ['phone', '13912345678']);
    await visit('v2', ['member_no', 'M2']);
    await platform.accepted('web_shop');
    start();
    await agrees('M1', 'M2');

    await visit('v3', ['member_no', 'M3']);
    await agrees('M1', 'M2', 'M3');

    const one = await platform.profile('member_no=M1');
    const two = await platform.profile('member_no=M2');
    const decide = async (id: string, what: string, body: object): Promise<void> => {
      expect((await platform.ask(`/v1/customers/${id}/${what}`, { body: { reason: 'asked', ...body } })).status).toBe(
        200,
      );
    };
    await decide(one.customerId, 'merge', { with: two.customerId });
    await agrees('M1', 'M3');
    await decide((await platform.profile('member_no=M1')).customerId, 'unmerge', { from: two.customerId });
    await agrees('M1', 'M2', 'M3');
    await decide((await platform.profile('member_no=M3')).customerId, 'erase', {});
    await agrees('M1', 'M2');
    // The telephone, which no touchpoint is filed under, is nobody by itself.
    const phone = { type: 'phone', value: '13912345678' };
    await decide((await platform.profile('member_no=M1')).customerId, 'unmerge', { identifier: phone });
    await visit('v4', ['member_no', 'M2']);
    await agrees('M1', 'M2');
  });
});
