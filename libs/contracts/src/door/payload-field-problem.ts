import { type TouchpointType } from '@tributary/domain';
import { type Field } from './field.js';
import { payloadFields } from './payload-fields.js';
import { type Problem, Refusal } from './problem.js';

/**
 * What the door says to one field of a payload, looked at alone; `null`: it takes the value, or knows no field of this name.
 * For whoever states a value once for all touchpoints, and wants to hear of it before there are any.
 */
export const payloadFieldProblem = (type: TouchpointType, name: string, value: unknown): Problem | null => {
  const fields: Readonly<Record<string, Field<unknown>>> = payloadFields[type];
  try {
    if (Object.hasOwn(fields, name)) fields[name]?.at(`payload.${name}`)(value);
    return null;
  } catch (error) {
    if (error instanceof Refusal) return error.problem;
    throw error;
  }
};
