import { afterEach, describe, expect, jest, test } from '@jest/globals';
import { CustomerId } from '@tributary/kernel';
import { type Profile } from '@tributary/domain';
import {
  InvalidIdentifierError,
  InvalidPosition,
  PAGE_LIMIT,
  type ListedCustomer,
  UnknownPath,
  type When,
} from '@tributary/query';
import { json, openTestServer, own, type TestOptions, type TestServer } from '../testing/test-server.js';

let it: TestServer;
afterEach(() => it.close());
const open = async (options?: TestOptions) => void (it = await openTestServer(options));
const get = (url: string) => it.server.fastify.inject({ url, headers: own });
const id = CustomerId(`c_${'a'.repeat(32)}`);
const profile = { customerId: id } as Profile;

describe('reads', () => {
  test('a customer is found by any identifier, in either form', async () => {
    const asked: unknown[] = [];
    await open({ profiles: { findByIdentifier: async (type, value) => (asked.push([type, value]), profile) } });
    for (const url of [
      '?phone=%2B8613912345678',
      '?phone=+8613912345678',
      '?email=a@b.cn',
      '?identifier_type=member_no&identifier_value=M1',
    ])
      expect((await get(`/v1/customers${url}`)).json()).toEqual(profile);
    expect(asked).toEqual([
      ['phone', '+8613912345678'],
      ['phone', '+8613912345678'],
      ['email', 'a@b.cn'],
      ['member_no', 'M1'],
    ]);
  });

  test('stay in no cache, whatever they answer', async () => {
    await open({ profiles: { findByIdentifier: async () => profile } });
    for (const url of ['?phone=1', '', `/${id}`, `/${id}/timeline`, `/${id}/explain?path=value.net`])
      expect((await get(`/v1/customers${url}`)).headers['cache-control']).toBe('no-store');
  });

  test('by an identifier at a moment: whom it named then is asked, not whom it names today', async () => {
    const asked: unknown[] = [];
    await open({ profiles: { findByIdentifier: async (...args) => (asked.push(args), profile) } });
    expect((await get('/v1/customers?phone=1&as_of=2026-05-01')).json()).toEqual(profile);
    expect(asked).toEqual([['phone', '1', { asOf: Date.UTC(2026, 4, 2) - 1 }]]);
  });

  test.each([
    '?shoe_size=42',
    '?phone=1&email=2',
    '?phone=',
    '?phone=1&phone=2',
    '?identifier_value=1',
    '?limit=0',
    '?limit=many',
    '?limit=201',
    '?limit=1000',
    '?as_of=2026-05-01',
    '?known_at=2026-05-01',
    `/${id}/timeline?as_of=2026-05-01`,
    `/${id}?asof=2026-05-01`,
    `/${id}/timeline?after=x`,
    `/${id}/explain?path=value.net&knownAt=2026-05-01`,
    `/${id}/timeline?known_at=2026-05-01`,
    `/${id}/timeline?limit=201`,
    '?after=x',
    '?phone=1&as_of=yesterday',
    '?phone=1&as_of=2026-02-30',
    '?phone=1&as_of=2026-05-01T08:00:00',
  ])('%s is refused', async (query) => {
    await open();
    const answer = await get(`/v1/customers${query}`);
    expect(answer.statusCode).toBe(400);
    expect(answer.json().error.remedy).toBeTruthy();
  });

  test('a page as long as a page may be says where it goes on', async () => {
    const limits: number[] = [];
    const summary = { customerId: id } as ListedCustomer;
    await open({ profiles: { list: async ({ limit }) => (limits.push(limit), Array(limit).fill(summary)) } });
    expect((await get('/v1/customers?limit=200')).json()).toMatchObject({ next: id });
    expect(limits).toEqual([PAGE_LIMIT]);
  });

  test('a date means the end of its day, and an offset counts', async () => {
    const whens: (When | undefined)[] = [];
    await open({ profiles: { get: async (_id, when) => (whens.push(when), profile) } });
    await get(`/v1/customers/${id}?as_of=2026-05-01&known_at=2026-05-02T08:00:00%2B08:00`);
    expect(whens).toEqual([{ asOf: Date.UTC(2026, 4, 2) - 1, knownAt: Date.UTC(2026, 4, 2) }]);
  });

  test('what cannot be read is named as it was sent', async () => {
    await open({
      profiles: { timeline: async () => Promise.reject(new InvalidPosition('a timeline', '1:2:3')) },
    });
    const refused = async (url: string) => (await get(url)).json().error;
    expect(await refused('/v1/customers?after=c_1')).toMatchObject({ code: 'invalid_request', field: 'after' });
    expect(await refused('/v1/customers/c_1')).toMatchObject({ code: 'invalid_request', field: 'id' });
    expect(await refused(`/v1/customers/${id}/timeline?before=x`)).toMatchObject({ field: 'before' });
    expect(await refused('/v1/customers/%E4%BD')).toMatchObject({ code: 'bad_address', field: null });
  });

  test('nobody, and what is malformed, are told apart; values are not repeated', async () => {
    const invalid = {
      invalid: true,
      code: 'invalid_identifier',
      found: 'string of 3 characters',
      expected: 'a phone number',
      remedy: 'write it so',
    } as const;
    await open({
      profiles: {
        findByIdentifier: async () => Promise.reject(new InvalidIdentifierError(invalid)),
        explain: async (_id, path) => Promise.reject(new UnknownPath(path, ['value.net'])),
      },
    });
    expect((await get(`/v1/customers/${id}`)).statusCode).toBe(404);
    expect((await get('/v1/customers/42')).statusCode).toBe(400);
    const answer = await get('/v1/customers?phone=139');
    expect(answer.statusCode).toBe(400);
    expect(answer.body).not.toContain('139');
    expect(answer.json().error.field).toBe('phone');
    const told = (await get('/v1/customers?identifier_type=phone&identifier_value=139')).json();
    expect(told.error.field).toBe('identifier_value');
    expect((await get(`/v1/customers/${id}/explain?path=value.nett`)).json().error).toMatchObject({
      code: 'unknown_path',
      remedy: expect.stringContaining('value.net'),
    });
    expect((await get(`/v1/customers/${id}/explain`)).statusCode).toBe(400);
  });

  test('the log tells the route, never what was asked for', async () => {
    await open();
    await get('/v1/customers?phone=13912345678');
    await get(`/v1/customers/${id}/timeline`);
    await get('/somewhere?email=a@b.cn');
    expect(it.logged()).toContain('"route":"/v1/customers"');
    expect(it.logged()).toContain('"route":"/v1/customers/:id/timeline"');
    expect(it.logged()).not.toMatch(/139123|a@b|aaaa/);
    expect(it.logged()).not.toContain(it.write);
  });
});

