import { describe, expect, it } from '@jest/globals';
import { readFileSync } from 'node:fs';
import { constants, getPriority } from 'node:os';
import { threadInBackground } from './background.js';

const onLinux = process.platform === 'linux' ? describe : describe.skip;

onLinux('a thread that gives way', () => {
  it('may have ended meanwhile', () => {
    const beyondAll = Number(readFileSync('/proc/sys/kernel/pid_max', 'utf8')) + 1;
    expect(() => getPriority(beyondAll)).toThrow('ESRCH');
    expect(() => threadInBackground(beyondAll, constants.priority.PRIORITY_LOW)).not.toThrow();
  });

  it('is told of what is wrong otherwise', () => {
    expect(() => threadInBackground(0, 99)).toThrow('priority');
  });
});
