/**
 * While the server is bound to loopback, the only thing between a web page and the data is the browser's word on whom it
 * thinks it talks to (Host) and which page asks (Origin). Both are checked on every route: Host against DNS rebinding,
 * Origin and Sec-Fetch-Site against requests forged by another site's page.
 */
const names = new Set(['localhost', '127.0.0.1', '[::1]']);

/** Whether a server bound to this address can be reached from this machine only. */
export const isLoopback = (host: string): boolean =>
  host === 'localhost' || host === '::1' || /^127(\.\d{1,3}){3}$/.test(host);

/** `undefined` if the header is no `name[:port]`. */
const parseHost = (header: string): { name: string; port: number } | undefined => {
  const match = /^(\[[0-9a-f:]+\]|[a-z0-9.-]+)(?::(\d{1,5}))?$/i.exec(header);
  return match
    ? { name: (match[1] as string).toLowerCase(), port: match[2] === undefined ? 80 : Number(match[2]) }
    : undefined;
};

/** Whether a Host header names this machine by a loopback name, with the port that the request came in by. */
export const isOwnHost = (header: string | undefined, port: number): boolean => {
  const host = header === undefined ? undefined : parseHost(header);
  return host !== undefined && names.has(host.name) && host.port === port;
};

/** Whether the page that asks is our own: no Origin at all (not a browser, or a plain read), or the Host's. */
export const isOwnOrigin = (origin: string | undefined, hostHeader: string | undefined): boolean =>
  origin === undefined ||
  (hostHeader !== undefined && (origin === `http://${hostHeader}` || origin === `https://${hostHeader}`));

/** A link from elsewhere to our page is fine; a script, image or fetch of another site is not. */
export const isForeignFetch = (headers: Readonly<Record<string, string | string[] | undefined>>): boolean => {
  const site = headers['sec-fetch-site'];
  if (site === undefined || site === 'same-origin' || site === 'none') return false;
  return headers['sec-fetch-mode'] !== 'navigate';
};

/** Each proxy has its own way to say so, and some of those only say by which scheme they were asked. */
const relayed = /^(forwarded|x-forwarded(-.+)?|via|x-real-ip|x-client-ip|true-client-ip|cf-connecting-ip)$/;

/** Whether a proxy handed the request on, and says so: then whoever asks is not on this machine because the proxy is. */
export const isForwarded = (headers: Readonly<Record<string, string | string[] | undefined>>): boolean =>
  Object.keys(headers).some((name) => relayed.test(name));
