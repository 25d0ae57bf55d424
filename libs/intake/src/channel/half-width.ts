/**
 * Full-width digits, letters and signs (１２．５０, ￥) as the plain ones that they look like; nothing else is touched, for NFKC
 * would make 10² into 102.
 */
export const halfWidth = (text: string): string =>
  text.replace(/[\uff01-\uff5e\u3000\uffe5]/g, (c) =>
    c === '\u3000' ? ' ' : c === '\uffe5' ? '¥' : String.fromCharCode(c.charCodeAt(0) - 0xfee0),
  );
