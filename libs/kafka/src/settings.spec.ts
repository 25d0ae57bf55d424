import { describe, expect, it } from '@jest/globals';
import { parseKafkaUrl } from './settings.js';

describe('a Kafka URL', () => {
  it('names brokers, and Kafka’s own port where none is given', () => {
    expect(parseKafkaUrl('kafka://a:1,b:2,c/?prefix=eu.&replication=3')).toEqual({
      brokers: ['a:1', 'b:2', 'c:9092'],
      prefix: 'eu.',
      replication: 3,
      ssl: false,
    });
  });

  it('holds credentials, percent-encoded', () => {
    const { sasl, ssl } = parseKafkaUrl('kafka://me:p%40ss%3Aword@a:1/?ssl=true&sasl=scram-sha-512');
    expect(sasl).toEqual({ mechanism: 'scram-sha-512', username: 'me', password: 'p@ss:word' });
    expect(ssl).toBe(true);
  });

  it('leaves credentials to the environment, which wins', () => {
    const env = { TRIBUTARY_KAFKA_USERNAME: 'env', TRIBUTARY_KAFKA_PASSWORD: 'secret' };
    const sasl = { mechanism: 'plain', username: 'env', password: 'secret' };
    expect(parseKafkaUrl('kafka://a:1', env).sasl).toEqual(sasl);
    expect(parseKafkaUrl('kafka://me:hunter2@a:1/', env).sasl).toEqual(sasl);
  });

  it.each([
    'http://a:1',
    'kafka://',
    'kafka://me:hunter2@a:1/?nonsense=1',
    'kafka://me:hunter2@a:1/?sasl=gssapi',
    'kafka://me:hunter2@a:1/?replication=none',
    'kafka://me:hunter2@a:1/?ssl=perhaps',
    'kafka://me:hunter2@a:1/?prefix=not%20so',
    'kafka://me@a:1/?sasl=plain',
  ])('is refused when it makes no sense, without being repeated: %s', (url) => {
    expect(() => parseKafkaUrl(url)).toThrow(/^kafka: /);
    expect(() => parseKafkaUrl(url)).not.toThrow(/hunter2/);
  });
});
