import { PassThrough } from 'node:stream';
import { expect, test } from '@jest/globals';
import { type Settings } from '../settings.js';
import { type Surroundings, type Terminal } from '../surroundings.js';
import { toldOfWaits } from './engine-wait.js';

const told = (isTTY: boolean, more: Partial<Settings> = {}) => {
  const stderr: Terminal = Object.assign(new PassThrough(), { isTTY });
  const settings = { dataDir: '.', json: false, quiet: false, debug: false, ...more };
  const { onWait } = toldOfWaits(settings, { stderr } as Surroundings);
  onWait?.({ engine: 'log', at: 'house:9092', reason: 'kafka: no broker answers' });
  onWait?.({ engine: 'log', at: 'house:9092', reason: null });
  return onWait && String((stderr as PassThrough).read() ?? '');
};

test('on a terminal it is said in words for which engine it waits, and that it is there', () => {
  expect(told(true)).toBe(
    'waiting up to half a minute for the log (Kafka) at house:9092: kafka: no broker answers  正在等待日志（Kafka）…\n' +
      'the log (Kafka) is there  日志（Kafka）已就绪\n',
  );
});

test('elsewhere, and to machines, the log tells', () => {
  expect([told(false), told(true, { quiet: true }), told(true, { json: true })]).toEqual([
    undefined,
    undefined,
    undefined,
  ]);
});
