/** What the course is made of: lines for a shell, and what they should write. */

/** Written once, and as wanted: `<age>` and the like stand for what differs (see kubectl.ts). */
export interface Line {
  readonly run: string
  readonly writes: string
}

/** Tried until it writes what is wanted, as somebody who waits for the cluster would. */
export interface Wait {
  readonly until: string
  readonly writes: string
}

export type CourseStep = Line | Wait

export interface Chapter {
  readonly title: string
  readonly steps: readonly CourseStep[]
}
