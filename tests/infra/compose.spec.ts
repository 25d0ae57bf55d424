import { describe, expect, it } from '@jest/globals';
import { roles } from '../../apps/server/src/distributed/role.js';
import { readSettings } from '../../apps/server/src/engines/settings.js';
import { composeProblems, neededNames, parseCompose, roleServices, type Service, textOf } from './compose-file.js';
import { settingsRead } from './settings-read.js';

const text = textOf('docker-compose.yml');
const file = parseCompose(text);
const services = roleServices(file);

/** As Compose does it, with what a person's .env would hold. */
const filled = (service: Service): Record<string, string> =>
  Object.fromEntries(
    Object.entries(service.environment ?? {}).map(([name, value]) => [
      name,
      value
        .replace(/\$\{[A-Z_]+_KEY:\?[^}]*\}/g, Buffer.alloc(32, 7).toString('base64'))
        .replace(/\$\{[A-Z_]+:\?[^}]*\}/g, 'd0c5')
        .replace(/\$\{[A-Z_]+:-([^}]*)\}/g, '$1'),
    ]),
  );

describe('docker-compose.yml', () => {
  it('is pinned, bounded, closed to the network, watched over, and holds no secret', () => {
    expect(composeProblems(file)).toEqual([]);
  });

  it('runs every role', () => {
    expect([...services.keys()].sort()).toEqual([...roles].sort());
  });

  it.each([...services])('sets for the %s only what it reads, and what it sets is accepted', (_role, service) => {
    const known = settingsRead();
    const names = Object.keys(service.environment ?? {}).filter((name) => name.startsWith('TRIBUTARY_'));
    expect(names.filter((name) => !known.has(name))).toEqual([]);
    expect(readSettings(filled(service)).logUrl).toBe('kafka://kafka:9092/?replication=1');
  });

  it('leaves to .env only what prepare.sh makes', () => {
    const made = textOf('infra/compose/prepare.sh');
    expect([...neededNames(text)].filter((name) => !made.includes(`keep ${name} `))).toEqual([]);
    expect(made).toContain(`printf '${file.secrets['metrics-key']?.environment}=`);
  });

  it('addresses every engine by the name of a service', () => {
    const hosts = [...services.values()].flatMap((service) =>
      Object.entries(filled(service)).flatMap(([name, value]) =>
        name.endsWith('_URL') ? [value.replace(/^.*(?:\/\/|@)([a-z-]+):\d+.*$/, '$1')] : [],
      ),
    );
    expect([...new Set(hosts)].filter((host) => !(host in file.services))).toEqual([]);
  });

  it('keeps what ClickHouse logs of questions for a week, in its tables and in its files', () => {
    const logs = textOf('infra/compose/clickhouse/query-texts.xml');
    for (const table of ['query_log', 'text_log'])
      expect(logs).toMatch(new RegExp(`<${table}>\\s*<ttl>event_date \\+ INTERVAL 7 DAY DELETE</ttl>\\s*</${table}>`));
    expect(logs).toMatch(
      /<logger>\s*<level>information<\/level>\s*<size>daily<\/size>\s*<count>7<\/count>\s*<\/logger>/,
    );
    // A time in `size` is of the line that is pinned; a newer server does not start with it.
    expect(file.services['clickhouse']?.image).toContain(':25.8.');
  });
});

describe('the check of a compose file', () => {
  const broken = (change: Partial<Service>, name = 'kafka') =>
    composeProblems({ ...file, services: { ...file.services, [name]: { ...file.services[name], ...change } } });

  const breaks: readonly (readonly [string, Partial<Service>])[] = [
    ['its image is not pinned', { image: 'apache/kafka:latest' }],
    ['its image is not pinned', { image: 'apache/kafka' }],
    ['has no health check', { healthcheck: undefined }],
    ['has no limits', { deploy: {} }],
    ['is open to the network', { ports: ['9092:9092'] }],
    ['SOME_PASSWORD holds a secret', { environment: { SOME_PASSWORD: 'hunter2' } }],
    ['URL holds a secret', { environment: { URL: 'redis://:hunter2@redis:6379' } }],
    ['URL holds a secret', { environment: { URL: 'redis://:${REDIS_PASSWORD:-hunter2}@redis:6379' } }],
    ['which is not there', { depends_on: { zookeeper: { condition: 'service_healthy' } } }],
    ['does not wait', { depends_on: { clickhouse: { condition: 'service_started' } } }],
    ['no volume', { volumes: ['elsewhere:/data'] }],
    ['no volume', { volumes: ['./infra/compose/nothing.conf:/etc/it'] }],
    ['no network', { networks: ['other'] }],
    ['no secret', { secrets: [{ source: 'other' }] }],
    ['nobody but root', { secrets: [{ source: 'metrics-key' }] }],
  ];
  it.each(breaks)('finds that something %s', (finding, change) => {
    expect(broken(change).some((problem) => problem.includes(finding))).toBe(true);
  });
});

describe('the image', () => {
  it('is made without .npmrc, which may hold the token of a registry', () => {
    expect(textOf('infra/docker/Dockerfile')).toMatch(/&& rm -f \.npmrc\n[\s\S]*^COPY --from=built /m);
  });
});
