/**
 * Where an engine is, as `host:port` or several apart by commas: for logs. Of a URL that its adapter has read already, so that
 * whatever stands before the last `@` is a user and a password.
 */
export const placeOf = (url: string): string => {
  const [beginning = ''] = url.replace(/^[\w+]+:\/\//, '').split('?');
  return beginning.slice(beginning.lastIndexOf('@') + 1).split('/')[0] ?? '';
};
