import { type ColumnSpec } from './table-spec.js';

export const at = "DateTime64(3,'UTC')";
export const low = 'LowCardinality(String)';
export const money = 'Decimal(18,4)';

/** Where a row came from: the log position that makes loading resumable, and the intake event that let it in. */
export const position: readonly ColumnSpec[] = [
  { name: 'source_topic', type: low, comment: 'Log topic that the touchpoint was read from', technical: true },
  { name: 'source_partition', type: 'UInt32', comment: 'Partition of the topic', technical: true },
  { name: 'source_offset', type: 'UInt64', comment: 'Offset of the record in the partition', technical: true },
  {
    name: 'intake_position',
    type: 'UInt64',
    comment:
      'Position in the event store of the BatchTaken event that covers the record; the loader resumes after the highest one',
    technical: true,
  },
];

export const touchpoint: readonly ColumnSpec[] = [
  {
    name: 'subject_id',
    type: 'String',
    comment: "Subject under which the touchpoint is filed (s_ and 32 hex); '' if nobody is named",
  },
  { name: 'channel', type: low, comment: 'Channel that it came through' },
  { name: 'message_id', type: 'String', comment: "The producer's id of the touchpoint, unique within its channel" },
  { name: 'occurred_at', type: at, comment: 'When it happened (event time, UTC)' },
  { name: 'received_at', type: at, comment: 'When the platform accepted it (processing time, UTC)' },
];

/** Attribution: what the link said that led here. Pages, sessions and orders may state it. */
export const campaign: readonly ColumnSpec[] = [
  { name: 'campaign_name', type: low, comment: "Campaign that led here (utm_campaign); '' if not stated" },
  { name: 'campaign_source', type: low, comment: "Where it was seen (utm_source); '' if not stated" },
  {
    name: 'campaign_medium',
    type: low,
    comment: "By which means, such as cpc or email (utm_medium); '' if not stated",
  },
  { name: 'campaign_term', type: 'String', comment: "Search word that was paid for (utm_term); '' if not stated" },
  {
    name: 'campaign_content',
    type: 'String',
    comment: "Which of several links or pictures it was (utm_content); '' if not stated",
  },
];
