import { isCustomerId, isSubjectId } from '@tributary/kernel';
import { usage } from './failure.js';
import { type When, type Who } from './http/api.js';
import { type Client } from './http/client.js';

export const whoHelp = 'a customer id (c_…), or an identifier as type=value: phone=…, email=…, member_no=…';

/** @throws Failure (usage); the value is not quoted, it may be a person's phone number in a log */
export const parseWho = (text: string): Who => {
  if (isCustomerId(text)) return { id: text };
  if (isSubjectId(text)) return { id: `c_${text.slice(2)}` };
  const equals = text.indexOf('=');
  const type = text.slice(0, equals);
  if (equals > 0 && /^[a-z][a-z0-9_]*$/.test(type) && equals < text.length - 1)
    return { type, value: text.slice(equals + 1) };
  throw usage('this names nobody', `write ${whoHelp}`);
};

/** The customer's id; whoever it was at a moment, if one is given. */
export const customerIdOf = async (client: Client, who: Who, when?: When): Promise<string> =>
  (await client.find(who, when)).customerId;
