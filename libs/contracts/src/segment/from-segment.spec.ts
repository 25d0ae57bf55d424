import { describe, expect, it } from '@jest/globals';
import { accepted, named, receivedAt } from '../controls/segment-calls.js';

describe('identify', () => {
  const touchpoint = accepted('identify', {
    traits: {
      firstName: 'Xiaoming',
      email: 'Ming@Example.com',
      phone: 'call me maybe',
      birthday: '1990-02-28T00:00:00.000Z',
      age: 34,
      address: { street: 'Nanjing Lu 1', city: 'Shanghai', country: 'CN' },
      company: { name: 'Acme', industry: 'Toys', employees: 12 },
      interests: ['hiking', 7],
      plan: null,
    },
    context: { device: { id: 'D-1' } },
  });

  it('states traits under the names that profiles know', () => {
    expect(touchpoint.type).toBe('traits_stated');
    expect(touchpoint.payload).toEqual({
      traits: {
        first_name: 'Xiaoming',
        email: 'Ming@Example.com',
        phone: 'call me maybe',
        birthday: '1990-02-28',
        age: '34',
        address: 'Nanjing Lu 1',
        city: 'Shanghai',
        country: 'CN',
        company: 'Acme',
        industry: 'Toys',
        company_size: '12',
      },
      interests: ['hiking', '7'],
    });
  });

  it('identifies by what is valid, and by nothing that is not', () => {
    expect(named(touchpoint)).toEqual(['user_id u-1', 'email ming@example.com', 'device d-1', 'anonymous_id a-1']);
  });

  it('keeps a birthday that is none under another name', () => {
    expect(accepted('identify', { traits: { birthday: 'in May' } }).payload).toMatchObject({
      traits: { birthday_stated: 'in May' },
    });
  });
});

describe('what an identify call says elsewhere, or beyond what profiles know', () => {
  it('is stated from its context, where RudderStack’s libraries put traits; its own hold before those', () => {
    const { payload } = accepted('identify', {
      traits: { name: '王小明' },
      context: {
        timezone: 'Asia/Shanghai',
        traits: { name: '小明', plan: 'gold', birthday: '1990-02-27T16:00:00.000Z' },
      },
    });
    expect(payload).toMatchObject({ traits: { name: '王小明', plan: 'gold', birthday: '1990-02-28' } });
  });

  it.each<[unknown, string]>([
    [1_700_000_000, '2023-11-14T22:13:20.000Z'],
    [1_700_000_000_123, '2023-11-14T22:13:20.123Z'],
    ['2020-01-02T03:04:05Z', '2020-01-02T03:04:05Z'],
    [-1, '-1'],
    [9e15, '9000000000000000'],
    // Days as numbers, and Unix time in microseconds.
    [20240131, '20240131'],
    [20240131120000, '20240131120000'],
    [1_700_000_000_000_000, '1700000000000000'],
  ])('%p, at which an account was made, is %p', (createdAt, registered_at) => {
    expect(accepted('identify', { traits: { createdAt } }).payload).toMatchObject({ traits: { registered_at } });
  });

  it('is stated by no other call, of which it says only who it was', () => {
    const context = { traits: { name: '小明', email: 'ming@example.com' } };
    const touchpoint = accepted('track', { event: 'e', context });
    expect(touchpoint.payload).toEqual({ name: 'e', properties: {} });
    expect(named(touchpoint)).toContain('email ming@example.com');
  });

  it('is kept of addresses and companies as well', () => {
    const address = {
      province: '广东',
      city: '深圳',
      district: '南山区',
      postalcode: '518000',
      floor: 3,
      street: null,
    };
    const company = { id: 'c1', size: '100-500', plan: 'enterprise', seats: { used: 3 } };
    expect(accepted('identify', { traits: { address, company } }).payload).toMatchObject({
      traits: {
        province: '广东',
        city: '深圳',
        district: '南山区',
        postal_code: '518000',
        address_floor: '3',
        company: 'c1',
        company_id: 'c1',
        company_size: '100-500',
        company_plan: 'enterprise',
        company_seats: '{"used":3}',
      },
    });
    expect(accepted('group', { groupId: 'g1', traits: { website: 'https://x.org', plan: 'gold' } }).payload).toEqual({
      traits: { company: 'g1', company_id: 'g1', company_website: 'https://x.org', company_plan: 'gold' },
      interests: [],
    });
  });
});

