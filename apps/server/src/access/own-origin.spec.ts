import { describe, expect, test } from '@jest/globals';
import { isForeignFetch, isLoopback, isOwnHost, isOwnOrigin } from './own-origin.js';

describe('whose page asks', () => {
  test.each(['127.0.0.1', '127.3.2.1', '::1', 'localhost'])('%s is loopback', (host) =>
    expect(isLoopback(host)).toBe(true),
  );
  test.each(['0.0.0.0', '::', '10.0.0.1', '127.0.0.1.evil.com', 'localhost.evil.com'])('%s is not', (host) =>
    expect(isLoopback(host)).toBe(false),
  );

  test.each(['localhost:8080', '127.0.0.1:8080', '[::1]:8080', 'LOCALHOST:8080'])('Host %s is our own', (host) =>
    expect(isOwnHost(host, 8080)).toBe(true),
  );
  test.each([
    undefined,
    '',
    'localhost',
    'localhost:8081',
    'evil.com:8080',
    'localhost:8080.evil.com',
    'localhost:8080@evil.com',
    '127.0.0.1.nip.io:8080',
    '[::1].evil.com:8080',
  ])('Host %s is not', (host) => expect(isOwnHost(host, 8080)).toBe(false));
  test('port 80 may be left out', () => expect(isOwnHost('localhost', 80)).toBe(true));

  test('an Origin is absent, or that of the Host', () => {
    expect(isOwnOrigin(undefined, 'localhost:8080')).toBe(true);
    expect(isOwnOrigin('http://localhost:8080', 'localhost:8080')).toBe(true);
    for (const origin of [
      'null',
      'http://evil.com',
      'http://localhost:8081',
      'http://localhost',
      'http://127.0.0.1:8080',
    ])
      expect(isOwnOrigin(origin, 'localhost:8080')).toBe(false);
  });

  test('another site may link to the page, not load from it', () => {
    expect(isForeignFetch({})).toBe(false);
    expect(isForeignFetch({ 'sec-fetch-site': 'same-origin' })).toBe(false);
    expect(isForeignFetch({ 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'navigate' })).toBe(false);
    expect(isForeignFetch({ 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'no-cors' })).toBe(true);
    expect(isForeignFetch({ 'sec-fetch-site': 'same-site', 'sec-fetch-mode': 'cors' })).toBe(true);
  });
});
