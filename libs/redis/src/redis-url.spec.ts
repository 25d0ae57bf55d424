import { describe, expect, it } from '@jest/globals';
import { parseRedisUrl } from './redis-url.js';

describe('the URL of a Redis', () => {
  it('names one server', () => {
    expect(parseRedisUrl('redis://cache')).toEqual({
      cluster: false,
      tls: false,
      nodes: [{ host: 'cache', port: 6379 }],
      db: 0,
      prefix: 'tributary:',
      durabilityAsserted: false,
      replicas: 0,
    });
    expect(parseRedisUrl('rediss://app:p%40ss%2F@[::1]:7000/3?prefix=a:&ca=/ca.pem')).toMatchObject({
      tls: true,
      nodes: [{ host: '::1', port: 7000 }],
      db: 3,
      username: 'app',
      password: 'p@ss/',
      prefix: 'a:',
      caFile: '/ca.pem',
    });
    expect(parseRedisUrl('redis://:secret@h')).toMatchObject({ password: 'secret' });
    expect(parseRedisUrl('redis://:secret@h')).not.toHaveProperty('username');
  });

  it('names the nodes of a cluster', () => {
    expect(parseRedisUrl('redis+cluster://:s@a:1,b:2,c?durability=asserted&replicas=2')).toMatchObject({
      cluster: true,
      durabilityAsserted: true,
      replicas: 2,
      nodes: [
        { host: 'a', port: 1 },
        { host: 'b', port: 2 },
        { host: 'c', port: 6379 },
      ],
    });
  });

  it('names sentinels, who are asked for the primary', () => {
    const url = 'rediss+sentinel://app:s@a,b:1/2?primary=main&sentinelUser=watch&sentinelPassword=p%40ss';
    expect(parseRedisUrl(url)).toMatchObject({
      cluster: false,
      tls: true,
      db: 2,
      username: 'app',
      nodes: [
        { host: 'a', port: 26_379 },
        { host: 'b', port: 1 },
      ],
      sentinel: { primary: 'main', username: 'watch', password: 'p@ss' },
    });
    expect(parseRedisUrl('redis+sentinel://a?primary=main').sentinel).toEqual({ primary: 'main' });
  });

  it.each([
    'redis+sentinel://a,b',
    'redis://a?primary=main',
    'http://cache',
    'redis://',
    'redis://a:1,b:2',
    'redis+cluster://a:1/3',
    'redis://a?prefix={x}',
    'redis://a?prefx=x',
    'redis://a:99999',
    'redis://a?durability=sure',
    'redis://a?replicas=all',
    'redis://u:hunter2@a:x',
  ])('is refused, without being told: %s', (url) => {
    const refused = () => parseRedisUrl(url);
    expect(refused).toThrow(expect.objectContaining({ failure: 'fatal' }));
    expect(refused).not.toThrow('hunter2');
  });
});
