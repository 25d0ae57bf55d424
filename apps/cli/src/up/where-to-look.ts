import { resolve } from 'node:path';
import { type SampleKeys } from './feed-history.js';
import { SAMPLE_MEMBER } from './sample-marker.js';
import { pairs } from '../print/table.js';

export interface Running {
  readonly url: string;
  readonly sqlUrl: string | null;
  readonly dataDir: string;
  /** What `up` made now; shown this once. */
  readonly keys: SampleKeys;
  readonly hasSample: boolean;
}

const event = (channel: string): string =>
  JSON.stringify({
    type: 'page_viewed',
    messageId: 'try-1',
    occurredAt: Date.now(),
    identifiers: [{ type: 'cookie', value: 'ck-try' }],
    payload: { path: `/hello-${channel}` },
  });

/** As one word of a POSIX shell, whatever the folder is called. */
const forShell = (text: string): string => `'${text.replaceAll("'", `'\\''`)}'`;

/** What a person wants to know when the platform runs: in the order in which they try it. */
export const whereToLook = ({ url, sqlUrl, dataDir, keys, hasSample }: Running): string => {
  const made = Object.entries(keys);
  const [channel, key] = made.find(([name]) => name === 'web_shop') ?? made[0] ?? ['my_shop', '<key>'];
  // Without it, a command would look at, and begin, another folder.
  const folder = dataDir === resolve('data') ? '' : ` --data ${forShell(dataDir)}`;
  const lines = [
    '',
    'Tributary is running.  客户数据平台已启动。',
    '',
    pairs(
      [
        ['Page 页面', `${url}/`],
        ['API 接口', `${url}/docs`],
        ['Health 健康', `${url}/health/ready   metrics: ${url}/metrics`],
        ...(sqlUrl === null
          ? []
          : ([['SQL 查询', `${sqlUrl}/   (ClickHouse’s HTTP interface, read only)`]] as [string, string][])),
        ['Data 数据', dataDir],
      ],
      '  ',
    ),
    'Customers 客户',
    `  curl '${url}/v1/customers?limit=5'`,
    `  npx tributary profile ${hasSample ? `member_no=${SAMPLE_MEMBER}` : 'phone=<number>'}${folder}`,
    '',
    ...(sqlUrl === null
      ? []
      : [
          'What customers are worth, in SQL 用 SQL 查看客户价值',
          `  curl '${sqlUrl}/' --data 'SELECT * FROM customer_value LIMIT 5 FORMAT PrettyCompact'`,
          `  npx tributary sql "SHOW TABLES"${folder}`,
          '',
        ]),
    'Each change as it happens 实时订阅',
    `  curl -N '${url}/v1/profile-events?from=beginning'`,
    '',
    'Send a touchpoint 发送触点',
    `  curl '${url}/v1/touchpoints' -u '${key}:' -H 'content-type: application/json' \\`,
    `    --data '${event(channel)}'`,
    '',
    ...keyLines(made, hasSample, folder),
    'Stop with Ctrl-C.  按 Ctrl-C 停止。',
    '',
  ];
  return `${lines.join('\n')}\n`;
};

const keyLines = (
  made: readonly (readonly [string, string])[],
  hasSample: boolean,
  folder: string,
): readonly string[] =>
  made.length > 0
    ? ['Write keys, made now and shown this once 写入密钥（仅显示一次）', pairs(made, '  ')]
    : [
        hasSample ? 'The write keys were shown at the first start; make another with' : 'Make a write key with',
        `  npx tributary key create --channel my_shop${folder}`,
        '',
      ];
