import { type JsonSchema } from '@tributary/contracts';
import { schemasIn } from './schemas-in.js';
import { schemasOps } from './schemas-ops.js';
import { schemasOut } from './schemas-out.js';

export const componentSchemas: Readonly<Record<string, JsonSchema>> = { ...schemasIn, ...schemasOut, ...schemasOps };
