import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { type Profile } from '@tributary/domain';
import { type Refused, RunningPlatform } from './running-platform.js';
import { call, order } from './touchpoints.js';

/** All that a profile says of the person; not how often it was written. */
const content = ({ version: _version, ...rest }: Profile) => rest;

describe('merge and unmerge', () => {
  let town: RunningPlatform;
  beforeAll(async () => void (town = await RunningPlatform.begin()));
  afterAll(() => town.end());

  const decide = (customer: string, what: 'merge' | 'unmerge', body: object, key?: string) =>
    town.ask<{ status: string; commandId: string; customers: string[] } & Refused>(
      `/v1/customers/${customer}/${what}`,
      {
        headers: key === undefined ? {} : { 'idempotency-key': key },
        body: { reason: 'a test', ...body },
      },
    );

  test('an unmerge gives back both sides exactly, with what came after the merge', async () => {
    const [ann, bea] = [{ phone: '13911110001' }, { phone: '13911110002', email: 'bea@town.example' }];
    await town.take('call_centre', [call('a-1', '2025-01-01T00:00:00Z', ann)]);
    await town.take('web_shop', [order('b-1', '2025-01-02T00:00:00Z', bea, '10.00')]);
    await town.settled();
    const [a, b] = [await town.profile('phone=13911110001'), await town.profile('phone=13911110002')];

    expect((await decide(a.customerId, 'merge', { with: b.customerId })).status).toBe(200);
    await town.settled();
    const one = await town.profile('phone=13911110001');
    expect(one).toMatchObject({ activity: { touchpoints: 2 }, value: { net: '10.00' } });
    expect(await town.profile('email=bea@town.example')).toMatchObject({ customerId: one.customerId });
    // Any id that was ever issued leads to who it is now.
    expect(await town.profile(b.customerId)).toMatchObject({ customerId: one.customerId });

    await decide(one.customerId, 'unmerge', { from: b.customerId });
    await town.settled();
    expect(content(await town.profile('phone=13911110001'))).toEqual(content(a));
    expect(content(await town.profile('phone=13911110002'))).toEqual(content(b));

    // Merged again, more comes in for each, late and new; then apart again.
    expect((await decide(a.customerId, 'merge', { with: b.customerId })).status).toBe(200);
    await town.take('call_centre', [
      call('a-2', '2024-12-01T00:00:00Z', ann),
      call('a-3', '2025-02-01T00:00:00Z', ann),
    ]);
    await town.take('web_shop', [order('b-2', '2024-11-01T00:00:00Z', bea, '20.00')]);
    await town.settled();
    expect(await town.profile('phone=13911110001')).toMatchObject({
      activity: { touchpoints: 5 },
      value: { net: '30.00' },
    });
    await decide((await town.profile('phone=13911110001')).customerId, 'unmerge', { from: b.customerId });
    await town.settled();
    expect(await town.profile('phone=13911110001')).toMatchObject({
      activity: { touchpoints: 3 },
      value: { net: '0.00' },
    });
    expect(await town.profile('phone=13911110002')).toMatchObject({
      activity: { touchpoints: 2 },
      value: { net: '30.00' },
    });
  });

  test('two who are tied by what they do are one, and a person may still part them', async () => {
    await town.take('app', [order('d-1', '2025-01-01T00:00:00Z', { phone: '13911110003' }, '1.00')]);
    await town.take('web_shop', [order('d-2', '2025-01-02T00:00:00Z', { member_no: 'M9' }, '2.00')]);
    await town.settled();
    const alone = await town.profile('phone=13911110003');
    await town.take('web_shop', [
      order('d-3', '2025-01-03T00:00:00Z', { member_no: 'M9', phone: '13911110003' }, '4.00'),
    ]);
    await town.settled();
    const one = await town.profile('member_no=M9');
    expect(one.value.net).toBe('7.00');
    expect((await decide(one.customerId, 'unmerge', { subject: alone.subjects[0] })).status).toBe(200);
    await town.settled();
    expect((await town.profile('member_no=M9')).value.net).toBe('6.00');
    expect((await town.profile('phone=13911110003')).value.net).toBe('1.00');
    // Merged again, it may be named as whoever asks knows it.
    await decide((await town.profile('member_no=M9')).customerId, 'merge', { with: alone.customerId });
    await town.settled();
    const whole = await town.profile('member_no=M9');
    expect(whole.value.net).toBe('7.00');
    const identifier = { type: 'phone', value: '139 1111 0003' };
    expect((await decide(whole.customerId, 'unmerge', { identifier })).status).toBe(200);
    await town.settled();
    expect((await town.profile('phone=13911110003')).value.net).toBe('1.00');
  });

  test('a command is carried out once, however often it is sent', async () => {
    await town.take('call_centre', [
      call('e-1', '2025-01-01T00:00:00Z', { phone: '13911110005' }),
      call('e-2', '2025-01-01T00:00:00Z', { phone: '13911110006' }),
    ]);
    await town.settled();
    const [a, b] = [await town.profile('phone=13911110005'), await town.profile('phone=13911110006')];
    const answers = await Promise.all(
      [1, 2, 3].map(() => decide(a.customerId, 'merge', { with: b.customerId }, 'merge-e')),
    );
    for (const { status, body } of answers)
      expect({ status, outcome: body.status }).toEqual({ status: 200, outcome: 'done' });
  });

  test('what cannot be decided says why', async () => {
    const { customerId } = await town.profile('phone=13911110002');
    const nobody = `c_${'0'.repeat(32)}`;
    expect((await decide(customerId, 'merge', { with: customerId })).body.error).toMatchObject({
      code: 'same_customer',
      message: 'the two are one customer already',
      remedy: 'nothing is to be done',
    });
    expect((await decide(customerId, 'merge', { with: nobody })).status).toBe(404);
    expect((await decide(nobody, 'merge', { with: customerId })).status).toBe(404);
    expect((await decide(customerId, 'unmerge', { from: nobody })).body.error).toMatchObject({ code: 'not_a_member' });
    expect((await decide(customerId, 'merge', { with: 'somebody' })).body.error).toMatchObject({ field: 'with' });
    expect((await decide(customerId, 'merge', { with: nobody, reason: '' })).body.error).toMatchObject({
      field: 'reason',
    });
  });
});