describe('the other calls', () => {
  it('page and screen are page views', () => {
    expect(
      accepted('page', { name: 'Home', properties: { url: 'https://x.org/home', title: 'Welcome' } }).payload,
    ).toMatchObject({ path: '/home', title: 'Welcome' });
    expect(accepted('page', { context: { page: { path: '/about' } } }).payload).toMatchObject({ path: '/about' });
    expect(accepted('screen', { name: 'Cart', category: 'Shop' }).payload).toMatchObject({
      path: 'Cart',
      title: 'Cart',
      category: 'Shop',
    });
  });

  it('group states the company', () => {
    expect(accepted('group', { groupId: 'g1', traits: { name: 'Acme', employees: 20 } }).payload).toMatchObject({
      traits: { company: 'Acme', company_id: 'g1', company_size: '20' },
    });
  });

  it('alias is evidence that two ids are one person', () => {
    expect(named(accepted('alias', { previousId: 'old', anonymousId: undefined }))).toEqual([
      'user_id u-1',
      'anonymous_id old',
    ]);
  });
});

describe('time', () => {
  const at = (body: object) => accepted('page', body).occurredAt;

  it('is corrected for the clock of the sender', () => {
    // The sender is an hour ahead and sent ten minutes after the event.
    expect(at({ timestamp: '2024-05-31T12:50:00.000Z', sentAt: '2024-05-31T13:00:00.000Z' })).toBe(
      receivedAt - 600_000,
    );
    expect(
      at({ timestamp: undefined, originalTimestamp: '2024-05-31T12:50:00.000Z', sentAt: '2024-05-31T13:00:00.000Z' }),
    ).toBe(receivedAt - 600_000);
  });

  it('is as stated while the clock is right but for the way that a request takes: days stay days, and one after another', () => {
    const sentAt = (off_ms: number) => new Date(receivedAt + off_ms).toISOString();
    const timestamp = '2024-05-31T00:00:00.000Z';
    for (const off_ms of [-10_000, -38, 0, 50, 10_000])
      expect(at({ timestamp, sentAt: sentAt(off_ms) })).toBe(Date.parse(timestamp));
    for (const off_ms of [-11_000, 11_000])
      expect(at({ timestamp, sentAt: sentAt(off_ms) })).toBe(Date.parse(timestamp) - off_ms);
  });

  it('is what was stated where nothing says when it was sent, or it was corrected before', () => {
    expect(at({})).toBe(Date.UTC(2024, 4, 31, 11));
    expect(at({ originalTimestamp: '2024-05-31T12:50:00.000Z', sentAt: '2024-05-31T13:00:00.000Z' })).toBe(
      Date.UTC(2024, 4, 31, 11),
    );
  });

  it('is that of arrival where none is stated', () => {
    expect(at({ timestamp: undefined })).toBe(receivedAt);
  });
});

describe('message ids', () => {
  it('come from the content where none was sent, whenever it is sent', () => {
    const id = (body: object) => accepted('track', { messageId: undefined, event: 'e', ...body }).messageId;
    expect(id({})).toMatch(/^segment-[0-9a-f]{32}$/);
    expect(id({ sentAt: '2024-05-31T11:00:01.000Z' })).toBe(id({ sentAt: '2024-05-31T11:00:09.000Z' }));
    expect(id({ event: 'f' })).not.toBe(id({}));
  });
});
