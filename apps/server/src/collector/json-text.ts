/** The JSON text of what a JSON parser made, however deep: it reads deeper than `JSON.stringify` can follow. */
export const jsonTextOf = (value: unknown): string => {
  try {
    return JSON.stringify(value);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    return withoutRecursion(value);
  }
};

const withoutRecursion = (value: unknown): string => {
  const written: string[] = [];
  // What is still to be written, the next at the end: text as it stands, or a value.
  const open: (string | { readonly value: unknown })[] = [{ value }];
  for (let next = open.pop(); next !== undefined; next = open.pop())
    if (typeof next === 'string') written.push(next);
    else if (typeof next.value !== 'object' || next.value === null) written.push(JSON.stringify(next.value));
    else for (const part of partsOf(next.value).reverse()) open.push(part);
  return written.join('');
};

const partsOf = (value: object): (string | { readonly value: unknown })[] => {
  const [begin, end] = Array.isArray(value) ? ['[', ']'] : ['{', '}'];
  const entries = Object.entries(value) as [string, unknown][];
  const parts = entries.flatMap(([name, each], i) => [
    `${i > 0 ? ',' : ''}${Array.isArray(value) ? '' : `${JSON.stringify(name)}:`}`,
    { value: each },
  ]);
  return [begin as string, ...parts, end as string];
};
