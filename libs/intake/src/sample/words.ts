/** The sample's vocabulary. All made up: common names thrown together by chance, a shop that does not exist. */

export const zhFamilyNames = [
  '王',
  '李',
  '张',
  '刘',
  '陈',
  '杨',
  '赵',
  '黄',
  '周',
  '吴',
  '徐',
  '孙',
  '胡',
  '朱',
  '高',
  '林',
  '何',
  '郭',
  '马',
  '罗',
] as const;
export const zhGivenNames = {
  female: [
    '芳',
    '娜',
    '敏',
    '静',
    '秀英',
    '丽',
    '艳',
    '娟',
    '欣怡',
    '梓涵',
    '雨桐',
    '诗涵',
    '思颖',
    '晓燕',
    '佳琪',
    '雅婷',
  ],
  male: [
    '伟',
    '强',
    '磊',
    '军',
    '洋',
    '勇',
    '杰',
    '涛',
    '浩然',
    '子轩',
    '宇航',
    '俊杰',
    '志强',
    '建国',
    '文博',
    '明轩',
  ],
} as const;
/** How the characters above sound, for e-mail addresses. */
export const pinyin: Readonly<Record<string, string>> = {
  王: 'wang',
  李: 'li',
  张: 'zhang',
  刘: 'liu',
  陈: 'chen',
  杨: 'yang',
  赵: 'zhao',
  黄: 'huang',
  周: 'zhou',
  吴: 'wu',
  徐: 'xu',
  孙: 'sun',
  胡: 'hu',
  朱: 'zhu',
  高: 'gao',
  林: 'lin',
  何: 'he',
  郭: 'guo',
  马: 'ma',
  罗: 'luo',
};
export const enFamilyNames = [
  'Baker',
  'Carter',
  'Dixon',
  'Ellis',
  'Foster',
  'Grant',
  'Hughes',
  'Irving',
  'Jensen',
  'Keller',
  'Lawson',
  'Mercer',
] as const;
export const enGivenNames = {
  female: ['Alice', 'Clara', 'Emma', 'Grace', 'Hannah', 'Julia', 'Laura', 'Nora'],
  male: ['Adam', 'Ben', 'Daniel', 'Edward', 'Henry', 'Jack', 'Oliver', 'Thomas'],
} as const;

export const cities = [
  ['上海', '上海'],
  ['北京', '北京'],
  ['广东', '广州'],
  ['广东', '深圳'],
  ['浙江', '杭州'],
  ['江苏', '南京'],
  ['江苏', '苏州'],
  ['四川', '成都'],
  ['湖北', '武汉'],
  ['陕西', '西安'],
  ['重庆', '重庆'],
  ['湖南', '长沙'],
  ['山东', '青岛'],
  ['福建', '厦门'],
] as const;

export const occupations = [
  '教师',
  '工程师',
  '设计师',
  '会计',
  '护士',
  '销售',
  '公务员',
  '自由职业',
  '学生',
  '店主',
] as const;

/** Id, name, least and highest price in fen. */
export type Product = readonly [id: string, name: string, least: number, most: number];

/** Products by category. */
export const catalogue: readonly (readonly [category: string, products: readonly Product[]])[] = [
  [
    '厨房用品',
    [
      ['K-101', '不锈钢炒锅', 15900, 39900],
      ['K-102', '陶瓷餐具套装', 9900, 29900],
      ['K-103', '保温杯', 5900, 19900],
      ['K-104', '电饭煲', 29900, 89900],
    ],
  ],
  [
    '家居',
    [
      ['H-201', '纯棉四件套', 19900, 69900],
      ['H-202', '香薰蜡烛', 3900, 12900],
      ['H-203', '收纳箱', 2900, 9900],
      ['H-204', '记忆棉枕', 8900, 25900],
    ],
  ],
  [
    '数码',
    [
      ['D-301', '蓝牙耳机', 19900, 129900],
      ['D-302', '充电宝', 7900, 25900],
      ['D-303', '智能手表', 49900, 249900],
      ['D-304', '机械键盘', 19900, 79900],
    ],
  ],
  [
    '户外',
    [
      ['O-401', '登山包', 19900, 79900],
      ['O-402', '帐篷', 39900, 159900],
      ['O-403', '保暖内衣', 9900, 35900],
    ],
  ],
  [
    '美妆',
    [
      ['B-501', '面霜', 12900, 59900],
      ['B-502', '洗面奶', 4900, 15900],
      ['B-503', '面膜礼盒', 8900, 29900],
    ],
  ],
  [
    '母婴',
    [
      ['M-601', '婴儿推车', 59900, 259900],
      ['M-602', '纸尿裤', 8900, 25900],
      ['M-603', '儿童绘本', 2900, 15900],
    ],
  ],
  [
    '茶与食品',
    [
      ['F-701', '龙井茶', 12900, 89900],
      ['F-702', '坚果礼盒', 8900, 29900],
      ['F-703', '手冲咖啡豆', 5900, 19900],
    ],
  ],
];

export const payments = ['wechat_pay', 'alipay', 'card'] as const;
export const topics = ['物流查询', '退换货', '发票', '商品咨询', '会员积分', '投诉', '安装预约'] as const;
export const outcomes = ['已解决', '已转接', '待回访', '已登记'] as const;
export const priorities = ['低', '普通', '高', '紧急'] as const;
export const callSummaries = [
  '客户询问包裹到达时间，已告知。',
  '客户希望更换颜色，已登记。',
  '客户要求开具发票，已处理。',
  '客户反映包装破损，已道歉并补发。',
  'Asked about the warranty; explained.',
] as const;
export const praise = [
  '质量很好，物流也快。',
  '比想象中还好用，推荐。',
  '包装精美，送礼合适。',
  'Good value, would buy again.',
] as const;
export const blame = ['颜色与图片不符。', '用了两周就坏了。', '客服回复太慢。', 'Smaller than expected.'] as const;
export const postTitles = [
  '新锅开锅要注意什么？',
  '周末露营装备清单',
  '大家的耳机能用多久？',
  '分享我的收纳方法',
  'Which tea keeps best in summer?',
  '求推荐适合老人的手表',
] as const;
export const replies = [
  '同问。',
  '我用了一年，没问题。',
  '谢谢分享！',
  '建议看看说明书第三页。',
  'Same here.',
] as const;
export const tags = ['厨房', '露营', '数码', '收纳', '茶', '送礼', '售后'] as const;
export const searches = [
  '炒锅',
  '蓝牙耳机',
  '礼盒',
  '帐篷',
  '四件套',
  '儿童手表',
  '龙井',
  '保温杯',
  'power bank',
  '面霜',
] as const;
export const interests = ['烹饪', '露营', '摄影', '茶道', '健身', '育儿', '数码', '旅行'] as const;
export const badges = [
  ['初来乍到', '铜'],
  ['热心回复', '银'],
  ['年度达人', '金'],
] as const;
