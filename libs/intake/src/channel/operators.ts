import { dates } from './operators/dates.js';
import { numbers } from './operators/numbers.js';
import { type Operators } from './operators/operator.js';
import { values } from './operators/values.js';

/** Every operator of the mapping language, by its name. */
export const operators: Operators = { ...numbers, ...dates, ...values };
