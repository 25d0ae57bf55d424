import { type CommandTaken } from '@tributary/domain';
import { type CustomerId, customerNamedAfter, type SubjectId } from '@tributary/kernel';
import { type DecodedAppend } from '../decoded.js';
import { type WorkingSet } from '../working-set.js';

/**
 * Subjects whose erasure was ordered and has not been read yet. Of whoever holds one nothing is decided before: it would be told
 * behind the erasure, of what is gone by then.
 */
export class Erasing {
  /** By which commands. */
  readonly #subjects = new Map<SubjectId, Set<string>>();

  begin({ commandId, erased }: CommandTaken, isAhead: (subject: SubjectId) => boolean = () => true): void {
    for (const { subject } of erased) {
      if (!isAhead(subject)) continue;
      const commands = this.#subjects.get(subject) ?? new Set();
      this.#subjects.set(subject, commands.add(commandId));
    }
  }

  /** What it says is read: of a command, all that it erases stands behind it. */
  read({ events }: DecodedAppend): void {
    for (const { content } of events)
      if (content.kind === 'command') this.begin(content.command);
      else if (content.kind === 'erased') {
        const { subject, commandId } = content.erased;
        const commands = this.#subjects.get(subject);
        commands?.delete(commandId);
        if (commands?.size === 0) this.#subjects.delete(subject);
      }
  }

  /** Who holds any of them now. */
  async holders(set: WorkingSet): Promise<ReadonlySet<CustomerId>> {
    const subjects = [...this.#subjects.keys()];
    if (subjects.length > 0) await set.loadSubjects(subjects);
    return new Set(subjects.map((id) => set.subject(id)?.customer ?? customerNamedAfter(id)));
  }
}
