/** What the files of a store directory are called. */
import path from 'node:path'

const SEQUENCE_DIGITS = 10
const SEGMENT = /^log-(\d{10})$/
const SNAPSHOT = /^snapshot-(\d{10})$/
const UNFINISHED = '.unfinished'

export interface StoreFiles {
  /** Numbers in ascending order. */
  readonly segments: readonly number[]
  readonly snapshots: readonly number[]
  /** Names of files that a crash left half made. */
  readonly unfinished: readonly string[]
}

export function segmentFile(directory: string, sequence: number): string {
  return path.join(directory, `log-${String(sequence).padStart(SEQUENCE_DIGITS, '0')}`)
}

export function snapshotFile(directory: string, sequence: number): string {
  return path.join(directory, `snapshot-${String(sequence).padStart(SEQUENCE_DIGITS, '0')}`)
}

/** A file is made under this name and renamed when it is complete. */
export function unfinished(file: string): string {
  return `${file}${UNFINISHED}`
}

export function sortFiles(names: readonly string[]): StoreFiles {
  const numbers = (pattern: RegExp): number[] =>
    names.flatMap((name) => pattern.exec(name)?.[1] ?? []).map(Number)
  return {
    segments: numbers(SEGMENT).sort((a, b) => a - b),
    snapshots: numbers(SNAPSHOT).sort((a, b) => a - b),
    unfinished: names.filter((name) => name.endsWith(UNFINISHED)),
  }
}
