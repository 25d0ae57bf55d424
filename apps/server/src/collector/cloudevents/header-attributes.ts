import { invalid, Refusal } from '../../refusal.js';

/** What the body and its Content-Type say already; the specification forbids a header `ce-datacontenttype`. */
const saidByBody: ReadonlySet<string> = new Set(['datacontenttype', 'data', 'data_base64']);

/**
 * The attributes of an event in binary mode, by name: its `ce-…` headers, decoded. `rawHeaders` are names and values in
 * turn, as they came: joined ones would make one id of two. Throws 400 for headers that cannot be read, or where there are
 * none: the request is no event then.
 * Source: cloudevents.io, HTTP Protocol Binding 1.0.2, section 3.1.3.
 */
export const headerAttributes = (rawHeaders: readonly string[]): Readonly<Record<string, string>> => {
  // Without a prototype: a header may be called anything.
  const attributes = Object.create(null) as Record<string, string>;
  for (let at = 0; at + 1 < rawHeaders.length; at += 2) {
    const header = (rawHeaders[at] as string).toLowerCase();
    if (!header.startsWith('ce-')) continue;
    const name = header.slice('ce-'.length);
    if (saidByBody.has(name))
      throw invalid(header, 'a header says what the body and its Content-Type say', 'leave it out');
    if (name in attributes) throw invalid(header, 'the header is there more than once', 'send it once');
    attributes[name] = decoded(header, rawHeaders[at + 1] as string);
  }
  for (const _ in attributes) return attributes;
  throw new Refusal(
    400,
    'no_event',
    'the request carries no CloudEvent',
    'send the attributes as headers (ce-specversion, ce-id, ce-source, ce-type …), or the whole event as application/cloudevents+json',
    'ce-id',
  );
};

const decoded = (header: string, value: string): string => {
  // Node reads bytes beyond ASCII as Latin-1, which is not what their sender meant.
  if (!/^[\x20-\x7e]*$/.test(value)) throw badlyEncoded(header);
  try {
    return decodeURIComponent(unquoted(value));
  } catch {
    throw badlyEncoded(header);
  }
};

/** Earlier versions of the specification put values with spaces or quotes into double quotes. */
const unquoted = (value: string): string => {
  const quoted = /^"((?:[^"\\]|\\.)*)"$/.exec(value)?.[1];
  return quoted === undefined ? value : quoted.replace(/\\(.)/g, '$1');
};

const badlyEncoded = (header: string): Refusal =>
  invalid(
    header,
    'the header is not percent-encoded UTF-8',
    'encode spaces, quotes, percent signs and what is not printable ASCII, each byte of UTF-8 as %xy',
  );
