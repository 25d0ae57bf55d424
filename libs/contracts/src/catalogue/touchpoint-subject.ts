import { type TouchpointType } from '@tributary/domain';

const namespace = 'tributary.touchpoint';

/** `order_placed` → `OrderPlaced`: folder and record name of a type. */
export const recordNameOf = (type: TouchpointType): string =>
  type.replace(/(?:^|_)([a-z])/g, (_, letter: string) => letter.toUpperCase());

/** `order_placed` → `tributary.touchpoint.OrderPlaced`: the registry's subject. */
export const subjectOfType = (type: TouchpointType): string => `${namespace}.${recordNameOf(type)}`;
