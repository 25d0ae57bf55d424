/** The longest path, in characters; a longer one leads nowhere. */
const MAX_PATH = 200;

type Found = { readonly value: unknown } | undefined;

/**
 * What stands at a path of a profile's JSON: `value.net`, `orders.recent[0].net`, `traits.email`; `undefined`: nothing does.
 * A key may hold dots itself (`activity.channels.shop.eu`): the shortest key that leads somewhere is taken first.
 */
export const valueAt = (root: unknown, path: string): Found =>
  path === '' || path.length > MAX_PATH ? undefined : follow(root, path.replace(/\[(\d+)\]/g, '.$1').split('.'));

const follow = (node: unknown, keys: readonly string[]): Found => {
  if (keys.length === 0) return { value: node };
  if (node === null || typeof node !== 'object') return undefined;
  if (Array.isArray(node)) {
    const [index = ''] = keys;
    return /^\d{1,6}$/.test(index) && Number(index) < node.length
      ? follow(node[Number(index)], keys.slice(1))
      : undefined;
  }
  for (let taken = 1; taken <= keys.length; taken++) {
    const key = keys.slice(0, taken).join('.');
    if (!Object.hasOwn(node, key)) continue;
    const found = follow((node as Record<string, unknown>)[key], keys.slice(taken));
    if (found) return found;
  }
  return undefined;
};

/** Places that a profile has even while they are empty: nobody has a tier before the first purchase. */
const nullable = ['lifecycle.relationship', 'lifecycle.buyer', 'lifecycle.tier']
  .flatMap((track) => [`${track}.stage`, `${track}.since`])
  .concat('feedback.reviews.count', 'feedback.reviews.average');

export const isNullablePath = (path: string): boolean => nullable.includes(path);

/** Every path of this profile, arrays as a whole. */
export const pathsOf = (profile: object): readonly string[] => {
  const paths = new Set(nullable);
  const descend = (node: object, prefix: string): void => {
    for (const [key, value] of Object.entries(node)) {
      paths.add(prefix + key);
      if (value !== null && typeof value === 'object' && !Array.isArray(value))
        descend(value as object, `${prefix}${key}.`);
    }
  };
  descend(profile, '');
  return [...paths];
};
