import { type Instant } from '@tributary/kernel';
import { type JsonObject } from '../../channel/model.js';
import { type Chance } from '../chance.js';
import { type Person } from '../people.js';

export type SampleChannel = 'call_centre' | 'web_shop' | 'app' | 'community';

export type Named = readonly (readonly [type: string, value: string])[];
export type Made = readonly [type: string, named: Named, payload: JsonObject];

export interface Setting {
  readonly seed: number;
  readonly n: number;
  readonly at: Instant;
  readonly prefix: string;
}

/** What a person does, as its channel's own system tells of it. */
export type Maker = (person: Person, c: Chance, setting: Setting) => Made;
