import { expect, it } from '@jest/globals';
import { parseAddress } from './address.js';

it('keeps what the client needs, and takes the keep-alive for the channel', () => {
  const parsed = parseAddress('esdb://me:secret@a:2113,b:2113/?tls=false&keepAliveInterval=3000');
  expect(parsed).toMatchObject({
    tls: false,
    keepAliveInterval_ms: 3000,
    keepAliveTimeout_ms: 5000,
    hosts: 'a:2113,b:2113',
  });
  expect(parsed.url).toBe('esdb://me:secret@a:2113,b:2113?tls=false&connectionName=tributary');
});

it('is secure unless it says otherwise', () => {
  expect(parseAddress('esdb://localhost').tls).toBe(true);
  expect(parseAddress('esdb+discover://cluster:2113?tlsCAFile=%2Fetc%2Fca.pem').files.ca).toBe('/etc/ca.pem');
});

it.each(['', '+discover'])('takes KurrentDB’s own scheme (kurrentdb%s) for the one that the client knows', (how) => {
  const { url } = parseAddress(`kurrentdb${how}://me:secret@a:2113?tls=false`);
  expect(url).toBe(`esdb${how}://me:secret@a:2113?tls=false&connectionName=tributary`);
});

it.each([
  'http://me:secret@host:2113',
  'esdb://me:secret@host:2113?unknown=1',
  'esdb://me:secret@host:2113?throwOnAppendFailure=false',
  'esdb://me:secret@host:2113?tlsVerifyCert=false',
  'esdb://me:secret@host:2113?tls=perhaps',
  'esdb://me:secret@host:port',
  'esdb://me:secret@@host:2113',
  'esdb://me:secret?@host:2113?tls=false',
  'esdb://me:secret@host:2113?keepAliveInterval=1',
  'esdb://me:secret@host:2113?userCertFile=a.pem',
  'secret',
])('refuses %s without repeating its secret', (url) => {
  const refusal = (): unknown => {
    try {
      return parseAddress(url);
    } catch (error) {
      return error;
    }
  };
  expect(refusal()).toMatchObject({ failure: 'fatal' });
  expect(JSON.stringify(refusal()) + String(refusal())).not.toContain('secret');
});
