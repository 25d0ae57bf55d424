import { type JsonObject } from '../../channel/model.js';
import { type Chance } from '../chance.js';
import { type Person } from '../people.js';
import * as words from '../words.js';

export const page = (p: Person, c: Chance): JsonObject => {
  const [category, products] = c.happens(0.7) ? p.favourite : c.pick(words.catalogue);
  const [productId, title] = c.pick(products);
  return { path: `/p/${productId}`, title, productId, category };
};
