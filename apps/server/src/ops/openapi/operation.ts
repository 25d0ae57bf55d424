import { type JsonSchema } from '@tributary/contracts';
import { type Needs } from '../../access/gate.js';

/** One route, as its description is written; the OpenAPI document is made of these. */
export interface Operation {
  readonly route: string;
  readonly summary: string;
  readonly description?: string;
  readonly tag: 'in' | 'customers' | 'feed' | 'operations' | 'schemas' | 'page';
  readonly needs: Needs;
  readonly parameters?: readonly Parameter[];
  /** What the parts of the address are that its route names; any text unless told. */
  readonly places?: Readonly<Record<string, JsonSchema>>;
  readonly body?: Body & {
    /** By media type: other forms that it may have than JSON as such. */
    readonly others?: Readonly<Record<string, Body>>;
  };
  readonly answers: Readonly<Record<string, Answer>>;
}

export interface Body {
  readonly schema: JsonSchema;
  readonly example?: unknown;
}

export interface Parameter {
  readonly name: string;
  readonly in: 'query' | 'header';
  readonly description: string;
  readonly schema?: JsonSchema;
  readonly required?: boolean;
}

export interface Answer {
  readonly description: string;
  /** Media type; JSON if absent. */
  readonly type?: string;
  readonly schema?: JsonSchema;
}

export const ref = (name: string): JsonSchema => ({ $ref: `#/components/schemas/${name}` });

export const header = (name: string, description: string, schema: JsonSchema = { type: 'string' }): Parameter => ({
  name,
  in: 'header',
  description,
  schema,
});

export const query = (name: string, description: string, schema: JsonSchema = { type: 'string' }): Parameter => ({
  name,
  in: 'query',
  description,
  schema,
});
