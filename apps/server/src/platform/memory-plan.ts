import { totalmem } from 'node:os';

/** How much of everything is held at a time, so that the process fits into the memory that it may take. */
export interface MemoryPlan {
  /** Touchpoints that are planned and committed together, at most: the more, the less each costs. */
  readonly unitRecords: number;
  /** … and whom they name, at most: what changes of each of them is in memory until then. */
  readonly unitSubjects: number;
  /** Subjects that the pipeline remembers between units. */
  readonly rememberedSubjects: number;
  /** Of the pipeline's thread: what a unit makes dies with it. */
  readonly youngGeneration_MB: number;
  /** What ClickHouse may take; … */
  readonly warehouse_bytes: number;
  /** … and of that one question: two that do not end leave half of it to what is loaded. */
  readonly question_bytes: number;
}

const MB = 2 ** 20;

const MOST_UNIT_RECORDS = 150_000;
const LEAST_UNIT_RECORDS = 5_000;
/**
 * What the process was seen to take at its peak while it worked off a backlog of 20,000 customers (Node 24): 1.85 GB, and 13 MB
 * more for each thousand touchpoints of a unit.
 */
const BASE_MB = 1_850;
const MB_PER_THOUSAND = 13;

/**
 * As many as touchpoints of those customers come to. Of 600,000 customers who do little each, units of 150,000 touchpoints named
 * more than twice as many, and took as much more memory; smaller ones cost a tenth more for each, which is worth it only where
 * there is no memory for them.
 */
const SUBJECTS_A_RECORD = 0.3;
const MOST_UNIT_SUBJECTS = 90_000;

/**
 * Within the base, so many are remembered; where there is memory beyond a unit's, up to twice as many: those of 20,000 customers, who
 * have four identifiers each, need not be read and parsed again and again while they come one after another. Some 10 kB each,
 * with its customer.
 */
const REMEMBERED = 60_000;
const MOST_REMEMBERED = 120_000;
const REMEMBERED_A_MB = 100;

const MOST_WAREHOUSE_BYTES = 4_000_000_000;
/** Below that the largest insert would not fit: a read of the log, 96 MB as it lies there. */
const LEAST_WAREHOUSE_BYTES = 800_000_000;
const MOST_QUESTION_BYTES = 1_000_000_000;

/** Below this it may be killed amid a backlog, by what the system allows it. */
export const LEAST_MEMORY_MB = 2_000;

/** `memory_bytes`: what the process may take. */
export const memoryPlan = (memory_bytes: number): MemoryPlan => {
  const spare_MB = memory_bytes / MB - BASE_MB;
  const fitting = Math.floor((spare_MB / MB_PER_THOUSAND) * 1_000);
  const warehouse_bytes = Math.min(MOST_WAREHOUSE_BYTES, Math.max(LEAST_WAREHOUSE_BYTES, Math.floor(memory_bytes / 4)));
  const unitRecords = Math.min(MOST_UNIT_RECORDS, Math.max(LEAST_UNIT_RECORDS, fitting));
  const left_MB = Math.max(0, spare_MB - (MOST_UNIT_RECORDS / 1_000) * MB_PER_THOUSAND);
  const remembered = Math.min(REMEMBERED, Math.max(6_000, unitRecords)) + Math.floor(left_MB * REMEMBERED_A_MB);
  return {
    unitRecords,
    unitSubjects: Math.min(MOST_UNIT_SUBJECTS, Math.ceil(Math.max(unitRecords, fitting) * SUBJECTS_A_RECORD)),
    rememberedSubjects: Math.min(MOST_REMEMBERED, remembered),
    youngGeneration_MB: unitRecords >= 50_000 ? 96 : unitRecords >= 20_000 ? 48 : 24,
    warehouse_bytes,
    question_bytes: Math.min(MOST_QUESTION_BYTES, Math.floor(warehouse_bytes / 4)),
  };
};

/** What the container that it runs in allows, or else all that the machine has. */
export const memoryHere = (): number => {
  const constrained = process.constrainedMemory?.() ?? 0;
  return constrained > 0 ? Math.min(constrained, totalmem()) : totalmem();
};
