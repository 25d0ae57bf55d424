import { describe, expect, it } from '@jest/globals';
import { settingNames } from '@tributary/server';
import { misspeltSettings } from './misspelt.js';

const toldOf = (...names: string[]) =>
  misspeltSettings(Object.fromEntries(names.map((name) => [name, 'x'])), settingNames).map(
    ({ name, meant }) => `${name}: ${meant}`,
  );

describe('names in the environment that nothing reads', () => {
  it('are told where they are nearly one that is read', () => {
    expect(toldOf('TRIBUTARY_PROFILE_URL', 'TRIBUTARY_KAFKA_PASWORD', 'TRIBUTARY_COLECTOR_URL')).toEqual([
      'TRIBUTARY_PROFILE_URL: TRIBUTARY_PROFILES_URL',
      'TRIBUTARY_KAFKA_PASWORD: TRIBUTARY_KAFKA_PASSWORD',
      'TRIBUTARY_COLECTOR_URL: TRIBUTARY_COLLECTOR_URL',
    ]);
  });

  it('are let be where they are of somebody else, as Kubernetes names its services, or known', () => {
    expect(toldOf('TRIBUTARY_API_SERVICE_HOST', 'TRIBUTARY_PORT', 'TRIBUTARY_API_PORT_8081_TCP_ADDR')).toEqual([]);
    expect(toldOf('TRIBUTARY_METRICS_KEY', 'TRIBUTARY_VERSION', 'TRIBUTARY_TEST_KAFKA_URL')).toEqual([]);
    expect(toldOf(...settingNames, 'TRIBUTARY_HOST', 'TRIBUTARY_DATA', 'TRIBUTARY_MEMORY', 'TRIBUTARY_DEBUG')).toEqual(
      [],
    );
  });
});
