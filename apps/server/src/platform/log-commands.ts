import { type Clock, type DocumentStore, type Log } from '@tributary/kernel';
import { awaitOutcome, type Command, isOfAnother, type KeptOutcome, submitCommand } from '@tributary/pipeline';
import { type CommandOutcome, type CustomerCommands, type Order } from '../profiles/customer-commands.js';

/** How long a caller waits for the pipeline to come to a command; it is durable before, and is done later all the same. */
const PATIENCE_MS = 20_000;

const idOfAnother: CommandOutcome = {
  status: 'refused',
  code: 'idempotency_key_reused',
  message: 'this key was used for another command; nothing was done',
};

/** Commands by way of the log: durable first, carried out in order by the pipeline, once. */
export const logCommands = (log: Log, documents: DocumentStore, clock: Clock): CustomerCommands => {
  const submit = async (command: Command): Promise<CommandOutcome> => {
    // A repeat of a command that has been carried out is answered with what came of it.
    const [known] = await documents.get('outcome', [command.id]);
    if (known === undefined) await submitCommand(log, command);
    // Also when it was submitted here: of two that came at the same moment the log's first was carried out, and no other.
    const outcome: KeptOutcome | undefined = await awaitOutcome(documents, command.id, PATIENCE_MS);
    if (outcome === undefined) return { status: 'pending' };
    if (isOfAnother(outcome, command)) return idOfAnother;
    const { order: _order, ...told } = outcome;
    return told;
  };
  const said = ({ commandId, by, reason }: Order) => ({ id: commandId, at: clock.now(), by, reason });
  return {
    merge: (customer, other, order) => submit({ type: 'merge', ...said(order), customer, other }),
    unmerge: (customer, subject, order, stays) =>
      submit({ type: 'unmerge', ...said(order), customer, subject, ...(stays !== undefined && { stays }) }),
    erase: (customer, order) => submit({ type: 'erase', ...said(order), customer }),
  };
};
