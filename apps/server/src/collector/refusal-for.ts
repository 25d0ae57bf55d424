import { type Problem } from '@tributary/contracts';
import { Refusal } from '../refusal.js';

/** The refusal of a whole request for what is wrong with the one thing that it brings. */
export const refusalFor = ({ code, field, found, expected, remedy }: Problem, status: number): Refusal =>
  new Refusal(status, code, `found ${found}, expected ${expected}`, remedy, field);
