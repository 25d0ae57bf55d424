/**
 * A small map as an array of entries, sorted by key. Its JSON text is canonical as it stands, it takes little memory,
 * and keys from outside (order numbers, trait names) cannot collide with what objects inherit (`constructor`,
 * `__proto__`). Made for tens of entries; look-up is by bisection.
 */
export type Keyed<V> = [key: string, value: V][];

/** Index of the key, or the bitwise complement of where it would stand. */
const indexIn = (map: Keyed<unknown>, key: string): number => {
  let low = 0;
  let high = map.length - 1;
  while (low <= high) {
    const middle = (low + high) >> 1;
    const there = (map[middle] as [string, unknown])[0];
    if (there === key) return middle;
    if (there < key) low = middle + 1;
    else high = middle - 1;
  }
  return ~low;
};

export const valueIn = <V>(map: Keyed<V>, key: string): V | undefined => {
  const index = indexIn(map, key);
  return index < 0 ? undefined : (map[index] as [string, V])[1];
};

export const setIn = <V>(map: Keyed<V>, key: string, value: V): void => {
  const index = indexIn(map, key);
  if (index >= 0) (map[index] as [string, V])[1] = value;
  else if (~index === map.length) map.push([key, value]);
  else map.splice(~index, 0, [key, value]);
};

/** The value under the key, made where there was none. */
export const ensureIn = <V>(map: Keyed<V>, key: string, make: () => V): V => {
  const index = indexIn(map, key);
  if (index >= 0) return (map[index] as [string, V])[1];
  const value = make();
  if (~index === map.length) map.push([key, value]);
  else map.splice(~index, 0, [key, value]);
  return value;
};

export const deleteIn = (map: Keyed<unknown>, key: string): void => {
  const index = indexIn(map, key);
  if (index >= 0) map.splice(index, 1);
};

/** Both maps as one; the values of keys that both hold are merged. Neither is changed; where one is empty the answer *is* the other. */
export const mergeKeyed = <V>(a: Keyed<V>, b: Keyed<V>, merge: (x: V, y: V) => V): Keyed<V> => {
  if (a.length === 0) return b;
  if (b.length === 0) return a;
  const merged: Keyed<V> = [];
  let i = 0;
  let j = 0;
  while (i < a.length && j < b.length) {
    const x = a[i] as [string, V];
    const y = b[j] as [string, V];
    if (x[0] === y[0]) {
      merged.push([x[0], merge(x[1], y[1])]);
      i += 1;
      j += 1;
    } else if (x[0] < y[0]) {
      merged.push(x);
      i += 1;
    } else {
      merged.push(y);
      j += 1;
    }
  }
  while (i < a.length) merged.push(a[i++] as [string, V]);
  while (j < b.length) merged.push(b[j++] as [string, V]);
  return merged;
};
