import { expect, test } from '@jest/globals';
import { stagesReadiness } from './stages-readiness.js';
import { type Stages } from './start-stages.js';

const well = { trouble: () => null };
const stages = (warehouse: object): Stages =>
  ({ pipeline: well, readers: well, relay: null, warehouse: { ...well, held: () => null, ...warehouse } }) as Stages;

test('a stage in trouble makes all not ready', () => {
  expect(stagesReadiness(stages({}))).toEqual({
    ready: true,
    checks: { pipeline: 'ok', warehouse: 'ok', reads: 'ok', sql: 'ok' },
  });
  expect(stagesReadiness(stages({ trouble: () => 'no disk' }))).toMatchObject({
    ready: false,
    checks: { warehouse: 'no disk' },
  });
});

test('whoever may only ask cannot take the doors from behind a load balancer: held places are told, and no more', () => {
  expect(stagesReadiness(stages({ held: () => '2 questions' }))).toMatchObject({
    ready: true,
    checks: { warehouse: 'ok', sql: '2 questions' },
  });
});