describe('commands', () => {
  const post = (name: string, body: unknown, headers = {}) =>
    it.server.fastify.inject({
      method: 'POST',
      url: `/v1/customers/${id}/${name}`,
      payload: JSON.stringify(body),
      headers: { ...own, ...json, ...headers },
    });
  const other = `c_${'b'.repeat(32)}`;

  test('carry who ordered them and why, and an id that a repeat repeats', async () => {
    const seen: unknown[] = [];
    await open({ commands: { merge: async (...args) => (seen.push(args), { status: 'done', customers: [id] }) } });
    const answer = await post('merge', { with: other, reason: ' one person ' }, { 'idempotency-key': 'k-1' });
    expect(answer.statusCode).toBe(200);
    expect(answer.json()).toEqual({ commandId: 'k-1', status: 'done', customers: [id] });
    expect(seen).toEqual([[id, other, { commandId: 'k-1', by: 'local', reason: 'one person' }]]);
  });

  test('an unmerge says whom the part is taken away from, whoever the customer is called after', async () => {
    const seen: unknown[][] = [];
    await open({ commands: { unmerge: async (...args) => (seen.push(args), { status: 'done', customers: [id] }) } });
    const phone = { type: 'phone', value: '13911110003' };
    await post('unmerge', { identifier: phone, reason: 'r' });
    await post('unmerge', { from: other, stays: phone, reason: 'r' });
    expect(seen.map(([customer, , , stays]) => [customer, stays])).toEqual([
      [id, undefined],
      [id, seen[0]?.[1]],
    ]);
  });

  test('what waits is a 202, what cannot be done a conflict, whom nobody knows a 404', async () => {
    await open({
      commands: {
        erase: async () => ({ status: 'pending' }),
        unmerge: async () => ({ status: 'refused', code: 'only_subject', message: 'it has no other' }),
        merge: async () => ({ status: 'refused', code: 'not_found', message: 'nobody is known' }),
      },
    });
    expect((await post('erase', { reason: 'asked for' })).statusCode).toBe(202);
    const refused = await post('unmerge', { from: other, reason: 'wrong' });
    expect(refused.statusCode).toBe(409);
    expect(refused.json().error.code).toBe('only_subject');
    expect((await post('merge', { with: other, reason: 'same' })).statusCode).toBe(404);
  });

  test('a key that was used for another command is a request that contradicts itself', async () => {
    const reused = { status: 'refused', code: 'idempotency_key_reused', message: 'used for another' } as const;
    await open({ commands: { erase: async () => reused } });
    const answer = await post('erase', { reason: 'asked for' }, { 'idempotency-key': 'k-1' });
    expect(answer.statusCode).toBe(422);
    expect(answer.json().error).toMatchObject({ code: 'idempotency_key_reused', field: 'Idempotency-Key' });
  });

  test.each([
    ['merge', {}],
    ['merge', { with: 'x', reason: 'r' }],
    ['merge', { with: other }],
    ['unmerge', { reason: 'r' }],
    ['unmerge', { subject: 'x', reason: 'r' }],
    ['unmerge', { from: other, identifier: { type: 'phone', value: '13911110003' }, reason: 'r' }],
    ['unmerge', { identifier: { type: 'phone', value: '12' }, reason: 'r' }],
    ['unmerge', { identifier: { type: 'phone' }, reason: 'r' }],
    ['unmerge', { identifier: null, reason: 'r' }],
    ['unmerge', { from: other, stays: 'phone', reason: 'r' }],
    ['erase', { reason: '' }],
    ['erase', [1]],
  ])('%s with %j is refused', async (name, body) => {
    await open();
    expect((await post(name, body)).statusCode).toBe(400);
  });

  test.each([
    ['merge', { with: other, reason: 'r', from: other }, 'from'],
    ['unmerge', { from: other, reason: 'r', subjet: 'x' }, 'subjet'],
    ['erase', { reason: 'r', dryRun: true }, 'dryRun'],
  ])('%s is not done where a field of %j is not known', async (name, body, field) => {
    const done = jest.fn(async () => ({ status: 'done', customers: [id] }) as const);
    await open({ commands: { merge: done, unmerge: done, erase: done } });
    const answer = await post(name, body);
    expect(answer.statusCode).toBe(400);
    expect(answer.json().error).toMatchObject({ code: 'unknown_field', field });
    expect(done).not.toHaveBeenCalled();
  });

  test('a reason that is too long is told apart from none', async () => {
    await open();
    const message = async (reason?: string) => (await post('erase', { reason })).json().error.message;
    expect(await message()).toBe('no reason is given');
    expect(await message('x'.repeat(501))).toBe('the reason is longer than 500 characters');
  });
});
