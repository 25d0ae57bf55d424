import { expect, it } from '@jest/globals';
import { partitionOf } from './partition-of.js';

it('files a key under the same partition for ever: what is stored depends on it', () => {
  expect(['', 'a', 's_00ff', '客户', '13800138000'].map((key) => partitionOf(key, 64))).toEqual([11, 51, 3, 20, 0]);
});
