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
