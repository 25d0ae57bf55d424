import { SOURCE, sequenceText } from './cloud-event.js';

const message =
  /^\{"id":"([^"\\]*)","type":"([^"\\]*)","customerId":"([^"\\]*)","at":"([^"\\]*)","sequence":(\d+),"data":(.*)\}$/s;

interface Bound {
  readonly value: Uint8Array;
  readonly headers: Readonly<Record<string, string>>;
}
type Headers = Readonly<Record<string, unknown>>;

/**
 * CloudEvents’ Kafka binding, binary mode: attributes are headers, the value is `data` alone, the key is the partition key.
 * Source: cloudevents.io, Kafka Protocol Binding 1.0.2, section 3.2.
 *
 * Both ways keep the text of `ProfileEventMessage` byte for byte, since it is compared so.
 */
export const profileEventBinding = {
  bind: (value: Uint8Array): Bound | undefined => {
    const parts = message.exec(Buffer.from(value.buffer, value.byteOffset, value.byteLength).toString());
    if (!parts) return undefined;
    const [, id = '', type = '', customerId = '', at = '', sequence = '', data = ''] = parts;
    return {
      value: Buffer.from(data),
      headers: {
        ce_specversion: '1.0',
        ce_id: id,
        ce_source: SOURCE,
        ce_type: type,
        ce_subject: customerId,
        ce_time: at,
        ce_partitionkey: customerId,
        ce_sequence: sequenceText(Number(sequence)),
        'content-type': 'application/json',
      },
    };
  },
  unbind: (value: Uint8Array, headers: Headers): Uint8Array => {
    const { ce_id, ce_type, ce_subject, ce_time, ce_sequence } = headers;
    if (ce_id === undefined) return value;
    const data = Buffer.from(value.buffer, value.byteOffset, value.byteLength).toString();
    return Buffer.from(
      `{"id":"${String(ce_id)}","type":"${String(ce_type)}","customerId":"${String(ce_subject)}","at":"${String(ce_time)}","sequence":${Number(String(ce_sequence))},"data":${data}}`,
    );
  },
};
